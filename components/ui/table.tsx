import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { classNames } from "./class-names";

/** A dense table in a frame of hairlines; wider than the screen, it scrolls by itself, not the page. */
export function Table({ label, className, children, ...rest }: ComponentProps<"table"> & { label: string }) {
  return (
    // A scrolling region must be reachable by keyboard (WCAG 2.1.1). Positioned, so that words for readers only, which
    // are placed absolutely, scroll with it and do not widen the page.
    <section
      aria-label={label}
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border border-line bg-surface focus-visible:rounded-lg"
    >
      <table className={classNames("w-full border-collapse text-left text-sm", className)} {...rest}>
        {children}
      </table>
    </section>
  );
}

export function TableHead({ children }: { children: ReactNode }) {
  return (
    <thead className="border-b border-line bg-sunken">
      <tr>{children}</tr>
    </thead>
  );
}

const headCell = "caption h-8 whitespace-nowrap px-3 text-left first:pl-4 last:pr-4";

export function ColumnHead({ className, ...rest }: ComponentProps<"th">) {
  return <th scope="col" className={classNames(headCell, className)} {...rest} />;
}

export type Direction = "ascending" | "descending";

interface SortableProps {
  children: ReactNode;
  /** The list sorted by this column, the other way round when it is already. */
  href: string;
  /** Undefined when the list is sorted by another column. */
  direction: Direction | undefined;
  className?: string;
}

/** The head of a column by which the list can be sorted: a link, since the order lives in the address. */
export function SortableColumnHead({ children, href, direction, className }: SortableProps) {
  const Icon = direction === "ascending" ? ArrowUp : direction === "descending" ? ArrowDown : ChevronsUpDown;
  return (
    <th scope="col" aria-sort={direction ?? "none"} className={classNames(headCell, className)}>
      <Link
        href={href}
        scroll={false}
        prefetch={false}
        className={classNames(
          "-mx-1 inline-flex items-center gap-1 rounded-sm px-1 hover:text-ink",
          direction && "text-ink",
        )}
      >
        {children}
        <Icon aria-hidden className={classNames("size-3", !direction && "opacity-40")} />
      </Link>
    </th>
  );
}

export function TableRow({ className, ...rest }: ComponentProps<"tr">) {
  return <tr className={classNames("table-row-line", className)} {...rest} />;
}

export function Cell({ className, ...rest }: ComponentProps<"td">) {
  return <td className={classNames("table-row-cell", className)} {...rest} />;
}

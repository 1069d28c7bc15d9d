import { X } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { classNames } from "./class-names";

interface Props {
  children: ReactNode;
  /** The list with, or without, what the chip stands for. */
  href: string;
  active: boolean;
  count?: number;
  icon?: ReactNode;
}

/** A facet of a list. A link, since filters live in the address. */
export function Chip({ children, href, active, count, icon }: Props) {
  return (
    <Link
      href={href}
      scroll={false}
      // Else a page with twenty chips would ask for twenty lists that nobody wants.
      prefetch={false}
      aria-current={active ? "true" : undefined}
      className={classNames(
        "inline-flex h-7 items-center gap-1.5 whitespace-nowrap rounded-full border px-2.5 text-xs transition-colors focus-visible:rounded-full [&_svg]:size-3.5 [&_svg]:shrink-0",
        active
          ? "border-accent bg-accent-soft font-medium text-ink"
          : "border-line-strong bg-surface text-ink-soft hover:bg-hover hover:text-ink",
      )}
    >
      {icon}
      {children}
      {count !== undefined && <span className={active ? "text-ink-soft" : "text-ink-faint"}>{count}</span>}
      {active && <X aria-label="(remove this filter)" className="-mr-0.5 opacity-70" />}
    </Link>
  );
}

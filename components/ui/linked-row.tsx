import Link from "next/link";
import type { ReactNode } from "react";

interface Props {
  href: string;
  title: ReactNode;
  /** Tags at the end of the title's line. */
  aside: ReactNode;
  /** What else is told about it. */
  children: ReactNode;
}

/** A row of a list that leads, as a whole, to what it is about; its name for assistive technology is the title. */
export function LinkedRow({ href, title, aside, children }: Props) {
  return (
    <li className="relative grid min-w-0 grid-cols-1 gap-1 px-4 py-3 transition-colors hover:bg-hover">
      <div className="flex min-w-0 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 className="min-w-0 text-sm font-medium break-words">
          <Link
            prefetch={false}
            href={href}
            className="after:absolute after:inset-0 focus-visible:after:rounded-lg"
          >
            {title}
          </Link>
        </h2>
        {aside}
      </div>
      {children}
    </li>
  );
}

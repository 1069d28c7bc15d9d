import type { ReactNode } from "react";
import { classNames } from "./class-names";

interface Props {
  title: ReactNode;
  /** One sentence: what this page answers. */
  lead?: ReactNode;
  /** The page's own acts, at the right of the title. */
  actions?: ReactNode;
  /** Above the title: where this page hangs. */
  above?: ReactNode;
  /** For reading and forms, not for tables. */
  narrow?: boolean;
  children: ReactNode;
}

/** A page: its head, and what it is about. */
export function Page({ title, lead, actions, above, narrow = false, children }: Props) {
  return (
    <div className={classNames("mx-auto grid w-full grid-cols-1 gap-5", narrow ? "max-w-3xl" : "max-w-6xl")}>
      <header className="grid gap-1">
        {above}
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <h1 className="min-w-0 break-words text-xl font-semibold">{title}</h1>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
        {lead && <p className="max-w-prose text-sm text-ink-soft">{lead}</p>}
      </header>
      {children}
    </div>
  );
}

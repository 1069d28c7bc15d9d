import { type ReactNode, useId } from "react";
import { classNames } from "./class-names";

interface Props {
  title: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  /** No frame around the content: it brings its own, as a table does. */
  bare?: boolean;
  children: ReactNode;
  className?: string;
}

/** A part of a page under its own heading. */
export function Section({ title, lead, actions, bare = false, children, className }: Props) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={classNames("grid min-w-0 grid-cols-1 content-start gap-2.5", className)}
    >
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <div className="grid gap-0.5">
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {lead && <p className="max-w-prose text-xs text-ink-soft">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {bare ? children : <div className="rounded-lg border border-line bg-surface p-4">{children}</div>}
    </section>
  );
}

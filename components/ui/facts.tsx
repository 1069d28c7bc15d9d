import type { ReactNode } from "react";
import { classNames } from "./class-names";

/** Names and values, the names in a column of their own where there is room. */
export function Facts({ children, className }: { children: ReactNode; className?: string }) {
  return <dl className={classNames("grid divide-y divide-line text-sm", className)}>{children}</dl>;
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-0.5 items-baseline py-1.5 first:pt-0 last:pb-0 sm:grid-cols-[9.5rem_minmax(0,1fr)]">
      <dt className="text-ink-faint">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

import type { ReactNode } from "react";

interface Props {
  title: string;
  /** What happened, and what to do next. */
  children: ReactNode;
  actions?: ReactNode;
}

/** A page that says one thing: not found, not allowed, broken. */
export function MessagePage({ title, children, actions }: Props) {
  return (
    <div className="mx-auto grid max-w-md gap-3 py-[12vh]">
      {/* The page that was asked for may have ended before it had a title of its own. */}
      <title>{`${title} · Gatehouse`}</title>
      <h1 className="text-xl font-semibold">{title}</h1>
      <div className="grid gap-2 text-sm text-ink-soft">{children}</div>
      {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}

import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { classNames } from "./class-names";

/** One of a few. The system's own list: every keyboard, reader and phone knows it. */
export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <span className={classNames("relative inline-grid", className)}>
      <select
        className="h-8 w-full min-w-0 appearance-none rounded-md border border-line-control bg-surface pr-8 pl-2.5 text-lg text-ink transition-colors duration-100 hover:border-ink-faint focus-visible:rounded-md focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-danger disabled:cursor-not-allowed disabled:bg-sunken disabled:text-ink-faint sm:text-sm"
        {...rest}
      >
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2 size-4 -translate-y-1/2 text-ink-faint"
      />
    </span>
  );
}

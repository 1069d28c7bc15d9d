import type { ComponentProps } from "react";
import { classNames } from "./class-names";

const look =
  "w-full min-w-0 rounded-md border border-line-control bg-surface text-ink transition-colors duration-100 hover:border-ink-faint focus-visible:rounded-md focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-danger disabled:cursor-not-allowed disabled:bg-sunken disabled:text-ink-faint";

/** One line of text. On a phone the letters are 16 px, else iOS zooms into the page. */
export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={classNames(look, "h-8 px-2.5 text-lg sm:text-sm", className)} {...rest} />;
}

/** Several lines of text. */
export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea className={classNames(look, "px-2.5 py-1.5 text-lg sm:text-sm", className)} {...rest} />;
}

"use client";

import { Check, Minus } from "lucide-react";
import { type ComponentProps, useEffect, useRef } from "react";
import { classNames } from "./class-names";

interface Props extends Omit<ComponentProps<"input">, "type" | "ref"> {
  /** Some of what it stands for is chosen, not all. */
  indeterminate?: boolean;
}

/** A real checkbox, drawn by us. The target around it is 24 px (WCAG 2.5.8). */
export function Checkbox({ indeterminate = false, className, ...rest }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.indeterminate = indeterminate;
  }, [indeterminate]);
  return (
    <span className={classNames("relative inline-grid size-6 shrink-0 place-items-center", className)}>
      <input
        ref={input}
        type="checkbox"
        className="peer absolute inset-0 m-0 cursor-pointer opacity-0"
        {...rest}
      />
      <span
        aria-hidden
        className="size-4 rounded-sm border border-line-control bg-surface transition-colors peer-checked:border-accent peer-checked:bg-accent peer-indeterminate:border-accent peer-indeterminate:bg-accent peer-hover:border-ink-faint peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent peer-disabled:opacity-50"
      />
      {indeterminate ? (
        <Minus aria-hidden strokeWidth={3} className="pointer-events-none absolute size-3 text-canvas" />
      ) : (
        <Check
          aria-hidden
          strokeWidth={3}
          className="pointer-events-none absolute hidden size-3 text-canvas peer-checked:block"
        />
      )}
    </span>
  );
}

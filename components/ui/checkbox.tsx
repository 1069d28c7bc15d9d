"use client";

import { type ComponentProps, useEffect, useRef } from "react";
import { classNames } from "./class-names";

interface Props extends Omit<ComponentProps<"input">, "type" | "ref"> {
  /** Some of what it stands for is chosen, not all. */
  indeterminate?: boolean;
}

/** A real checkbox, drawn by our style sheet: one element, since a list has a thousand of them. */
export function Checkbox({ indeterminate = false, className, ...rest }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.indeterminate = indeterminate;
  }, [indeterminate]);
  return <input ref={input} type="checkbox" className={classNames("tick-box", className)} {...rest} />;
}

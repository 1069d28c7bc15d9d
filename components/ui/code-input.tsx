import type { ComponentProps } from "react";
import { Input } from "@/components/ui/input";

/** Six digits of an authenticator app, offered by the phone's own keyboard where it can. */
export function CodeInput(props: Omit<ComponentProps<typeof Input>, "type">) {
  return (
    <Input
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="[0-9 ]*"
      maxLength={7}
      placeholder="000000"
      className="h-10 font-mono text-lg tracking-[0.3em] sm:text-lg"
      {...props}
    />
  );
}

/** The digits of what was typed, without the blanks that apps show between them. */
export function digitsOf(text: string): string {
  return text.replace(/\D/g, "");
}

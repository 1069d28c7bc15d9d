"use client";

import { RadioCards } from "@/components/ui/radio-cards";

export type CodeKind = "totp" | "hotp";

/** By the time, or by a counter. */
export function CodeKindCards({ value, onChange }: { value: CodeKind; onChange: (kind: CodeKind) => void }) {
  return (
    <RadioCards
      legend="How the codes go on"
      name="kind"
      value={value}
      onChange={onChange}
      cards={[
        { value: "totp", title: "By the time", text: "A new code every half a minute. Every app does it." },
        {
          value: "hotp",
          title: "By a counter",
          text: "A new code at each press, for hosts whose clock cannot be trusted. App and host must count together.",
        },
      ]}
    />
  );
}

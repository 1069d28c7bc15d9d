"use client";

import { Check, Copy, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button";

type Outcome = "idle" | "copied" | "failed";

/**
 * Puts the text on clipboards where the page has no right to `navigator.clipboard` (plain http on a LAN address).
 *
 * @returns whether the browser says that it did
 */
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

interface Props {
  text: string;
  /** What is copied: "Copy the command". */
  label: string;
  /** Shows the label beside the icon. */
  withLabel?: boolean;
  className?: string;
}

/** Takes a value to the clipboard, and says whether it got there. */
export function CopyButton({ text, label, withLabel = false, className }: Props) {
  const [outcome, setOutcome] = useState<Outcome>("idle");
  useEffect(() => {
    if (outcome === "idle") return;
    const timer = setTimeout(() => setOutcome("idle"), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy() {
    try {
      if (navigator.clipboard) await navigator.clipboard.writeText(text);
      else if (!copyBySelection(text)) throw new Error("refused");
      setOutcome("copied");
    } catch {
      setOutcome("failed");
    }
  }

  const words = { idle: label, copied: "Copied", failed: "Not copied: select the text instead" }[outcome];
  const Icon = { idle: Copy, copied: Check, failed: TriangleAlert }[outcome];
  return (
    <Button
      variant={withLabel ? "secondary" : "ghost"}
      size={withLabel ? "sm" : "icon-sm"}
      onClick={copy}
      title={withLabel ? undefined : words}
      aria-label={withLabel ? undefined : words}
      className={className}
    >
      <Icon aria-hidden />
      {withLabel && words}
      <span role="status" className="sr-only">
        {outcome === "idle" ? "" : words}
      </span>
    </Button>
  );
}

"use client";

import { classNames } from "@/components/ui/class-names";
import { useLiveness } from "@/components/ui/use-events";

/** Whether the page keeps itself up to date. */
export function Liveness({ className }: { className?: string }) {
  const liveness = useLiveness();
  if (liveness === "idle") return null;
  const live = liveness === "live";
  return (
    <span
      role="status"
      title={live ? "This page keeps itself up to date." : "The connection to Gatehouse broke. Trying again."}
      className={classNames(
        "inline-flex items-center gap-1.5 text-xs",
        live ? "text-ink-faint" : "text-warn",
        className,
      )}
    >
      <span
        aria-hidden
        className={classNames("size-1.5 rounded-full", live ? "bg-ok" : "animate-breathe bg-warn")}
      />
      {live ? "Live" : "Reconnecting…"}
    </span>
  );
}

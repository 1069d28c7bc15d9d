"use client";

import { Check, RotateCcw, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { Act } from "./item-row";
import { count } from "./review-words";

interface Props {
  ways: number;
  pending: boolean;
  onAct: (act: Act) => void;
  onClear: () => void;
}

/** What can be decided about the selected ways. */
export function DecideBar({ ways, pending, onAct, onClear }: Props) {
  return (
    <section
      aria-label="Selected ways"
      className="sticky bottom-18 z-20 mx-auto flex w-fit max-w-full flex-wrap items-center gap-2 rounded-xl border border-line-strong bg-raised py-1.5 pr-1.5 pl-3.5 shadow-float md:bottom-6"
    >
      <span className="pr-1 text-sm" role="status">
        {count(ways, "way", "ways")} selected
      </span>
      <Button size="sm" disabled={pending} onClick={() => onAct("confirm")}>
        <Check aria-hidden /> Confirm
      </Button>
      <Button size="sm" variant="danger-quiet" disabled={pending} onClick={() => onAct("revoke")}>
        <X aria-hidden /> Revoke
      </Button>
      <Button size="sm" variant="ghost" disabled={pending} onClick={() => onAct("undecided")}>
        <RotateCcw aria-hidden /> Take back
      </Button>
      <Button size="icon-sm" variant="ghost" aria-label="Clear the selection" onClick={onClear}>
        <X aria-hidden />
      </Button>
    </section>
  );
}

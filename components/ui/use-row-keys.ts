"use client";

import { useEffect, useState } from "react";

interface Options {
  count: number;
  /** Enter. */
  onOpen: (index: number) => void;
  /** x. */
  onSelect?: (index: number) => void;
  /** Brings the row into view. */
  onMove: (index: number) => void;
}

/** Whether a key press belongs to a control (or a dialog) rather than to the page. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest(
      "input:not([type=checkbox]),textarea,select,[role=dialog],[role=alertdialog],[role=menu]",
    ) !== null
  );
}

/**
 * Walks a list by keyboard: j and k move, x selects, Enter opens.
 *
 * @returns index of the current row, -1 before the first move
 */
export function useRowKeys({ count, onOpen, onSelect, onMove }: Options): number {
  const [current, setCurrent] = useState(-1);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("[role=dialog],[role=alertdialog],[role=menu]")) return;
      if (event.key === "j" || event.key === "k") {
        const next = Math.max(0, Math.min(count - 1, current + (event.key === "j" ? 1 : -1)));
        setCurrent(next);
        onMove(next);
      } else if (event.key === "x" && current >= 0) {
        onSelect?.(current);
      } else if (event.key === "Enter" && current >= 0 && event.target === document.body) {
        onOpen(current);
      } else return;
      event.preventDefault();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [count, current, onOpen, onSelect, onMove]);
  return Math.min(current, count - 1);
}

"use client";

import { Search } from "lucide-react";
import { Kbd } from "@/components/ui/kbd";
import { openPalette } from "./openers";

/** Opens the palette, for whom does not know its key yet. */
export function SearchButton() {
  return (
    <button
      type="button"
      onClick={openPalette}
      className="flex h-8 w-full items-center gap-2 rounded-md border border-line-strong bg-surface px-2 text-sm text-ink-faint transition-colors hover:bg-hover hover:text-ink focus-visible:rounded-md"
    >
      <Search aria-hidden className="size-4" />
      <span className="flex-1 text-left">Find…</span>
      <Kbd>Ctrl K</Kbd>
    </button>
  );
}

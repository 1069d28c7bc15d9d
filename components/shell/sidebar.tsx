import { ChevronsUpDown } from "lucide-react";
import Link from "next/link";
import type { ViewerView } from "@/lib/features/people/views";
import { Brand } from "./brand";
import { Liveness } from "./liveness";
import { Navigation } from "./navigation";
import { SearchButton } from "./search-button";
import { ViewerMenu } from "./viewer-menu";

/** The frame's left side, on anything wider than a phone. */
export function Sidebar({ viewer }: { viewer: ViewerView }) {
  return (
    <header className="sticky top-0 hidden h-dvh flex-col gap-4 border-r border-line px-3 py-3 md:flex">
      <div className="flex h-8 items-center justify-between px-2">
        <Link prefetch={false} href="/" aria-label="Gatehouse: overview" className="rounded-sm">
          <Brand />
        </Link>
      </div>
      <SearchButton />
      <nav aria-label="Main" className="flex-1 overflow-y-auto">
        <Navigation
          permissions={viewer.permissions}
          pendingChanges={viewer.pendingChanges}
          pendingReviews={viewer.pendingReviews}
        />
      </nav>
      <Liveness className="px-2" />
      <ViewerMenu
        viewer={viewer}
        side="top"
        trigger={
          <button
            type="button"
            aria-label={`Menu of ${viewer.name}`}
            className="flex items-center gap-2.5 rounded-md px-2 py-1.5 text-left transition-colors hover:bg-hover focus-visible:rounded-md data-[state=open]:bg-hover"
          >
            <span
              aria-hidden
              className="grid size-7 shrink-0 place-items-center rounded-full border border-line-strong bg-surface text-xs font-medium text-ink-soft"
            >
              {initials(viewer.name)}
            </span>
            <span className="grid min-w-0 flex-1">
              <span className="truncate text-sm font-medium leading-4">{viewer.name}</span>
              <span className="truncate text-xs text-ink-faint">{viewer.role}</span>
            </span>
            <ChevronsUpDown aria-hidden className="size-3.5 text-ink-faint" />
          </button>
        }
      />
    </header>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? "")][0] ?? "",
  );
  return letters.join("").toUpperCase();
}

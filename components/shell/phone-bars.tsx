"use client";

import { CircleUserRound, Menu as MenuIcon, Search } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { Drawer } from "@/components/ui/dialog";
import type { ViewerView } from "@/lib/features/people/views";
import { Brand } from "./brand";
import { Liveness } from "./liveness";
import { Navigation, PendingBadge } from "./navigation";
import { openPalette } from "./openers";
import { isAt, placesFor } from "./places";
import { ViewerMenu } from "./viewer-menu";

/** Places within reach of a thumb; the rest is behind "More". */
const thumbPlaces = ["/", "/hosts", "/changes", "/activity"];
const tab = "flex h-14 flex-1 flex-col items-center justify-center gap-1 text-2xs";

/** On a phone: the brand and the search at the top. */
export function PhoneTopBar({ viewer }: { viewer: ViewerView }) {
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-1 border-b border-line bg-canvas pr-2 pl-4 md:hidden">
      <Link prefetch={false} href="/" aria-label="Gatehouse: overview" className="mr-auto">
        <Brand />
      </Link>
      <Liveness className="pr-2" />
      <Button
        variant="ghost"
        size="icon"
        aria-label="Find a host, a person or an action"
        onClick={openPalette}
      >
        <Search aria-hidden />
      </Button>
      <ViewerMenu
        viewer={viewer}
        side="bottom"
        trigger={
          <Button variant="ghost" size="icon" aria-label={`Menu of ${viewer.name}`}>
            <CircleUserRound aria-hidden />
          </Button>
        }
      />
    </header>
  );
}

/** On a phone: where to go, at the bottom. */
export function PhoneBottomBar({ viewer }: { viewer: ViewerView }) {
  const path = usePathname();
  const [open, setOpen] = useState(false);
  const places = placesFor(viewer.permissions);
  // One place alone needs no bar: its page is where the brand leads.
  if (places.length < 2) return null;
  const shown = places.filter((place) => thumbPlaces.includes(place.href));
  const hidden = places.filter((place) => !thumbPlaces.includes(place.href));
  const inHidden = hidden.some((place) => isAt(path, place));
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-canvas pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {shown.map((place) => {
        const here = isAt(path, place);
        return (
          <Link
            prefetch={false}
            key={place.href}
            href={place.href}
            aria-current={here ? "page" : undefined}
            className={classNames(tab, here ? "font-medium text-ink" : "text-ink-soft")}
          >
            <span className="relative">
              <place.icon aria-hidden className="size-5" strokeWidth={here ? 2 : 1.5} />
              {place.href === "/changes" && (
                <PendingBadge count={viewer.pendingChanges} className="-top-1.5 -right-2.5 absolute" />
              )}
            </span>
            {place.label}
          </Link>
        );
      })}
      {hidden.length > 0 && (
        <button
          type="button"
          onClick={() => setOpen(true)}
          className={classNames(tab, inHidden ? "font-medium text-ink" : "text-ink-soft")}
        >
          <span className="relative">
            <MenuIcon aria-hidden className="size-5" strokeWidth={inHidden ? 2 : 1.5} />
            <PendingBadge count={viewer.pendingReviews} className="-top-1.5 -right-2.5 absolute" />
          </span>
          More
        </button>
      )}
      <Drawer open={open} onOpenChange={setOpen} title="Go to" className="max-w-72">
        <Navigation
          permissions={viewer.permissions}
          pendingChanges={viewer.pendingChanges}
          pendingReviews={viewer.pendingReviews}
          onNavigate={() => setOpen(false)}
        />
      </Drawer>
    </nav>
  );
}

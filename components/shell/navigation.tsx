"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { classNames } from "@/components/ui/class-names";
import { isAt, placesFor } from "./places";

interface Props {
  permissions: readonly string[];
  pendingChanges: number;
  /** Reviews of access that wait for the viewer. */
  pendingReviews: number;
  onNavigate?: () => void;
}

/** How many changes are neither kept nor rolled back yet, or how many reviews wait for the viewer. */
export function PendingBadge({ count, className }: { count: number; className?: string }) {
  if (count === 0) return null;
  return (
    <span
      className={classNames(
        "inline-grid h-4 min-w-4 place-items-center rounded-full bg-accent px-1 text-2xs font-semibold text-canvas",
        className,
      )}
    >
      {count}
      <span className="sr-only"> pending</span>
    </span>
  );
}

/**
 * The places of the dashboard, one below the other. Not fetched ahead: each piece of news would fetch them all again,
 * and a page is here within a tenth of a second anyway.
 */
export function Navigation({ permissions, pendingChanges, pendingReviews, onNavigate }: Props) {
  const path = usePathname();
  return (
    <ul className="grid gap-px">
      {placesFor(permissions).map((place) => {
        const here = isAt(path, place);
        return (
          <li key={place.href}>
            <Link
              prefetch={false}
              href={place.href}
              onClick={onNavigate}
              aria-current={here ? "page" : undefined}
              className={classNames(
                "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors focus-visible:rounded-md",
                here
                  ? "bg-pressed font-medium text-ink [&>svg]:text-ink"
                  : "text-ink-soft hover:bg-hover hover:text-ink [&>svg]:text-ink-faint",
              )}
            >
              <place.icon aria-hidden className="size-4" strokeWidth={1.75} />
              <span className="flex-1">{place.label}</span>
              {place.href === "/changes" && <PendingBadge count={pendingChanges} />}
              {place.href === "/access" && <PendingBadge count={pendingReviews} />}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

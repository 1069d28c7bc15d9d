"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { classNames } from "./class-names";

export interface TabLink {
  href: string;
  label: ReactNode;
  /** A number that belongs to the tab, such as open drafts. */
  count?: number;
}

/** The pages of one thing. Links, not ARIA tabs: each has an address, and Back works. */
export function TabLinks({ tabs, label }: { tabs: readonly TabLink[]; label: string }) {
  const path = usePathname();
  // The longest address that begins the path wins: the first tab is the beginning of all others.
  const current = tabs
    .filter((tab) => path === tab.href || path.startsWith(`${tab.href}/`))
    .sort((a, b) => b.href.length - a.href.length)[0];
  return (
    <nav aria-label={label} className="-mx-4 overflow-x-auto border-b border-line px-4 sm:mx-0 sm:px-0">
      <ul className="flex gap-5">
        {tabs.map((tab) => (
          <li key={tab.href}>
            <Link
              prefetch={false}
              href={tab.href}
              aria-current={tab === current ? "page" : undefined}
              className={classNames(
                "-mb-px flex h-9 items-center gap-1.5 whitespace-nowrap border-b-2 text-sm transition-colors",
                tab === current
                  ? "border-ink font-medium text-ink"
                  : "border-transparent text-ink-soft hover:border-line-strong hover:text-ink",
              )}
            >
              {tab.label}
              {tab.count ? (
                <span className="rounded-full bg-pressed px-1.5 text-2xs text-ink-soft">{tab.count}</span>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { classNames } from "@/components/ui/class-names";

const places = [
  { href: "/access/reviews", label: "Campaigns" },
  { href: "/access/reviews/to-do", label: "To remove" },
  { href: "/access/reviews/since", label: "Since the last review" },
] as const;

/** The three pages about reviews; `open` stands beside what is to be removed. */
export function ReviewNav({ open }: { open?: number }) {
  const path = usePathname();
  return (
    <nav aria-label="Pages of reviews" className="overflow-x-auto">
      <ul className="flex w-max gap-1 rounded-lg border border-line bg-sunken p-0.5">
        {places.map(({ href, label }) => {
          const here = path === href;
          return (
            <li key={href}>
              <Link
                prefetch={false}
                href={href}
                aria-current={here ? "page" : undefined}
                className={classNames(
                  "flex h-7 items-center gap-1.5 whitespace-nowrap rounded-md px-2.5 text-xs transition-colors focus-visible:rounded-md",
                  here ? "bg-surface font-medium text-ink shadow-float" : "text-ink-soft hover:text-ink",
                )}
              >
                {label}
                {href.endsWith("to-do") && open ? (
                  <span className="rounded-full bg-pressed px-1.5 text-2xs">{open}</span>
                ) : null}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

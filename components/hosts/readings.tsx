import Link from "next/link";
import { classNames } from "@/components/ui/class-names";
import type { HostListView } from "@/lib/features/hosts/views";

interface Props {
  list: HostListView;
  pendingChanges: number;
}

/** The fleet in five numbers, each a way to what it counts. Colour only where a number should not be there. */
export function Readings({ list, pendingChanges }: Props) {
  const { counts } = list;
  const readings = [
    { name: "Hosts", value: list.all, href: "/hosts", tone: "text-ink" },
    { name: "Unreachable", value: counts.unreachable, href: "/hosts?state=unreachable", tone: "text-danger" },
    { name: "Key changed", value: counts.key_changed, href: "/hosts?state=key_changed", tone: "text-danger" },
    { name: "Drifted", value: counts.drifted, href: "/hosts?state=drifted", tone: "text-warn" },
    { name: "Pending changes", value: pendingChanges, href: "/changes?state=pending", tone: "text-accent" },
  ];
  return (
    <ul className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-5">
      {readings.map(({ name, value, href, tone }) => (
        <li key={name} className="grid first:col-span-2 sm:first:col-span-1">
          <Link
            prefetch={false}
            href={href}
            className="grid content-start gap-0.5 bg-surface px-4 py-3 transition-colors hover:bg-hover focus-visible:-outline-offset-2"
          >
            <span
              className={classNames(
                "text-2xl font-medium tracking-tight",
                value > 0 ? tone : "text-ink-faint",
              )}
            >
              {value.toLocaleString("en")}
            </span>
            <span className="text-xs text-ink-soft">{name}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

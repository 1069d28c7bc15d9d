import { FileClock, KeyRound, PlugZap, Tag as TagIcon } from "lucide-react";
import Link from "next/link";
import { Chip } from "@/components/ui/chip";
import { ListSearch } from "@/components/ui/list-search";
import type { HostListFilter } from "@/lib/features/hosts/schema";
import type { HostListView } from "@/lib/features/hosts/views";
import { hostListAddress, isFiltered } from "./host-list-address";

const states = [
  { state: "managed", label: "Managed" },
  { state: "unreachable", label: "Unreachable", icon: <PlugZap aria-hidden /> },
  { state: "key_changed", label: "Key changed", icon: <KeyRound aria-hidden /> },
  { state: "drifted", label: "Drifted", icon: <FileClock aria-hidden /> },
  { state: "enrolling", label: "Enrolling" },
  { state: "archived", label: "Archived" },
] as const;

/** Tags shown without asking; the rest opens. */
const tagsAtOnce = 12;

/** What narrows the list down: words, states, tags. All of it lives in the address. */
export function HostFilters({ list, filter }: { list: HostListView; filter: HostListFilter }) {
  const shownStates = states.filter(({ state }) => list.counts[state] > 0 || filter.state === state);
  const isNear = (tag: string, index: number) => index < tagsAtOnce || filter.tag.includes(tag);
  const near = list.tags.filter(({ tag }, index) => isNear(tag, index));
  const far = list.tags.filter(({ tag }, index) => !isNear(tag, index));

  function tagChip({ tag, count }: HostListView["tags"][number]) {
    const active = filter.tag.includes(tag);
    const next = active ? filter.tag.filter((other) => other !== tag) : [...filter.tag, tag];
    return (
      <Chip
        key={tag}
        active={active}
        count={count}
        icon={<TagIcon aria-hidden />}
        href={hostListAddress(filter, { tag: next })}
      >
        {tag}
      </Chip>
    );
  }
  return (
    <div className="grid gap-2.5">
      <ListSearch label="Filter hosts by name, address, tag or system" value={filter.q} />
      <div className="flex flex-wrap items-center gap-1.5">
        {shownStates.map(({ state, label, ...rest }) => (
          <Chip
            key={state}
            active={filter.state === state}
            count={list.counts[state]}
            href={hostListAddress(filter, { state: filter.state === state ? "" : state })}
            {...rest}
          >
            {label}
          </Chip>
        ))}
        {list.tags.length > 0 && <span aria-hidden className="mx-1 h-4 w-px bg-line-strong" />}
        {near.map(tagChip)}
        {far.length > 0 && (
          <details className="contents">
            <summary className="link px-1.5 text-xs">{far.length} more tags</summary>
            {far.map(tagChip)}
          </details>
        )}
        {isFiltered(filter) && (
          <Link
            href={hostListAddress(filter, { q: "", state: "", tag: [] })}
            scroll={false}
            prefetch={false}
            className="link px-1.5 text-xs"
          >
            Clear all
          </Link>
        )}
      </div>
    </div>
  );
}

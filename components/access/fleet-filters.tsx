"use client";

import { Tag as TagIcon } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Chip } from "@/components/ui/chip";
import { ListSearch } from "@/components/ui/list-search";
import { Select } from "@/components/ui/select";
import { methodWords } from "@/lib/access/method-words";
import type { FleetAccessInput } from "@/lib/features/access/schema";
import type { FleetAccessView } from "@/lib/features/access/views";
import { clearedAddress, fleetAddress, isFleetFiltered, toggled } from "./fleet-address";

const traits = [
  { trait: "root", label: "Root" },
  { trait: "password", label: "Password possible" },
  { trait: "unowned", label: "Unowned key" },
  { trait: "unused", label: "Unused for 90 days" },
  { trait: "uncertain", label: "Uncertain" },
  { trait: "stale", label: "Stale host" },
] as const;

/** Tags shown without asking; the rest opens. */
const tagsAtOnce = 8;

/** What narrows the fleet's ways in down. All of it lives in the address. */
export function FleetFilters({ view, filter }: { view: FleetAccessView; filter: FleetAccessInput }) {
  const router = useRouter();
  const choose = (change: Partial<FleetAccessInput>) =>
    router.replace(fleetAddress(filter, { ...change, page: 1 }), { scroll: false });
  const isNear = (tag: string, index: number) => index < tagsAtOnce || filter.tag.includes(tag);
  const near = view.tags.filter(({ tag }, index) => isNear(tag, index));
  const far = view.tags.filter(({ tag }, index) => !isNear(tag, index));
  const isUnlisted =
    !["", "nobody"].includes(filter.person) && !view.people.some(({ id }) => id === filter.person);
  const shownTraits = traits.filter(({ trait }) => view.traits[trait] > 0 || filter.is.includes(trait));
  const tagChip = ({ tag }: { tag: string }) => (
    <Chip
      key={tag}
      active={filter.tag.includes(tag)}
      icon={<TagIcon aria-hidden />}
      href={toggled(filter, "tag", tag)}
    >
      {tag}
    </Chip>
  );
  return (
    <div className="grid gap-2.5">
      <div className="grid grid-cols-2 gap-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)]">
        <ListSearch
          label="Key, person, address, anything"
          value={filter.q}
          className="col-span-2 max-w-none sm:col-span-1"
        />
        <ListSearch label="Host, web-*" name="host" value={filter.host} className="max-w-none" />
        <ListSearch label="Account, deploy*" name="account" value={filter.account} className="max-w-none" />
      </div>
      <div className="grid grid-cols-2 items-center gap-2 sm:flex sm:flex-wrap">
        <Select
          aria-label="Person"
          className="col-span-2 sm:max-w-48"
          value={filter.person}
          onChange={(event) => choose({ person: event.target.value })}
        >
          <option value="">Any person</option>
          <option value="nobody">Nobody we know</option>
          {view.people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
          {isUnlisted && <option value={filter.person}>One person</option>}
        </Select>
        <Select
          aria-label="Factors"
          value={filter.factors}
          onChange={(event) => choose({ factors: factorsOf(event.target.value) })}
        >
          <option value="">Any factors</option>
          <option value="one">One factor or none</option>
          <option value="more">Two or more factors</option>
        </Select>
        <Select
          aria-label="Methods"
          className="sm:max-w-64"
          value={filter.method}
          onChange={(event) => choose({ method: event.target.value })}
        >
          <option value="">Any method</option>
          {view.methods.map(({ methods }) => (
            <option key={methods} value={methods}>
              {methodWords(methods)}
            </option>
          ))}
          {filter.method !== "" && !view.methods.some(({ methods }) => methods === filter.method) && (
            <option value={filter.method}>{methodWords(filter.method)}</option>
          )}
        </Select>
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        {shownTraits.map(({ trait, label }) => (
          <Chip
            key={trait}
            active={filter.is.includes(trait)}
            count={view.traits[trait]}
            href={toggled(filter, "is", trait)}
          >
            {label}
          </Chip>
        ))}
        {view.tags.length > 0 && shownTraits.length > 0 && (
          <span aria-hidden className="mx-1 h-4 w-px bg-line-strong" />
        )}
        {near.map(tagChip)}
        {far.length > 0 && (
          <details className="contents">
            <summary className="link px-1.5 text-xs">
              {far.length} more {far.length === 1 ? "tag" : "tags"}
            </summary>
            {far.map(tagChip)}
          </details>
        )}
        {isFleetFiltered(filter) && (
          <Link href={clearedAddress(filter)} scroll={false} prefetch={false} className="link px-1.5 text-xs">
            Clear all
          </Link>
        )}
      </div>
    </div>
  );
}

function factorsOf(value: string): FleetAccessInput["factors"] {
  return value === "one" || value === "more" ? value : "";
}

import { Search } from "lucide-react";
import { Chip } from "../ui/chip";
import { Input } from "../ui/input";

type Filter = Readonly<Record<string, string | undefined>>;

const states = [
  { value: "pending", label: "Pending" },
  { value: "planned", label: "Planned" },
  { value: "confirmed", label: "Kept" },
  { value: "rolled_back", label: "Rolled back" },
  { value: "refused", label: "Refused" },
] as const;

function href(filter: Filter, state: string): string {
  const query = new URLSearchParams();
  if (filter.q) query.set("q", filter.q);
  if (filter.hostId) query.set("hostId", filter.hostId);
  if (state) query.set("state", state);
  const text = query.toString();
  return text === "" ? "/changes" : `/changes?${text}`;
}

/** What is shown of the changes. Links and a GET form, since the filter lives in the address. */
export function ChangeFilters({ filter, pending }: { filter: Filter; pending: number }) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <form method="get" action="/changes" className="relative w-full sm:w-64">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-faint" />
        <Input
          type="search"
          name="q"
          aria-label="Search by host, file or message"
          placeholder="Host, file or message"
          defaultValue={filter.q ?? ""}
          className="pl-8"
        />
        {filter.state && <input type="hidden" name="state" value={filter.state} />}
        {filter.hostId && <input type="hidden" name="hostId" value={filter.hostId} />}
      </form>
      <nav aria-label="State" className="flex flex-wrap gap-1.5">
        {states.map(({ value, label }) => (
          <Chip
            key={value}
            href={href(filter, filter.state === value ? "" : value)}
            active={filter.state === value}
            {...(value === "pending" && pending > 0 && { count: pending })}
          >
            {label}
          </Chip>
        ))}
      </nav>
    </div>
  );
}

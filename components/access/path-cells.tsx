import { Status } from "@/components/ui/badge";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { visibleText } from "@/components/ui/visible-text";
import type { FleetPathRow } from "@/lib/features/access/views";

/** Whose key a way takes, or what stands for it. */
export function KeyHolder({ row }: { row: FleetPathRow }) {
  const { person, fingerprint, comment, keyType } = row;
  const title = visibleText([keyType, fingerprint, comment].filter(Boolean).join(" "));
  if (person)
    return (
      <span className="block truncate" title={title}>
        <UntrustedText text={person.name} />
        {person.hasLeft && <span className="text-danger"> (has left)</span>}
      </span>
    );
  if (fingerprint === null)
    return (
      <span className="block truncate text-ink-faint" title={title || undefined}>
        {comment ? <UntrustedText text={comment} /> : "whoever has what it takes"}
      </span>
    );
  return (
    <span className="block truncate text-ink-soft" title={title}>
      <span className="text-warn">nobody’s: </span>
      {comment ? <UntrustedText text={comment} /> : <span className="font-mono text-xs">{fingerprint}</span>}
    </span>
  );
}

/** How many different things somebody has to have or to know. */
export function FactorMark({ factors }: { factors: number }) {
  if (factors >= 2) return <Status tone="ok">{factors}</Status>;
  if (factors === 1) return <span className="pl-5 text-ink-soft">1</span>;
  return <Status tone="danger">none</Status>;
}

/** Where from, the first of several, all on hover. */
export function FromWords({ from }: { from: readonly string[] }) {
  const [first = "nowhere", ...others] = from;
  return (
    <span title={others.length > 0 ? visibleText(from.join(", ")) : undefined}>
      <UntrustedText text={first} />
      {others.length > 0 && <span className="text-ink-faint"> and {others.length} more</span>}
    </span>
  );
}

/** What to mind about a way, in words. */
export function PathMarks({ row }: { row: FleetPathRow }) {
  const marks = [
    row.isRoot && "root",
    row.asksPassword && "password",
    row.forcedCommand !== null && "one command",
    !row.isCertain && "uncertain",
    row.isStale && "stale",
  ].filter((mark) => mark !== false);
  return <span className="whitespace-nowrap text-xs text-ink-soft">{marks.join(", ")}</span>;
}

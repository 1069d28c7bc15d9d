import { Minus, Pencil, Plus } from "lucide-react";
import Link from "next/link";
import { Badge, Tag } from "@/components/ui/badge";
import { classNames } from "@/components/ui/class-names";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { methodWords } from "@/lib/access/method-words";
import type { DriftRow, DriftSide } from "@/lib/features/access-reviews/views";

const kinds = {
  appeared: { word: "new", icon: Plus, tone: "text-danger" },
  vanished: { word: "gone", icon: Minus, tone: "text-ok" },
  changed: { word: "changed", icon: Pencil, tone: "text-warn" },
} as const;

const decided = { confirm: "was confirmed", revoke: "was revoked" } as const;

/** What is different since a host's last review, a way a row. */
export function DriftList({ rows }: { rows: readonly DriftRow[] }) {
  return (
    <ul className="rounded-lg border border-line bg-surface">
      {rows.map((row) => {
        const { word, icon: Icon, tone } = kinds[row.kind];
        const side = row.after ?? row.before;
        return (
          <li
            key={JSON.stringify([row.hostId, row.kind, row.before, row.after])}
            className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-3 border-b border-line px-4 py-2.5 last:border-b-0"
          >
            <Icon aria-hidden className={classNames("mt-0.5 size-4", tone)} />
            <div className="grid min-w-0 gap-0.5">
              <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5 text-sm">
                <span className={classNames("font-medium", tone)}>{word}</span>
                {side && <UntrustedText text={side.account} className="break-all font-mono font-semibold" />}
                <span className="text-ink-soft">on</span>
                <Link
                  prefetch={false}
                  href={`/hosts/${row.hostId}/access`}
                  className="font-medium hover:underline hover:underline-offset-3"
                >
                  {row.hostName}
                </Link>
                {row.kind === "changed" && row.isLooser && <Badge tone="warn">easier to get in</Badge>}
                {row.decision && <Tag>{decided[row.decision]}</Tag>}
              </p>
              {side && <Side side={side} />}
              {row.differences.map((text) => (
                <p key={text} className="min-w-0 break-words text-xs text-ink">
                  <UntrustedText text={text} />
                </p>
              ))}
              <p className="text-xs text-ink-faint">
                {row.at && (
                  <>
                    {row.kind === "vanished" ? "not there at the reading of " : "first seen "}
                    <RelativeTime at={row.at} /> ·{" "}
                  </>
                )}
                against{" "}
                <Link
                  prefetch={false}
                  href={`/access/reviews/${row.reviewId}?host=${row.hostId}`}
                  className="link"
                >
                  {row.reviewName}
                </Link>
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function Side({ side }: { side: DriftSide }) {
  const who = side.personName ?? side.comment ?? side.fingerprint;
  return (
    <p className="min-w-0 break-words text-xs text-ink-soft">
      by {methodWords(side.methods)}
      {who !== null && (
        <>
          {" · "}
          <UntrustedText text={who} className="break-all" />
        </>
      )}
      {" · "}from <UntrustedText text={side.from.join(", ")} />
      {side.forcedCommand !== null && " · one command only"}
    </p>
  );
}

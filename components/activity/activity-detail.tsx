"use client";

import Link from "next/link";
import { CopyButton } from "@/components/ui/copy-button";
import { Drawer } from "@/components/ui/dialog";
import { Fact, Facts } from "@/components/ui/facts";
import { exactTime } from "@/components/ui/time-words";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { ActivityRow } from "@/lib/features/activity/views";
import { Outcome } from "./outcome";

const pages: Record<string, string> = { host: "/hosts/", change: "/changes/" };

function Target({ row }: { row: ActivityRow }) {
  const name = <UntrustedText text={row.targetName ?? row.targetId ?? ""} />;
  const base = row.targetType ? pages[row.targetType] : undefined;
  return (
    <>
      {base && row.targetId ? (
        <Link href={`${base}${row.targetId}`} className="link">
          {name}
        </Link>
      ) : (
        name
      )}
      {row.targetType && <span className="text-ink-faint"> ({row.targetType})</span>}
    </>
  );
}

/** Everything that is written down about one act. */
export function ActivityDetail({ row, onClose }: { row: ActivityRow | undefined; onClose: () => void }) {
  return (
    <Drawer
      open={row !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={row ? <span className="font-mono text-base">{row.action}</span> : ""}
    >
      {row && (
        <div className="grid gap-5">
          <Facts>
            <Fact name="Number">{row.seq}</Fact>
            <Fact name="When">{exactTime(row.at)}</Fact>
            <Fact name="Who">{row.actorName}</Fact>
            <Fact name="From">
              <UntrustedText text={row.address} className="font-mono text-xs" />
            </Fact>
            <Fact name="Outcome">
              <Outcome outcome={row.outcome} />
            </Fact>
            {row.intentSeq && <Fact name="Begun as">No. {row.intentSeq}</Fact>}
            {(row.targetName || row.targetId) && (
              <Fact name="Target">
                <Target row={row} />
              </Fact>
            )}
          </Facts>
          <section className="grid gap-1.5">
            <h3 className="caption">Detail</h3>
            <pre
              tabIndex={0}
              className="overflow-x-auto rounded-lg border border-line bg-sunken p-3 font-mono text-xs leading-5"
            >
              <UntrustedText text={JSON.stringify(row.detail, null, 2)} keep={"\n"} />
            </pre>
          </section>
          <section className="grid gap-1.5">
            <h3 className="caption">Hash of this row, chained to the one before</h3>
            <p className="flex items-start gap-1">
              <code className="break-all font-mono text-xs text-ink-soft">{row.hash}</code>
              <CopyButton text={row.hash} label="Copy the hash" className="-my-1" />
            </p>
          </section>
        </div>
      )}
    </Drawer>
  );
}

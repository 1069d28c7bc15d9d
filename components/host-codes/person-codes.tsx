import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import type { PersonCodesView } from "@/lib/features/host-codes/views";
import { standingOf, summaryOf } from "./code-words";
import { RevokeAllCodes } from "./revoke-all-codes";

/** A person's codes on hosts, and the one act for the day that the phone is lost. */
export function PersonCodes({ view }: { view: PersonCodesView }) {
  return (
    <div className="grid grid-cols-1 gap-2.5">
      <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
        {view.codes.map((code) => {
          const standing = standingOf(code);
          return (
            <li key={code.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-sm">
              <Link
                href={`/hosts/${code.hostId}/two-factor`}
                prefetch={false}
                className="min-w-0 break-words hover:underline hover:underline-offset-3"
              >
                <span className="font-mono">{code.account}</span> on {code.hostName}
              </Link>
              <Badge tone={standing.tone}>{standing.text}</Badge>
              <span className="text-xs text-ink-faint sm:ml-auto">{summaryOf(code)}</span>
            </li>
          );
        })}
      </ul>
      {view.canRevoke && (
        <div>
          <RevokeAllCodes
            personId={view.personId}
            personName={view.name}
            codes={view.codes}
            label="Phone lost: revoke all…"
          />
        </div>
      )}
    </div>
  );
}

import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import type { HostFindingsView } from "@/lib/features/access/views";
import { count } from "./access-words";
import { FindingList } from "./finding-list";

interface Props {
  findings: HostFindingsView;
  hostName: string;
}

/** What should be mended on this host, folded away below its count. Nothing when there is nothing. */
export function HostFindings({ findings, hostName }: Props) {
  const { rows, total } = findings;
  if (total === 0) return null;
  const high = rows.filter((row) => row.severity === "high").length;
  return (
    <details className="group min-w-0">
      <summary className="flex cursor-pointer list-none flex-wrap items-center gap-2 rounded-lg border border-line bg-surface px-4 py-2 text-sm [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          className="size-3.5 text-ink-faint transition-transform group-open:rotate-90"
        />
        {count(total, "finding", "findings")} about who can log in
        {high > 0 && <Badge tone="danger">{high} high</Badge>}
      </summary>
      <div className="grid grid-cols-1 gap-2 pt-2">
        <FindingList rows={rows} withHost={false} />
        {total > rows.length && (
          <p className="text-xs text-ink-soft">
            The worst {rows.length} of {total}.{" "}
            <Link href={`/access/findings?host=${encodeURIComponent(hostName)}`} className="link">
              List all of them
            </Link>
          </p>
        )}
      </div>
    </details>
  );
}

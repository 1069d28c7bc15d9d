import { Status, type Tone } from "@/components/ui/badge";
import { LogView } from "@/components/ui/log-view";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { OperationView } from "@/lib/features/hosts/views";

const states: Record<OperationView["state"], { tone: Tone; label: string }> = {
  queued: { tone: "neutral", label: "Waiting for a worker" },
  running: { tone: "busy", label: "Running" },
  done: { tone: "ok", label: "Done" },
  failed: { tone: "danger", label: "Failed" },
};

function Operation({ operation, open }: { operation: OperationView; open: boolean }) {
  const { tone, label } = states[operation.state];
  const running = operation.state === "running";
  return (
    <details open={open} className="group border-b border-line last:border-b-0">
      <summary className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5 text-sm transition-colors hover:bg-hover">
        <span className="min-w-0 flex-1 truncate font-medium">{operation.title}</span>
        <span className="text-xs text-ink-faint">
          {operation.actorName}, <RelativeTime at={operation.createdAt} />
        </span>
        <Status tone={tone} className="text-xs sm:w-40 sm:justify-end">
          {label}
        </Status>
      </summary>
      <div className="grid grid-cols-1 gap-2 px-4 pt-1 pb-4">
        {operation.error && (
          <Notice tone="danger" title="It did not succeed">
            <UntrustedText text={operation.error} />
          </Notice>
        )}
        {operation.output === "" && !running ? (
          <p className="text-xs text-ink-faint">No output.</p>
        ) : (
          <LogView label={`Output of: ${operation.title}`} text={operation.output} live={running} />
        )}
      </div>
    </details>
  );
}

/** The longer acts on a host with their output, the newest first; what is under way or just failed is open. */
export function Operations({ operations }: { operations: readonly OperationView[] }) {
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      {operations.map((operation, index) => (
        <Operation
          // A new state opens or closes it anew.
          key={`${operation.id} ${operation.state}`}
          operation={operation}
          open={operation.state === "running" || (index === 0 && operation.state === "failed")}
        />
      ))}
    </div>
  );
}

import { Chip } from "@/components/ui/chip";
import { Notice } from "@/components/ui/notice";
import type { BatchInput } from "@/lib/features/key-fleet/schema";
import type { BatchView } from "@/lib/features/key-fleet/views";
import { count, stateWords } from "./batch-words";

interface Props {
  batch: BatchView;
  state: BatchInput["state"];
}

/** How far a batch is, host by host in numbers; each number is a filter. */
export function BatchProgress({ batch, state }: Props) {
  const address = (one: BatchInput["state"]) =>
    one === state ? `/changes/batches/${batch.id}` : `/changes/batches/${batch.id}?state=${one}`;
  const open = batch.hosts - batch.done - countOf(batch, "cancelled");
  return (
    <div className="grid grid-cols-1 gap-3">
      {batch.confirmation && batch.confirmation.pending > 0 && (
        <Notice
          tone="info"
          title={`${count(batch.confirmation.pending, "host is", "hosts are")} still being asked`}
        >
          It can be applied when every host that answers has its plans.
        </Notice>
      )}
      {batch.kind === "offboard" && open > 0 && batch.cancelledAt === null && (
        <Notice tone="warn" title={`${count(open, "host is", "hosts are")} still open`}>
          {batch.personName ?? "The person"} is out of Gatehouse. On these hosts nobody has proved yet that no
          key is left. A host that does not answer now is cleaned when it is back. Logins that are open there
          stay open, and passwords of accounts that others share are not changed.
        </Notice>
      )}
      <div className="flex flex-wrap items-center gap-1.5" role="status">
        {open > 0 && open < batch.hosts && (
          <Chip active={state === "open"} href={address("open")} count={open}>
            Open
          </Chip>
        )}
        {batch.states.map(({ state: one, hosts }) => (
          <Chip key={one} active={state === one} href={address(one)} count={hosts}>
            {stateWords[one].label}
          </Chip>
        ))}
      </div>
    </div>
  );
}

function countOf(batch: BatchView, state: BatchView["states"][number]["state"]): number {
  return batch.states.find((one) => one.state === state)?.hosts ?? 0;
}

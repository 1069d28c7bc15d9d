"use client";

import { CloudDownload, Ellipsis, RefreshCw, Repeat, Trash2 } from "lucide-react";
import { useState } from "react";
import { Status } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { Menu, MenuItem } from "@/components/ui/menu";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { useCommand } from "@/components/ui/use-command";
import type { KeyImportView } from "@/lib/features/key-imports/views";
import { placeOf, providerTitles, stateOrder } from "./import-words";
import { ImportedKey } from "./imported-key";
import { RefusedLines } from "./refused-lines";

/** One place: when it was read, what it proposes, and what is wrong with it. */
export function ImportCard({ found, canWrite }: { found: KeyImportView; canWrite: boolean }) {
  const [isRemoving, setIsRemoving] = useState(false);
  const path = `/api/v1/key-imports/${found.id}`;
  const read = useCommand(`${path}/read`);
  const subscribe = useCommand(`${path}/subscription`, { method: "PUT" });
  const remove = useCommand(path, { method: "DELETE", onDone: () => setIsRemoving(false) });
  const acknowledge = useCommand(`${path}/alarm`, { method: "DELETE" });
  const keys = found.keys.toSorted(
    (one, other) => stateOrder.indexOf(one.state) - stateOrder.indexOf(other.state),
  );
  const title = `${providerTitles[found.provider]} · ${found.name}`;
  const isUnanswered =
    !found.isReading && found.askedAt > (found.readAt ?? "") && found.askedAt > (found.failedAt ?? "");
  const gone = found.keys.filter(({ state }) => state === "gone").length;
  return (
    <li className="grid grid-cols-1 gap-3 rounded-lg border border-line bg-surface p-3">
      <div className="flex items-start gap-3">
        <CloudDownload aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
        <div className="grid min-w-0 flex-1 gap-0.5">
          <p className="break-all text-sm font-medium">{title}</p>
          <p className="break-all font-mono text-xs text-ink-soft">{placeOf(found)}</p>
          <p className="text-xs text-ink-faint">
            {found.readAt ? (
              <>
                read <RelativeTime at={found.readAt} />
              </>
            ) : (
              "not read yet"
            )}
            {found.isSubscribed ? " · looked at every day" : " · looked at when asked"}
          </p>
        </div>
        {found.isReading && <Status tone="busy">Reading</Status>}
        {canWrite && (
          <Menu
            trigger={
              <Button variant="ghost" size="icon-sm" aria-label={`Acts on ${title}`}>
                <Ellipsis aria-hidden />
              </Button>
            }
          >
            <MenuItem disabled={found.isReading} onSelect={() => void read.send()}>
              <RefreshCw aria-hidden /> Read again
            </MenuItem>
            <MenuItem onSelect={() => void subscribe.send({ isSubscribed: !found.isSubscribed })}>
              <Repeat aria-hidden /> {found.isSubscribed ? "Stop looking every day" : "Look every day"}
            </MenuItem>
            <MenuItem danger onSelect={() => setIsRemoving(true)}>
              <Trash2 aria-hidden /> Remove…
            </MenuItem>
          </Menu>
        )}
      </div>
      <FormError error={read.error ?? subscribe.error} />
      {isUnanswered && (
        <Notice tone="warn" title="No answer yet">
          No worker has taken this up. Readings begin as soon as one runs; an admin sees the workers in
          Settings.
        </Notice>
      )}
      {found.failure && !found.isReading && !isUnanswered && (
        <Notice tone="warn" title="The last reading failed">
          {found.failure}
          {found.nextReadAt && (
            <>
              {" "}
              Next try <RelativeTime at={found.nextReadAt} />.
            </>
          )}
        </Notice>
      )}
      {found.alarmedAt && gone > 0 && (
        <Notice
          tone="danger"
          title="Most keys vanished there at once"
          actions={
            canWrite && (
              <Button size="sm" pending={acknowledge.pending} onClick={() => void acknowledge.send()}>
                This is right
              </Button>
            )
          }
        >
          That may be a mistake, or somebody else in that account. Nothing was removed here, and nothing can
          be until somebody says that this is right.
          <FormError error={acknowledge.error} />
        </Notice>
      )}
      {keys.length > 0 && (
        <ul className="grid grid-cols-1 divide-y divide-line border-t border-line">
          {keys.map((key) => (
            <ImportedKey
              key={key.fingerprint}
              shown={key}
              path={path}
              canWrite={canWrite}
              isAlarmed={found.alarmedAt !== null}
            />
          ))}
        </ul>
      )}
      {keys.length === 0 && found.readAt && !found.isReading && (
        <p className="text-sm text-ink-soft">No public key stands there.</p>
      )}
      <RefusedLines lines={found.refusedLines} />
      <DangerDialog
        open={isRemoving}
        onOpenChange={setIsRemoving}
        title={`Stop importing from ${title}?`}
        consequence={<p>Nothing is proposed from there any more. Keys that were taken from there stay.</p>}
        confirmLabel="Remove this import"
        pending={remove.pending}
        onConfirm={() => void remove.send()}
      >
        <FormError error={remove.error} />
      </DangerDialog>
    </li>
  );
}

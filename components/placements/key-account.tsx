"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { Section } from "@/components/ui/section";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import { visibleText } from "@/components/ui/visible-text";
import type {
  HostKeysView,
  KeyAccountView,
  PlacedFileView,
  PlacedKeyView,
} from "@/lib/features/placements/views";
import { AddKey } from "./add-key";
import { Grants } from "./grants";
import { KeyTable } from "./key-table";

interface Props {
  view: HostKeysView;
  account: KeyAccountView;
}

/** One account: its key files line by line, what is wanted there, and the plan that brings the two together. */
export function KeyAccount({ view, account }: Props) {
  const router = useRouter();
  const [adding, setAdding] = useState(false);
  const plan = useCommand<{ changeId: string }>("/api/v1/changes/keys", {
    refresh: false,
    onDone: ({ changeId }) => router.push(`/changes/${changeId}`),
  });
  const target = account.files[0];
  const propose = (path: string, work: { add?: unknown[]; remove?: unknown[]; repairModes?: boolean }) =>
    void plan.send({ hostId: view.hostId, account: account.name, path, ...work });
  const missing = account.missing.map(({ keyId, options }) => ({ keyId, options }));
  const mayPlan = view.canPlan && account.exists && !isOurs(account);
  return (
    <Section
      title={<UntrustedText text={account.name} />}
      lead={account.exists ? `uid ${account.uid}` : "The host has no such account."}
      actions={
        mayPlan &&
        target && (
          <Button aria-label={`Add a key to ${visibleText(account.name)}`} onClick={() => setAdding(true)}>
            <Plus aria-hidden /> Add a key
          </Button>
        )
      }
      bare
    >
      <div className="grid grid-cols-1 gap-3">
        {isOurs(account) && (
          <p className="text-sm text-ink-soft">
            By this account Gatehouse itself comes in. Its key is never changed from here.
          </p>
        )}
        <FormError error={plan.error} />
        {account.exists && files(account).length === 0 && (
          <p className="text-sm text-ink-soft">
            No key stands here{target && <> (sshd would look in {pathOf(target)})</>}.
          </p>
        )}
        {files(account).map((file) => {
          const unwanted = file.keys.filter(({ standing }) => standing === "unwanted");
          return (
            <div key={file.path} className="grid grid-cols-1 gap-2">
              <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
                {pathOf(file)}
                {file.refused && <Badge tone="warn">sshd passes over this file</Badge>}
              </div>
              {file.refused && (
                <div className="flex flex-wrap items-center justify-between gap-2 text-sm text-ink-soft">
                  <UntrustedText text={file.refused} />
                  {mayPlan && (
                    <Button
                      size="sm"
                      pending={plan.pending}
                      onClick={() => propose(file.path, { repairModes: true })}
                    >
                      Plan to mend its modes
                    </Button>
                  )}
                </div>
              )}
              <KeyTable
                file={file}
                mayPlan={mayPlan}
                pending={plan.pending}
                onRemove={(key) => propose(file.path, { remove: [lineOf(key)] })}
                onSetOptions={(key) => propose(file.path, settingOptions(file, key))}
              />
              {mayPlan && unwanted.length > 0 && (
                <Notice
                  tone="warn"
                  title={`${count(unwanted.length, "key")} no longer wanted here`}
                  actions={
                    <Button
                      pending={plan.pending}
                      onClick={() => propose(file.path, { remove: unwanted.map(lineOf) })}
                    >
                      Plan the removal
                    </Button>
                  }
                >
                  {[...new Set(unwanted.map(({ remark }) => remark))].join(" ")}
                </Notice>
              )}
            </div>
          );
        })}
        {account.missing.length > 0 && (
          <Notice
            tone="info"
            title={`${count(account.missing.length, "key")} wanted here, and not there`}
            actions={
              mayPlan &&
              target && (
                <Button pending={plan.pending} onClick={() => propose(target.path, { add: missing })}>
                  Plan to add
                </Button>
              )
            }
          >
            <ul className="grid gap-1">
              {account.missing.map((key) => (
                <li key={key.keyId} className="break-words">
                  {key.personName}: {key.keyName}{" "}
                  <span className="break-all font-mono text-xs text-ink-soft">{key.fingerprint}</span>
                  {key.optionsText && (
                    <>
                      {" "}
                      <code className="break-all font-mono text-xs">{key.optionsText}</code>
                    </>
                  )}
                </li>
              ))}
            </ul>
          </Notice>
        )}
        {!isOurs(account) && (
          <Grants
            hostId={view.hostId}
            tags={view.tags}
            account={account}
            people={view.people}
            mayGrant={view.canGrant}
          />
        )}
        {target && (
          <AddKey
            open={adding}
            onOpenChange={setAdding}
            people={view.people}
            account={account}
            path={target.path}
            pending={plan.pending}
            error={plan.error}
            onAdd={(keyId, options) => propose(target.path, { add: [{ keyId, options }] })}
          />
        )}
      </div>
    </Section>
  );
}

function files({ files }: KeyAccountView): PlacedFileView[] {
  return files.filter(({ exists }) => exists);
}

/** As the plan takes it: this line and no other. */
function lineOf({ fingerprint, line, sha256 }: PlacedKeyView) {
  return { fingerprint, seen: { line, sha256 } };
}

/** Every line of the key with other options goes, and one with those that are wanted comes. */
function settingOptions({ keys }: PlacedFileView, { fingerprint, otherwise }: PlacedKeyView) {
  const lines = keys.filter((key) => key.fingerprint === fingerprint && key.otherwise);
  return { remove: lines.map(lineOf), add: otherwise ? [otherwise] : [] };
}

function isOurs({ files }: KeyAccountView): boolean {
  return files.some(({ keys }) => keys.some(({ isManagement }) => isManagement));
}

function pathOf({ path }: PlacedFileView) {
  return <UntrustedText text={path} className="break-all font-mono text-xs text-ink-soft" />;
}

const count = (number: number, noun: string) =>
  `${number} ${noun}${number === 1 ? "" : "s"} ${number === 1 ? "is" : "are"}`;

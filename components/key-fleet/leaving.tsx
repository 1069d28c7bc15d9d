"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { Status } from "@/components/ui/badge";
import { Button, ButtonLink } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { LeavingView } from "@/lib/features/key-fleet/views";
import { count } from "./batch-words";

/** Lets a person go by one act: what goes with them is listed before, and what is still open afterwards. */
export function Leaving({ view }: { view: LeavingView }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const [claimed, setClaimed] = useState<ReadonlySet<string>>(new Set());
  const [confirmAlone, setConfirmAlone] = useState(false);
  const [login, setLogin] = useState("");
  const id = useId();
  const offboard = useCommand<{ batchId: string | null }>(`/api/v1/people/${view.personId}/offboard`, {
    onDone: ({ batchId }) => {
      setAsking(false);
      if (batchId) router.push(`/changes/batches/${batchId}`);
    },
  });
  const proved = view.keys.filter(({ isProved }) => isProved);
  const unproved = view.keys.filter(({ isProved }) => !isProved);
  const lone = view.alone.flatMap(({ hostId, account, isRoot }) => (isRoot ? [] : [{ hostId, account }]));
  const going = proved.length + claimed.size;
  const toggle = (keyId: string) =>
    setClaimed((before) => {
      const next = new Set(before);
      if (!next.delete(keyId)) next.add(keyId);
      return next;
    });
  return (
    <div className="grid grid-cols-1 gap-3 text-sm">
      <ul className="grid grid-cols-1 gap-1 text-ink-soft">
        {proved.map((key) => (
          <li key={key.keyId}>
            <span className="font-medium text-ink">{key.name}</span>:{" "}
            {key.lines === 0
              ? "found on no host"
              : `${count(key.lines, "line")} on ${count(key.hosts, "host")}`}
          </li>
        ))}
        {proved.length === 0 && <li>No key counts as theirs: no host is searched for keys.</li>}
        <li>
          {count(view.grants, "grant")}, {count(view.sessions, "open session")} here
          {!view.isDisabled && view.codes.length > 0 && `, codes for ${count(view.codes.length, "account")}`}
        </li>
        {view.isDisabled && <OpenCodes codes={view.codes} />}
        {view.unreachable.length > 0 && (
          <li>
            <Status tone="warn">
              {count(view.unreachable.length, "host cannot", "hosts cannot")} be asked now:{" "}
              {view.unreachable.slice(0, 5).join(", ")}
              {view.unreachable.length > 5 && ` and ${view.unreachable.length - 5} more`}
            </Status>
          </li>
        )}
      </ul>
      <div className="flex flex-wrap gap-2">
        {view.batchId && (
          <ButtonLink href={`/changes/batches/${view.batchId}`}>How far the leaving is</ButtonLink>
        )}
        <Button
          variant="danger-quiet"
          disabled={view.obstacle !== null}
          title={view.obstacle ?? undefined}
          onClick={() => setAsking(true)}
        >
          Let {view.name} go…
        </Button>
      </div>
      <DangerDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Let ${view.name} go?`}
        consequence={
          <div className="grid grid-cols-1 gap-2">
            <p>
              {view.name} is signed out and kept out of Gatehouse at once
              {view.grants > 0 && `, and ${count(view.grants, "grant ends", "grants end")}`}.
              {going > 0 &&
                ` ${view.hosts === 1 ? "1 host is" : `All ${view.hosts} hosts are`} read, every line with ${
                  going === 1 ? "the key" : `one of the ${going} keys`
                } goes, and a reading afterwards proves it.`}
              {view.codes.length > 0 &&
                ` One-time codes for ${count(view.codes.length, "account")} stop working.`}
              {(going > 0 || view.codes.length > 0) &&
                " A host that does not answer follows when it is back."}
            </p>
            <p>
              SSH sessions that are open on hosts stay open. Passwords and certificates are not changed: look
              at accounts that others share.
            </p>
            {view.aloneCount > 0 && (
              <div className="grid grid-cols-1 gap-1">
                <p className="font-medium text-danger">
                  By the last readings nobody else can log in to {count(view.aloneCount, "account")}:
                </p>
                <ul className="max-h-36 overflow-y-auto">
                  {view.alone.map(({ hostName, account, isRoot }) => (
                    <li key={`${hostName} ${account}`} className="break-words">
                      <UntrustedText text={account} className="font-medium" /> on {hostName}
                      {isRoot && " (root: asked for by itself)"}
                    </li>
                  ))}
                </ul>
              </div>
            )}
          </div>
        }
        confirmLabel={`Let ${view.name} go`}
        pending={offboard.pending}
        disabled={login.trim().toLowerCase() !== view.login}
        onConfirm={() =>
          void offboard.send({ claimedKeyIds: [...claimed], alone: confirmAlone ? lone : [], login })
        }
      >
        {lone.length > 0 && (
          <div className="flex items-start gap-2 text-sm">
            <Checkbox
              id={`${id}-alone`}
              checked={confirmAlone}
              onChange={() => setConfirmAlone(!confirmAlone)}
              className="mt-0.5"
            />
            <label htmlFor={`${id}-alone`}>
              Those accounts may lose their last way in. Otherwise each of their hosts waits until somebody
              confirms it.
            </label>
          </div>
        )}
        {unproved.map((key) => (
          <div key={key.keyId} className="flex items-start gap-2 text-sm">
            <Checkbox
              id={`${id}-${key.keyId}`}
              checked={claimed.has(key.keyId)}
              onChange={() => toggle(key.keyId)}
              className="mt-0.5"
            />
            <label htmlFor={`${id}-${key.keyId}`}>
              Also {key.name}, which was never proved to be theirs ({count(key.lines, "line")} on{" "}
              {count(key.hosts, "host")}).
            </label>
          </div>
        ))}
        <Field label={`Type ${view.login} to go on`} error={offboard.fieldError("login")}>
          {(control) => (
            <Input
              {...control}
              value={login}
              onChange={(event) => setLogin(event.target.value)}
              autoComplete="off"
            />
          )}
        </Field>
        <FormError error={offboard.error} />
      </DangerDialog>
    </div>
  );
}

/** Codes that are still on their hosts after their person was disabled. */
function OpenCodes({ codes }: Pick<LeavingView, "codes">) {
  return codes.map(({ id, hostId, hostName, account, failure }) => (
    <li key={id} className="grid gap-0.5">
      <Status tone="warn">
        Codes for <UntrustedText text={account} className="font-mono" /> are still on{" "}
        <Link href={`/hosts/${hostId}/two-factor`} className="link">
          {hostName}
        </Link>
      </Status>
      {failure && (
        <span className="text-xs text-ink-faint">
          <UntrustedText text={failure} />
        </span>
      )}
    </li>
  ));
}

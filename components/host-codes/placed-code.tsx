"use client";

import { Ellipsis, KeySquare, LifeBuoy, RotateCw, Smartphone, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Badge, Tag } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { FormError } from "@/components/ui/form-error";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { useCommand } from "@/components/ui/use-command";
import type { PlacedCodeView, ScratchCodesView } from "@/lib/features/host-codes/views";
import { ScratchCodes } from "./code-steps";
import { standingOf, summaryOf } from "./code-words";
import { ResyncCode } from "./resync-code";

interface Props {
  code: PlacedCodeView;
  /** What stands first: the host on a person's page, the person on a host's. */
  title: ReactNode;
  canWrite: boolean;
  /** Begins anew for the same account. */
  onEnrol: () => void;
}

/** Somebody's codes on one account: whether they work there, what is wrong, and what mends it. */
export function PlacedCode({ code, title, canWrite, onEnrol }: Props) {
  const [asked, setAsked] = useState<"resync" | "revoke" | "renew">();
  const [scratchCodes, setScratchCodes] = useState<readonly string[]>();
  const path = `/api/v1/host-codes/${code.id}`;
  const place = `${code.account} on ${code.hostName}`;
  const close = () => setAsked(undefined);
  const show = (answer: Partial<ScratchCodesView> | null) => {
    close();
    if (answer?.scratchCodes) setScratchCodes(answer.scratchCodes);
  };
  const renew = useCommand<ScratchCodesView>(`${path}/scratch-codes`, { onDone: show });
  const write = useCommand<Partial<ScratchCodesView>>(`${path}/write`, { onDone: show });
  const mend = useCommand(`${path}/mend`);
  const revoke = useCommand(`${path}/revoke`, { onDone: close });
  const standing = standingOf(code);
  const isBusy = code.state === "waiting";
  // Nothing takes the place of a revocation, whether it is under way or the host refused it.
  const isFixed = isBusy || code.act === "remove";
  const remedies = {
    mend: { label: "Mend it", run: () => void mend.send(), pending: mend.pending },
    write: { label: "Write it anew", run: () => void write.send(), pending: write.pending },
    scratch: { label: "Make new ones", run: () => setAsked("renew"), pending: renew.pending },
    enrol: { label: "Enrol anew", run: onEnrol, pending: false },
  };

  return (
    <li className="grid grid-cols-1 gap-2.5 rounded-lg border border-line bg-surface p-3" aria-label={place}>
      <div className="flex items-start gap-3">
        <Smartphone aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
        <div className="grid min-w-0 flex-1 grid-cols-1 gap-1">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <p className="min-w-0 break-words text-sm font-medium">{title}</p>
            <Badge tone={standing.tone}>{standing.text}</Badge>
          </div>
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-soft">
            <span>{summaryOf(code)}</span>
            {code.isAsked === false && <Tag>not asked for yet</Tag>}
          </p>
          {code.sharedWith.length > 0 && (
            <p className="text-xs text-ink-soft">
              The same secret as on {code.sharedWith.join(", ")}: a code that was seen on one counts on the
              others for a moment.
            </p>
          )}
          <p className="text-xs text-ink-faint">
            {code.writtenAt ? (
              <>
                On the host since <RelativeTime at={code.writtenAt} />
              </>
            ) : (
              <>
                Enrolled <RelativeTime at={code.createdAt} />
              </>
            )}
            {code.readAt && code.writtenAt && (
              <>
                {" · read "}
                <RelativeTime at={code.readAt} />
              </>
            )}
          </p>
        </div>
        {canWrite && (
          <Menu
            trigger={
              <Button variant="ghost" size="icon-sm" aria-label={`Acts on the codes for ${place}`}>
                <Ellipsis aria-hidden />
              </Button>
            }
          >
            <MenuItem disabled={isFixed || !code.writtenAt} onSelect={() => setAsked("renew")}>
              <LifeBuoy aria-hidden className="size-4" /> New scratch codes…
            </MenuItem>
            {code.kind === "hotp" && (
              <MenuItem disabled={isFixed || !code.writtenAt} onSelect={() => setAsked("resync")}>
                <RotateCw aria-hidden className="size-4" /> Resynchronise…
              </MenuItem>
            )}
            <MenuItem disabled={isFixed} onSelect={onEnrol}>
              <KeySquare aria-hidden className="size-4" /> Enrol anew…
            </MenuItem>
            <MenuSeparator />
            <MenuItem danger onSelect={() => setAsked("revoke")}>
              <Trash2 aria-hidden className="size-4" /> Revoke…
            </MenuItem>
          </Menu>
        )}
      </div>
      {code.failure && (
        <Notice
          tone={isBusy ? "warn" : "danger"}
          title={isBusy ? "The host could not be asked; it follows by itself" : "The host did not take it"}
          actions={
            canWrite &&
            !isBusy && (
              <Again
                code={code}
                write={remedies.write}
                mend={remedies.mend}
                onAsk={setAsked}
                onEnrol={onEnrol}
              />
            )
          }
        >
          <UntrustedText text={code.failure} />
        </Notice>
      )}
      {!isFixed &&
        code.problems.map(({ text, remedy, isBroken }) => (
          <Notice
            key={text}
            tone={isBroken ? "danger" : "warn"}
            actions={
              canWrite &&
              remedy && (
                <Button size="sm" pending={remedies[remedy].pending} onClick={remedies[remedy].run}>
                  {remedies[remedy].label}
                </Button>
              )
            }
          >
            <UntrustedText text={text} />
          </Notice>
        ))}
      <FormError error={mend.error ?? write.error} />
      {asked === "resync" && <ResyncCode path={path} place={place} onClose={close} />}
      {scratchCodes && (
        <ScratchCodes place={place} codes={scratchCodes} onClose={() => setScratchCodes(undefined)} />
      )}
      <DangerDialog
        open={asked === "renew"}
        onOpenChange={(open) => !open && close()}
        title={`Make new scratch codes for ${place}?`}
        consequence={<p>The codes that were kept stop working as soon as the host has the new ones.</p>}
        confirmLabel="Make new codes"
        pending={renew.pending}
        onConfirm={() => void renew.send()}
      >
        <FormError error={renew.error} />
      </DangerDialog>
      <DangerDialog
        open={asked === "revoke"}
        onOpenChange={(open) => !open && close()}
        title={`Revoke the codes for ${place}?`}
        consequence={
          <>
            <p>The app's codes and the scratch codes of {code.personName} stop working there.</p>
            {code.isAsked && !code.isOptional && (
              <p>
                Logins to {code.hostName} ask for a code: nobody gets in as {code.account} by one until
                somebody has enrolled again.
              </p>
            )}
            {code.isAsked && code.isOptional && (
              <p>
                {code.hostName} asks for a code only who has some: until somebody has enrolled again{" "}
                {code.account} gets in by the key alone. Is the key in wrong hands, too, take it out as well.
              </p>
            )}
          </>
        }
        confirmLabel="Revoke"
        pending={revoke.pending}
        onConfirm={() => void revoke.send()}
      >
        <FormError error={revoke.error} />
      </DangerDialog>
    </li>
  );
}

interface AgainProps {
  code: PlacedCodeView;
  write: { run: () => void; pending: boolean };
  mend: { run: () => void; pending: boolean };
  onAsk: (act: "resync" | "revoke" | "renew") => void;
  onEnrol: () => void;
}

/** The act that failed, once more. */
function Again({ code, write, mend, onAsk, onEnrol }: AgainProps) {
  const isLost = code.act === "write" && code.kind === "hotp" && code.writtenAt !== null;
  const run = {
    write: isLost ? onEnrol : write.run,
    mend: mend.run,
    scratch: () => onAsk("renew"),
    resync: () => onAsk("resync"),
    remove: () => onAsk("revoke"),
  }[code.act];
  const label = code.act === "write" && !isLost ? "Write it, whatever is there" : "Try again";
  return (
    <Button size="sm" pending={write.pending || mend.pending} onClick={run}>
      {label}
    </Button>
  );
}

"use client";

import { type ReactNode, useState } from "react";
import { Status } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { DangerDialog } from "@/components/ui/danger-dialog";
import { Dialog } from "@/components/ui/dialog";
import { FormError } from "@/components/ui/form-error";
import { KeptCodes } from "@/components/ui/kept-codes";
import { RelativeTime } from "@/components/ui/relative-time";
import { SecretProof } from "@/components/ui/secret-proof";
import { useCommand } from "@/components/ui/use-command";
import type { MeView, TotpEnrolmentView } from "@/lib/features/people/views";
import { ChangePassword } from "./change-password";

function Row({ name, state, children }: { name: string; state: ReactNode; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5 first:pt-0 last:pb-0">
      <div className="grid min-w-0 gap-0.5">
        <span className="text-sm font-medium">{name}</span>
        <span className="text-xs text-ink-soft">{state}</span>
      </div>
      <div className="flex gap-2">{children}</div>
    </li>
  );
}

/** The other way in: a password, the codes of an app, and recovery codes for when the app is gone. */
export function PasswordAndCode({ me }: { me: MeView }) {
  const [asked, setAsked] = useState<"password" | "remove-totp" | "new-codes">();
  const [totp, setTotp] = useState<TotpEnrolmentView>();
  const [codes, setCodes] = useState<readonly string[]>();
  const close = () => setAsked(undefined);
  const show = (answer: { codes?: string[]; recoveryCodes?: string[] } | null) => {
    setTotp(undefined);
    close();
    const fresh = answer?.codes ?? answer?.recoveryCodes;
    if (fresh?.length) setCodes(fresh);
  };
  const start = useCommand<TotpEnrolmentView>("/api/v1/me/totp", { refresh: false, onDone: setTotp });
  const confirm = useCommand<{ recoveryCodes?: string[] } | null>("/api/v1/me/totp/confirm", {
    onDone: show,
  });
  const remove = useCommand("/api/v1/me/totp", { method: "DELETE", onDone: close });
  const renew = useCommand<{ codes: string[] }>("/api/v1/me/recovery-codes", { onDone: show });
  const hasApp = me.totp?.confirmed ?? false;

  return (
    <>
      <ul className="divide-y divide-line">
        <Row name="Password" state={me.hasPassword ? "Set." : "None: a passkey is your only way in."}>
          <Button size="sm" onClick={() => setAsked("password")}>
            {me.hasPassword ? "Change…" : "Set…"}
          </Button>
        </Row>
        <Row
          name="Authenticator app"
          state={
            hasApp && me.totp ? (
              <>
                Set up <RelativeTime at={me.totp.createdAt} />.
              </>
            ) : (
              "None."
            )
          }
        >
          <Button size="sm" pending={start.pending} onClick={() => void start.send()}>
            {hasApp ? "Move to another app…" : "Set up…"}
          </Button>
          {hasApp && (
            <Button size="sm" variant="danger-quiet" onClick={() => setAsked("remove-totp")}>
              Remove…
            </Button>
          )}
        </Row>
        <Row
          name="Recovery codes"
          state={
            me.recoveryCodesLeft === 0 ? (
              "None left."
            ) : (
              <Status tone={me.recoveryCodesLeft < 4 ? "warn" : "ok"}>{me.recoveryCodesLeft} left</Status>
            )
          }
        >
          <Button size="sm" disabled={!hasApp} onClick={() => setAsked("new-codes")}>
            Make new ones…
          </Button>
        </Row>
      </ul>
      <FormError error={start.error} />
      {asked === "password" && <ChangePassword hasPassword={me.hasPassword} onClose={close} />}
      <Dialog
        open={totp !== undefined}
        onOpenChange={(open) => !open && setTotp(undefined)}
        title="Set up an authenticator app"
      >
        {totp && <SecretProof totp={totp} confirm={confirm} />}
      </Dialog>
      <Dialog
        open={codes !== undefined}
        onOpenChange={(open) => !open && setCodes(undefined)}
        title="Your recovery codes"
      >
        {codes && <KeptCodes codes={codes} doneLabel="Done" onDone={() => setCodes(undefined)} />}
      </Dialog>
      <DangerDialog
        open={asked === "remove-totp"}
        onOpenChange={(open) => !open && close()}
        title="Remove your authenticator app?"
        consequence={
          <p>Password and code no longer sign you in, recovery codes neither. Your other sessions end.</p>
        }
        confirmLabel="Remove the app"
        pending={remove.pending}
        onConfirm={() => void remove.send()}
      >
        <FormError error={remove.error} />
      </DangerDialog>
      <DangerDialog
        open={asked === "new-codes"}
        onOpenChange={(open) => !open && close()}
        title="Make new recovery codes?"
        consequence={<p>The codes that you kept stop working at once.</p>}
        confirmLabel="Make new codes"
        pending={renew.pending}
        onConfirm={() => void renew.send()}
      >
        <FormError error={renew.error} />
      </DangerDialog>
    </>
  );
}

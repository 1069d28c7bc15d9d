"use client";

import { KeyRound } from "lucide-react";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { FormError } from "@/components/ui/form-error";
import { type AskForStepUp, StepUpContext } from "@/components/ui/step-up-context";
import { passkeysWork, provePasskey } from "./ceremony";
import { StepUpByCode } from "./step-up-by-code";
import { useCeremony } from "./use-ceremony";

interface Props {
  hasPasskey: boolean;
  children: ReactNode;
}

/** Lets everything inside ask the person for a fresh touch, in one dialog, and go on by itself afterwards. */
export function StepUpProvider({ hasPasskey, children }: Props) {
  const [open, setOpen] = useState(false);
  const settle = useRef<(granted: boolean) => void>(undefined);

  const ask: AskForStepUp = useCallback(() => {
    // A second asker takes the first one's place; the first act ends as refused.
    settle.current?.(false);
    setOpen(true);
    return new Promise<boolean>((resolve) => {
      settle.current = resolve;
    });
  }, []);

  function finish(granted: boolean) {
    setOpen(false);
    settle.current?.(granted);
    settle.current = undefined;
  }

  return (
    <StepUpContext value={ask}>
      {children}
      <Dialog
        open={open}
        onOpenChange={(next) => !next && finish(false)}
        title="Confirm that it is you"
        description="This act needs a fresh proof. It holds for ten minutes."
        className="max-w-sm"
      >
        <StepUpForm hasPasskey={hasPasskey} onGranted={() => finish(true)} />
      </Dialog>
    </StepUpContext>
  );
}

function StepUpForm({ hasPasskey, onGranted }: { hasPasskey: boolean; onGranted: () => void }) {
  const [byCode, setByCode] = useState(!hasPasskey || !passkeysWork());
  const touch = useCeremony({
    optionsPath: "/api/v1/step-up/passkey-options",
    answerPath: "/api/v1/step-up/passkey",
    ceremony: provePasskey,
  });
  if (byCode)
    return <StepUpByCode onGranted={onGranted} onPasskey={hasPasskey ? () => setByCode(false) : undefined} />;
  return (
    <div className="grid gap-3">
      <FormError error={touch.error} />
      <Button
        variant="primary"
        size="lg"
        autoFocus
        pending={touch.pending}
        onClick={async () => (await touch.run()) && onGranted()}
      >
        {!touch.pending && <KeyRound aria-hidden />}
        {touch.pending ? "Touch your key…" : "Use your passkey"}
      </Button>
      <Button variant="ghost" size="sm" onClick={() => setByCode(true)}>
        Use password and code instead
      </Button>
    </div>
  );
}

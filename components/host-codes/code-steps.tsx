"use client";

import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { KeptCodes } from "@/components/ui/kept-codes";
import { Notice } from "@/components/ui/notice";
import { SecretProof } from "@/components/ui/secret-proof";
import { useCommand } from "@/components/ui/use-command";
import type { CodeEnrolmentView, ScratchCodesView } from "@/lib/features/host-codes/views";
import { scratchWords } from "./code-words";

interface Props {
  /** "alice on web-1" */
  place: string;
  shown: CodeEnrolmentView;
  onClose: () => void;
}

/** The secret, the code that proves it, and then the scratch codes: each of them this once. */
export function CodeSteps({ place, shown, onClose }: Props) {
  const [scratchCodes, setScratchCodes] = useState<readonly string[]>();
  const confirm = useCommand<ScratchCodesView>("/api/v1/host-codes/confirm", {
    onDone: (answer) => setScratchCodes(answer.scratchCodes),
  });
  if (scratchCodes) return <ScratchCodes place={place} codes={scratchCodes} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Codes for ${place}`}
      description={
        shown.kind === "hotp"
          ? "A code at each press: the app and the host count together."
          : "A code every half a minute. Nothing counts until you have typed one."
      }
    >
      <SecretProof totp={shown} confirm={confirm} />
    </Dialog>
  );
}

/** Scratch codes, which are shown once and must be acknowledged. */
export function ScratchCodes({
  place,
  codes,
  onClose,
}: {
  place: string;
  codes: readonly string[];
  onClose: () => void;
}) {
  const [triedToClose, setTriedToClose] = useState(false);
  return (
    // Closed by accident they would be lost: only the button does it.
    <Dialog open onOpenChange={() => setTriedToClose(true)} title={`Scratch codes for ${place}`}>
      <div className="grid gap-4">
        {triedToClose && (
          <Notice tone="danger" urgent>
            These codes are shown only now. Say below that you have kept them, and this closes.
          </Notice>
        )}
        <KeptCodes codes={codes} words={scratchWords(place)} doneLabel="Done" onDone={onClose} />
      </div>
    </Dialog>
  );
}

"use client";

import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { KeptCodes } from "@/components/ui/kept-codes";
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
  return (
    // Closing it by accident would lose them: only the button does.
    <Dialog open onOpenChange={() => undefined} title={`Scratch codes for ${place}`}>
      <KeptCodes codes={codes} words={scratchWords(place)} doneLabel="Done" onDone={onClose} />
    </Dialog>
  );
}

"use client";

import { SquareTerminal } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { useCommand } from "@/components/ui/use-command";
import type { KeygenChallengeView } from "@/lib/features/keys/views";
import { printBase64 } from "@/lib/openssh-keys/base64";
import { holdsPrivateKey, type PastedReading, readPastedKey } from "@/lib/openssh-keys/pasted-key";
import { printPublicKey } from "@/lib/openssh-keys/public-key";
import { KeyName } from "./key-name";
import { attestationFile, type KeygenWish, suffixPattern } from "./keygen-commands";
import { KeygenSteps } from "./keygen-steps";
import { OtherMachines } from "./other-machines";
import { PublicKeyField } from "./public-key-field";

/** Guides through ssh-keygen: a key on a security key, with an attestation that proves it. */
export function MakeByKeygen() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <SquareTerminal aria-hidden /> Security key by ssh-keygen…
      </Button>
      {open && <GuideDialog onClose={() => setOpen(false)} />}
    </>
  );
}

/** No attestation comes near. */
const largestAttestation = 48 * 1024;

function GuideDialog({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const [wish, setWish] = useState<KeygenWish>({
    family: "ed25519",
    suffix: "gatehouse",
    isResident: true,
    isVerifyRequired: true,
  });
  const [challenge, setChallenge] = useState<KeygenChallengeView>();
  const [text, setText] = useState("");
  const [reading, setReading] = useState<PastedReading>();
  const [attestation, setAttestation] = useState<{ name: string; base64: string }>();
  const [isPrivateFile, setPrivateFile] = useState(false);
  const [name, setName] = useState("");
  const chooser = useRef<HTMLInputElement>(null);

  const ask = useCommand<KeygenChallengeView>("/api/v1/me/attested-keys/challenge", {
    refresh: false,
    onDone: setChallenge,
  });
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    void ask.send();
  });
  const add = useCommand<{ keyId: string }>("/api/v1/me/attested-keys", {
    onDone: ({ keyId }) => {
      onClose();
      router.replace(`/me?key=${keyId}`, { scroll: false });
    },
  });

  function read(given: string) {
    const next = given.trim() === "" ? undefined : readPastedKey(given);
    setReading(next);
    setText(next && "isPrivate" in next ? "" : given);
    add.clearError();
  }

  async function takeAttestation(file: File | undefined) {
    if (!file) return;
    const bytes = new Uint8Array(await file.slice(0, largestAttestation).arrayBuffer());
    const isWrongFile = holdsPrivateKey(new TextDecoder("latin1").decode(bytes));
    setPrivateFile(isWrongFile);
    setAttestation(isWrongFile ? undefined : { name: file.name, base64: printBase64(bytes) });
    add.clearError();
  }

  async function submit() {
    if (!reading?.pasted || !attestation) return;
    const { key, comment } = reading.pasted;
    const line = printPublicKey({ type: key.type, blob: key.blob, comment });
    if (await add.send({ name, line, attestation: attestation.base64 })) return;
    // A wrong attestation has used the challenge up: the commands below are new ones.
    setChallenge(undefined);
    await ask.send();
  }

  const isPrivate = reading !== undefined && "isPrivate" in reading;
  const isUsable = wish.suffix === "" || suffixPattern.test(wish.suffix);
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Make a key by ssh-keygen"
      description="On a security key, in your terminal. The attestation shows that the key was made in it, now, and for this."
      className="max-w-2xl"
    >
      <form
        className="grid grid-cols-1 gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {challenge ? (
          <KeygenSteps wish={wish} onWish={setWish} challenge={challenge.challenge} isUsable={isUsable} />
        ) : (
          <Skeleton className="h-64" />
        )}
        <FormError error={ask.error} />
        <section aria-label="What came of it" className="grid grid-cols-1 gap-4">
          <p className="text-sm font-medium">4. Give what came of it</p>
          {(isPrivate || isPrivateFile) && (
            <Notice tone="danger" urgent title="This is the private file">
              It was not sent and is no longer in this page. Give the one beside it that ends in{" "}
              <code className="font-mono">.pub</code>.
            </Notice>
          )}
          <PublicKeyField
            text={text}
            reading={reading}
            onText={read}
            error={
              add.fieldError("line") ??
              (reading && !reading.pasted && !isPrivate ? reading.reason : undefined)
            }
          />
          <div className="flex flex-wrap items-center gap-2">
            <input
              ref={chooser}
              type="file"
              aria-label="Attestation file"
              className="sr-only"
              tabIndex={-1}
              onChange={(event) => {
                void takeAttestation(event.target.files?.[0]);
                event.target.value = "";
              }}
            />
            <Button size="sm" onClick={() => chooser.current?.click()}>
              Choose {attestationFile}…
            </Button>
            <span role="status" className="text-xs text-ink-soft">
              {attestation
                ? `${attestation.name} is chosen`
                : "The attestation, a file of a few hundred bytes"}
            </span>
          </div>
          <KeyName value={name} onChange={setName} error={add.fieldError("name")} placeholder="Green key" />
        </section>
        <FormError error={add.error} shownFields={["line", "name"]} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            pending={add.pending}
            disabled={!reading?.pasted || !attestation || !challenge}
          >
            Check it
          </Button>
        </div>
        <OtherMachines wish={wish} />
      </form>
    </Dialog>
  );
}

"use client";

import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Textarea } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { Skeleton } from "@/components/ui/skeleton";
import { sayDone } from "@/components/ui/toaster";
import { useCommand } from "@/components/ui/use-command";
import type { KeyChallengeView } from "@/lib/features/keys/views";
import { holdsPrivateKey } from "@/lib/openssh-keys/pasted-key";
import { usualFileOf } from "./key-words";

interface Props {
  /** The key as its owner calls it. */
  name: string;
  /** "ssh-ed25519" */
  type: string;
  /** Where challenges come from, and what is sent for one. */
  challengePath: string;
  challengeInput?: object;
  /** Where the signature goes, and what is sent beside it. */
  proofPath: string;
  proofInput?: object;
  /** Said when it is done. */
  done?: string;
  onClose: () => void;
}

/** Has the person sign a challenge by ssh-keygen: the key counts as his from then on. */
export function ProveKey({
  name,
  type,
  challengePath,
  challengeInput = {},
  proofPath,
  proofInput = {},
  done = `${name} is proved: it counts as yours.`,
  onClose,
}: Props) {
  const [signature, setSignature] = useState("");
  const [isPrivate, setPrivate] = useState(false);
  const [challenge, setChallenge] = useState<KeyChallengeView>();
  const ask = useCommand<KeyChallengeView>(challengePath, { refresh: false, onDone: setChallenge });
  const prove = useCommand(proofPath, {
    onDone: () => {
      sayDone(done);
      onClose();
    },
  });
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    void ask.send(challengeInput);
  });

  async function submit() {
    if (await prove.send({ ...proofInput, signature })) return;
    // A wrong answer has used the challenge up; the refusal stays and the next command is a new one.
    setSignature("");
    await ask.send(challengeInput);
  }

  const file = usualFileOf(type);
  const command =
    challenge && `echo ${challenge.challenge} | ssh-keygen -Y sign -n ${challenge.namespace} -f ${file}`;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Prove that ${name} is yours`}
      description="A public key is public: anybody could bring it. Only its owner can sign with the private half, which stays where it is."
      className="max-w-2xl"
    >
      <form
        className="grid grid-cols-1 gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className="grid grid-cols-1 gap-1.5">
          <p className="text-sm font-medium">1. Run this where the private key is</p>
          {command ? (
            <CodeBlock label="Command that signs" text={command} wrap />
          ) : (
            <Skeleton className="h-16" />
          )}
          <p className="text-xs text-ink-faint">
            Another file? Change <code className="font-mono">{file}</code>. With the key in an agent, give its{" "}
            <code className="font-mono">.pub</code> file. It needs OpenSSH 8.1 or later, works in a shell and
            in PowerShell, and holds for 15 minutes.
          </p>
        </div>
        <Field label="2. Paste what it printed" error={prove.fieldError("signature")}>
          {(control) => (
            <Textarea
              {...control}
              required
              rows={7}
              spellCheck={false}
              autoComplete="off"
              className="font-mono text-xs sm:text-xs"
              placeholder={"-----BEGIN SSH SIGNATURE-----\n…\n-----END SSH SIGNATURE-----"}
              value={signature}
              onChange={(event) => {
                const text = event.target.value;
                // The wrong file of the two: it must not stand here, and not be sent.
                setPrivate(holdsPrivateKey(text));
                setSignature(holdsPrivateKey(text) ? "" : text);
              }}
            />
          )}
        </Field>
        {isPrivate && (
          <Notice tone="danger" urgent title="This is a private key">
            It was not sent and is no longer in this page. Paste what the command printed.
          </Notice>
        )}
        <FormError error={prove.error} shownFields={["signature"]} />
        <FormError error={ask.error} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Later</Button>
          <Button type="submit" variant="primary" pending={prove.pending} disabled={!challenge}>
            Prove it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

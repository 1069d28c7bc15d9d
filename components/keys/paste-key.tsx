"use client";

import { ClipboardPaste } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { useCommand } from "@/components/ui/use-command";
import { type PastedKey, type PastedReading, readPastedKey } from "@/lib/openssh-keys/pasted-key";
import { printPublicKey } from "@/lib/openssh-keys/public-key";
import { KeyName } from "./key-name";
import { ProveKey } from "./prove-key";
import { PublicKeyField } from "./public-key-field";

interface Props {
  /** Where it goes: "/api/v1/me/keys". */
  path: string;
  /** Whose key it will be; undefined: the viewer's own. */
  personName?: string;
  variant?: "primary" | "secondary";
}

/** Brings a public key: pasted, dropped or chosen as a file. */
export function PasteKey({ path, personName, variant = "secondary" }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant={variant} onClick={() => setOpen(true)}>
        <ClipboardPaste aria-hidden /> Bring a public key…
      </Button>
      {open && <PasteDialog path={path} personName={personName} onClose={() => setOpen(false)} />}
    </>
  );
}

function PasteDialog({
  path,
  personName,
  onClose,
}: Pick<Props, "path"> & { personName: string | undefined; onClose: () => void }) {
  const router = useRouter();
  const [text, setText] = useState("");
  const [reading, setReading] = useState<PastedReading>();
  const [name, setName] = useState("");
  const [isClaiming, setClaiming] = useState(false);
  const add = useCommand<{ keyId: string }>(path, {
    onDone: ({ keyId }) => {
      onClose();
      // One's own key is proved next: the page opens that step.
      if (personName === undefined) router.replace(`/me?key=${keyId}`, { scroll: false });
    },
  });

  function read(given: string) {
    const next = given.trim() === "" ? undefined : readPastedKey(given);
    setReading(next);
    // What is private leaves the page at once, also what is shown of it.
    setText(next && "isPrivate" in next ? "" : given);
    if (next?.pasted && name === "") setName(next.pasted.comment.slice(0, 60));
    add.clearError();
  }

  const isPrivate = reading !== undefined && "isPrivate" in reading;
  const line = reading?.pasted && lineOf(reading.pasted);
  if (isClaiming && line !== undefined && reading?.pasted)
    return (
      <ProveKey
        name={name}
        type={reading.pasted.key.type}
        challengePath="/api/v1/me/key-claims/challenge"
        challengeInput={{ line }}
        proofPath="/api/v1/me/key-claims"
        proofInput={{ line, name }}
        onClose={onClose}
      />
    );
  const claim = add.fieldError("claim");
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={personName === undefined ? "Bring a public key" : `Bring a public key for ${personName}`}
      description={
        personName === undefined
          ? "The content of the file that ends in .pub. Never the other one."
          : "The content of the file that ends in .pub. It counts when its owner has signed in and proved it."
      }
      className="max-w-xl"
    >
      <form
        className="grid grid-cols-1 gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (line !== undefined) void add.send({ name, line });
        }}
      >
        {isPrivate && (
          <Notice tone="danger" urgent title="This is a private key">
            It was not sent and is no longer in this page. If it stood in a place where others can read it,
            make a new one. Give the file beside it that ends in <code className="font-mono">.pub</code>.
          </Notice>
        )}
        <PublicKeyField
          text={text}
          reading={reading}
          isFirst
          onText={read}
          error={
            add.fieldError("line") ?? (reading && !reading.pasted && !isPrivate ? reading.reason : undefined)
          }
        />
        <KeyName value={name} onChange={setName} error={add.fieldError("name")} />
        {claim && (
          <Notice
            tone="warn"
            actions={
              <Button size="sm" onClick={() => setClaiming(true)}>
                It is mine: prove it…
              </Button>
            }
          >
            {claim}
          </Notice>
        )}
        <FormError error={add.error} shownFields={["line", "name", "claim"]} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={add.pending} disabled={!reading?.pasted}>
            {personName === undefined ? "Continue" : "Bring this key"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Written anew from what was read: nothing else in the text is sent. */
function lineOf({ key: { type, blob }, comment }: PastedKey): string {
  return printPublicKey({ type, blob, comment });
}

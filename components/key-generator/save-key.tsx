"use client";

import { Download } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useId, useState } from "react";
import { Button, DownloadLink } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { CodeBlock } from "@/components/ui/code-block";
import { Fingerprint } from "@/components/ui/fingerprint";
import { FormError } from "@/components/ui/form-error";
import type { CommandError } from "@/components/ui/send-command";
import { sayDone } from "@/components/ui/toaster";
import { useCommand } from "@/components/ui/use-command";
import type { MadeKey } from "./make-key";
import { proveMadeKey } from "./prove-made-key";

interface Props {
  made: MadeKey;
  name: string;
  fileName: string;
  isLocked: boolean;
  onDone: () => void;
}

/** Hands the private file to the person, then brings the public half here and proves it by the private one. */
export function SaveKey({ made, name, fileName, isLocked, onDone }: Props) {
  const router = useRouter();
  const [isSaved, setIsSaved] = useState(false);
  const [keyId, setKeyId] = useState<string>();
  const [isProving, setIsProving] = useState(false);
  const [refusal, setRefusal] = useState<CommandError>();
  const href = useFile(made.privateFile);
  const savedId = useId();
  const add = useCommand<{ keyId: string }>("/api/v1/me/keys", { refresh: false });

  async function bring() {
    setRefusal(undefined);
    const added = keyId ?? (await add.send({ name, line: made.publicLine, origin: "generated" }))?.keyId;
    if (!added) return;
    setKeyId(added);
    setIsProving(true);
    const refused = await proveMadeKey(added, made);
    setIsProving(false);
    router.refresh();
    if (refused) return setRefusal(refused);
    sayDone(`${name} is proved: it counts as yours.`);
    onDone();
  }

  const place = `~/.ssh/${fileName}`;
  return (
    <ol className="grid grid-cols-1 gap-5 text-sm">
      <li className="grid grid-cols-1 gap-1.5">
        <p className="font-medium">1. Save the private key</p>
        <div>
          <DownloadLink variant="primary" href={href} download={fileName}>
            <Download aria-hidden /> Download {fileName}
          </DownloadLink>
        </div>
        <p className="break-all text-xs text-ink-soft">
          <Fingerprint type={made.generated.privateKey.publicKey.type} value={made.fingerprint} />
        </p>
      </li>
      <li className="grid grid-cols-1 gap-1.5">
        <p className="font-medium">2. Put it where ssh looks for it</p>
        <CodeBlock
          label="Command that puts the file in its place"
          text={`mkdir -p -m 700 ~/.ssh && mv -n ~/Downloads/${fileName} ${place} && chmod 600 ${place}`}
          wrap
        />
        <p className="text-xs text-ink-soft">
          Is there a key of that name already? Then <code className="font-mono">mv -n</code> leaves both
          alone: give this one another name, and use it by <code className="font-mono">ssh -i</code>.
          {isLocked && " ssh asks for the passphrase when it is used."}
        </p>
        <div className="mt-1 flex items-center gap-2">
          <Checkbox id={savedId} checked={isSaved} onChange={(event) => setIsSaved(event.target.checked)} />
          <label htmlFor={savedId} className="text-sm">
            I have the file
          </label>
        </div>
      </li>
      <li className="grid grid-cols-1 gap-2">
        <p className="font-medium">3. Bring its public half here</p>
        <p className="text-xs text-ink-soft">
          The private half signs a challenge in this page, by which it counts as yours, and is forgotten. Only
          the public half and the signature are sent. It is on no host yet.
        </p>
        <FormError error={add.error} />
        <FormError error={refusal} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button
            variant="primary"
            disabled={!isSaved}
            pending={add.pending || isProving}
            onClick={() => void bring()}
          >
            {keyId ? "Prove it again" : "Bring and prove it"}
          </Button>
        </div>
      </li>
    </ol>
  );
}

/** An address of the file in this page's memory. Not a data: address, which histories of downloads keep whole. */
function useFile(text: string): string | undefined {
  const [href, setHref] = useState<string>();
  useEffect(() => {
    const address = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
    setHref(address);
    return () => URL.revokeObjectURL(address);
  }, [text]);
  return href;
}

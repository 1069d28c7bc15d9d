"use client";

import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { Field } from "@/components/ui/field";
import { Fingerprint } from "@/components/ui/fingerprint";
import { Textarea } from "@/components/ui/input";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { PastedReading } from "@/lib/openssh-keys/pasted-key";
import { kindOf } from "./key-words";

interface Props {
  text: string;
  reading: PastedReading | undefined;
  /** What was typed, pasted or dropped. */
  onText: (text: string) => void;
  error: string | undefined;
  label?: string;
  /** It is what the dialog begins with. */
  isFirst?: boolean;
}

/** No .pub file comes near; a whole private key does. */
const largestFile = 64 * 1024;

/** Where a public key is pasted, dropped or chosen as a file; says at once what it is. */
export function PublicKeyField({
  text,
  reading,
  onText,
  error,
  label = "Public key",
  isFirst = false,
}: Props) {
  const [isOver, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  async function take(file: File | undefined) {
    if (file) onText(await file.slice(0, largestFile).text());
  }
  return (
    <section
      aria-label={label}
      className={classNames(
        "grid grid-cols-1 gap-2 rounded-lg",
        isOver && "outline-2 outline-accent outline-offset-4",
      )}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer.files[0]);
      }}
    >
      <Field label={label} error={error} hint="Paste it, drop the file here, or choose it.">
        {(control) => (
          <Textarea
            {...control}
            autoFocus={isFirst}
            rows={4}
            spellCheck={false}
            autoComplete="off"
            className="font-mono text-xs break-all sm:text-xs"
            placeholder="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA… ann@laptop"
            value={text}
            onChange={(event) => onText(event.target.value)}
          />
        )}
      </Field>
      <div>
        <input
          ref={chooser}
          type="file"
          className="sr-only"
          tabIndex={-1}
          aria-hidden
          onChange={(event) => {
            void take(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
        <Button size="sm" onClick={() => chooser.current?.click()}>
          Choose a .pub file…
        </Button>
      </div>
      {reading?.pasted && (
        <div role="status" className="grid gap-0.5 rounded-md border border-line bg-sunken px-3 py-2 text-xs">
          <p>
            {kindOf({ type: reading.pasted.key.type, bits: reading.pasted.key.bits })}
            {reading.pasted.key.application !== undefined && (
              <>
                {" for "}
                <UntrustedText text={reading.pasted.key.application} />
              </>
            )}
            {reading.pasted.comment && <span className="text-ink-faint"> · {reading.pasted.comment}</span>}
          </p>
          <Fingerprint value={reading.pasted.fingerprint} plain />
        </div>
      )}
    </section>
  );
}

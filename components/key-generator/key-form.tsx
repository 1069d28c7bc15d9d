"use client";

import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { Select } from "@/components/ui/select";
import { type GeneratedKind, generatedKinds } from "@/lib/openssh-keys/generated-key";
import { findPassphraseFault } from "@/lib/openssh-keys/private-key-lock";
import { kindWords } from "./kinds";
import { commentOf, type MadeKey, makeKey } from "./make-key";

interface Props {
  onMade: (made: { made: MadeKey; name: string; fileName: string; isLocked: boolean }) => void;
  onClose: () => void;
}

/** Shorter ones are guessed by whoever finds the file. */
const fewestCharacters = 8;

/** Name, kind and passphrase of a key that is made here. */
export function KeyForm({ onMade, onClose }: Props) {
  const [kind, setKind] = useState<GeneratedKind>("ed25519");
  const [name, setName] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [isOpen, setIsOpen] = useState(false);
  const [faults, setFaults] = useState<{ passphrase?: string; again?: string; kind?: string }>({});
  const [pending, setPending] = useState(false);
  const openId = useId();

  async function make() {
    const fault = isOpen ? undefined : faultOf(passphrase);
    if (fault) return setFaults({ passphrase: fault });
    if (!isOpen && passphrase !== again) return setFaults({ again: "This is not what stands above." });
    setFaults({});
    setPending(true);
    // Locking takes half a second of this thread: the button shows first that something happens.
    await new Promise((resolve) => setTimeout(resolve, 50));
    try {
      const made = await makeKey(kind, commentOf(name), isOpen ? "" : passphrase);
      onMade({ made, name, fileName: kindWords[kind].fileName, isLocked: !isOpen });
    } catch {
      setPending(false);
      setFaults({
        kind: `This browser cannot make ${kindWords[kind].title} keys. Choose another kind, or a newer browser.`,
      });
    }
  }

  return (
    <form
      className="grid grid-cols-1 gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <Field label="Name" hint="By which you will know it again. It becomes the comment in the files, too.">
        {(control) => (
          <Input
            {...control}
            autoFocus
            required
            maxLength={60}
            placeholder="Work laptop"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="Kind" hint={kindWords[kind].text} error={faults.kind}>
        {(control) => (
          <Select
            {...control}
            value={kind}
            onChange={(event) =>
              setKind(generatedKinds.find((known) => known === event.target.value) ?? "ed25519")
            }
          >
            {generatedKinds.map((known) => (
              <option key={known} value={known}>
                {kindWords[known].title}
                {known === "ed25519" && " (recommended)"}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {!isOpen && (
        <>
          <Field
            label="Passphrase"
            hint="ssh asks for it when the file is used. Nobody can recover it."
            error={faults.passphrase}
          >
            {(control) => (
              <Input
                {...control}
                type="password"
                autoComplete="new-password"
                required
                value={passphrase}
                onChange={(event) => setPassphrase(event.target.value)}
              />
            )}
          </Field>
          <Field label="Passphrase again" error={faults.again}>
            {(control) => (
              <Input
                {...control}
                type="password"
                autoComplete="new-password"
                required
                value={again}
                onChange={(event) => setAgain(event.target.value)}
              />
            )}
          </Field>
        </>
      )}
      <div className="flex items-center gap-2">
        <Checkbox id={openId} checked={isOpen} onChange={(event) => setIsOpen(event.target.checked)} />
        <label htmlFor={openId} className="text-sm">
          Without a passphrase
        </label>
      </div>
      {isOpen && (
        <Notice tone="warn">
          Whoever gets hold of the file can log in with it: by a lost laptop, a backup, a synchronised folder.
        </Notice>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending}>
          {pending ? "Making it…" : "Make the key"}
        </Button>
      </div>
    </form>
  );
}

function faultOf(passphrase: string): string | undefined {
  if (passphrase !== "" && passphrase.length < fewestCharacters)
    return `At least ${fewestCharacters} characters. A few words are easier to remember than signs.`;
  return findPassphraseFault(passphrase);
}

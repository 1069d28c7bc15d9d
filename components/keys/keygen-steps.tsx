"use client";

import { useId } from "react";
import { Checkbox } from "@/components/ui/checkbox";
import { CodeBlock } from "@/components/ui/code-block";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { Select } from "@/components/ui/select";
import { type KeygenWish, keygenCommands } from "./keygen-commands";

interface Props {
  wish: KeygenWish;
  onWish: (wish: KeygenWish) => void;
  challenge: string;
  /** The application can stand in a command. */
  isUsable: boolean;
}

/** What is chosen, and the exact commands that do it. */
export function KeygenSteps({ wish, onWish, challenge, isUsable }: Props) {
  const commands = keygenCommands(wish, challenge);
  return (
    <>
      <section aria-label="What to make" className="grid grid-cols-1 gap-3">
        <p className="text-sm font-medium">1. Choose</p>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Type" hint="ECDSA for security keys from before about 2019.">
            {(control) => (
              <Select
                {...control}
                value={wish.family}
                onChange={(event) =>
                  onWish({ ...wish, family: event.target.value === "ecdsa" ? "ecdsa" : "ed25519" })
                }
              >
                <option value="ed25519">ed25519-sk</option>
                <option value="ecdsa">ecdsa-sk</option>
              </Select>
            )}
          </Field>
          <Field
            label="Application ssh:…"
            hint="Tells several keys on one security key apart."
            error={isUsable ? undefined : "Letters, digits and . _ - only, at most 31."}
          >
            {(control) => (
              <Input
                {...control}
                spellCheck={false}
                value={wish.suffix}
                onChange={(event) => onWish({ ...wish, suffix: event.target.value })}
              />
            )}
          </Field>
        </div>
        <Choice
          title="Resident"
          text="The security key keeps it itself: ssh-keygen -K brings it to another machine. Takes one of its places."
          checked={wish.isResident}
          onChange={(isResident) => onWish({ ...wish, isResident })}
        />
        <Choice
          title="Verify required"
          text="PIN or fingerprint with each login, beside the touch (OpenSSH 8.4). Set a PIN on the security key first."
          checked={wish.isVerifyRequired}
          onChange={(isVerifyRequired) => onWish({ ...wish, isVerifyRequired })}
        />
      </section>
      {isUsable ? (
        <>
          <section aria-label="Challenge" className="grid grid-cols-1 gap-1.5">
            <p className="text-sm font-medium">2. Write our challenge to a file</p>
            <CodeBlock label="Command that writes the challenge" text={commands.challenge} wrap />
            <p className="text-xs text-ink-faint">In PowerShell:</p>
            <CodeBlock label="The same in PowerShell" text={commands.challengeForWindows} wrap />
          </section>
          <section aria-label="Make it" className="grid grid-cols-1 gap-1.5">
            <p className="text-sm font-medium">3. Make the key, within 30 minutes</p>
            <CodeBlock label="Command that makes the key" text={commands.make} wrap />
            <p className="text-xs text-ink-faint">
              It needs OpenSSH 8.4 or later. Touch the security key when it blinks. Nothing of it leaves your
              machine but the two files that you give below.
            </p>
          </section>
        </>
      ) : (
        <Notice tone="warn">The commands stand here when the application is one that a shell takes.</Notice>
      )}
    </>
  );
}

interface ChoiceProps {
  title: string;
  text: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Choice({ title, text, checked, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <label htmlFor={id} className="flex items-start gap-2.5 text-sm">
      <Checkbox
        id={id}
        className="mt-0.5"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="grid gap-0.5">
        <span className="font-medium">{title}</span>
        <span className="text-xs text-ink-soft">{text}</span>
      </span>
    </label>
  );
}

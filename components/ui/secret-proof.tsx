"use client";

import { useState } from "react";
import { Button } from "./button";
import { CodeInput, digitsOf } from "./code-input";
import { CopyButton } from "./copy-button";
import { Field } from "./field";
import { FormError } from "./form-error";
import type { CommandHandle } from "./use-command";

/** A secret to be taken into an app. */
interface ShownSecret {
  /** In groups of four. */
  secret: string;
  /** A data URL of the picture of its URI. */
  qr: string;
}

interface Props<Output> {
  totp: ShownSecret;
  /** Takes `{ code }`. */
  confirm: CommandHandle<Output>;
}

/** The secret for an authenticator app, as a picture and as text, and the code that proves it arrived. */
export function SecretProof<Output>({ totp, confirm }: Props<Output>) {
  const [code, setCode] = useState("");
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void confirm.send({ code: digitsOf(code) });
      }}
    >
      <p className="text-sm text-ink-soft">
        Scan this with an authenticator app (Aegis, 2FAS, 1Password, Google Authenticator …), then type the
        code that it shows.
      </p>
      <div className="flex flex-wrap items-center gap-4">
        {/* A data URL of ours: nothing to optimise, nothing to load. */}
        <span
          role="img"
          aria-label="The secret as a picture for the app's camera; the text beside it says the same"
          className="block size-40 shrink-0 rounded-lg border border-line bg-white bg-center bg-contain bg-no-repeat bg-origin-content p-2"
          style={{ backgroundImage: `url("${totp.qr}")` }}
        />
        <div className="grid min-w-0 flex-1 gap-1">
          <p className="text-xs text-ink-faint">Cannot scan? Type this secret into the app:</p>
          <p className="flex items-start gap-1">
            <code className="min-w-32 break-words font-mono text-sm">{totp.secret}</code>
            <CopyButton text={totp.secret.replaceAll(" ", "")} label="Copy the secret" />
          </p>
        </div>
      </div>
      <Field label="Code" error={confirm.fieldError("code")}>
        {(control) => (
          <CodeInput {...control} required value={code} onChange={(event) => setCode(event.target.value)} />
        )}
      </Field>
      <FormError error={confirm.error} shownFields={["code"]} />
      <Button type="submit" variant="primary" size="lg" pending={confirm.pending}>
        Confirm the code
      </Button>
    </form>
  );
}

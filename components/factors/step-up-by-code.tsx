"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeInput, digitsOf } from "@/components/ui/code-input";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";

interface Props {
  onGranted: () => void;
  /** The way back to the passkey, for whom has one. */
  onPasskey: (() => void) | undefined;
}

/** A fresh proof by password and code, for people (or browsers) without a passkey. */
export function StepUpByCode({ onGranted, onPasskey }: Props) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { send, pending, error, fieldError } = useCommand("/api/v1/step-up/code", {
    refresh: false,
    onDone: onGranted,
  });
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        // React bubbles events through portals: a form around the asker must not be sent as well.
        event.preventDefault();
        event.stopPropagation();
        void send({ password, code: digitsOf(code) });
      }}
    >
      <Field label="Password" error={fieldError("password")}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <Field label="Code" hint="Six digits from your authenticator app." error={fieldError("code")}>
        {(control) => (
          <CodeInput {...control} required value={code} onChange={(event) => setCode(event.target.value)} />
        )}
      </Field>
      <FormError error={error} shownFields={["password", "code"]} />
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        Confirm
      </Button>
      {onPasskey && (
        <Button variant="ghost" size="sm" onClick={onPasskey}>
          Use your passkey instead
        </Button>
      )}
    </form>
  );
}

"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeInput, digitsOf } from "@/components/ui/code-input";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";

interface Props {
  onSignedIn: () => void;
  onBack: () => void;
}

/** The code of the authenticator app, or a recovery code when the app is gone. */
export function SecondFactor({ onSignedIn, onBack }: Props) {
  const [recovering, setRecovering] = useState(false);
  const [text, setText] = useState("");
  const { send, pending, error, fieldError, clearError } = useCommand("/api/v1/sign-in/second-factor", {
    refresh: false,
    onDone: onSignedIn,
  });

  function change() {
    setRecovering(!recovering);
    setText("");
    clearError();
  }

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void send(recovering ? { recoveryCode: text } : { code: digitsOf(text) });
      }}
    >
      {recovering ? (
        <Field
          key="recovery"
          label="Recovery code"
          hint="One of those that you kept when you set up your app. Each works once."
          error={fieldError("recoveryCode")}
        >
          {(control) => (
            <Input
              {...control}
              autoFocus
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              required
              className="h-10 font-mono"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      ) : (
        <Field
          key="code"
          label="Code"
          hint="Six digits from your authenticator app."
          error={fieldError("code")}
        >
          {(control) => (
            <CodeInput
              {...control}
              autoFocus
              required
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      )}
      <FormError error={error} shownFields={["code", "recoveryCode"]} />
      <div className="grid gap-2">
        <Button type="submit" variant="primary" size="lg" pending={pending}>
          Sign in
        </Button>
        <Button variant="ghost" size="lg" onClick={change}>
          {recovering ? "Use the app's code" : "Use a recovery code"}
        </Button>
        <Button variant="ghost" size="lg" onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  );
}

"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { useCommand } from "@/components/ui/use-command";
import { SecondFactor } from "./second-factor";

interface Props {
  onSignedIn: () => void;
  onPasskey: (() => void) | undefined;
}

/** Password first, then the second factor. The answer never says whether the name exists. */
export function PasswordSignIn({ onSignedIn, onPasskey }: Props) {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [passed, setPassed] = useState(false);
  const { send, pending, error, fieldError } = useCommand("/api/v1/sign-in/password", {
    refresh: false,
    onDone: () => setPassed(true),
  });
  if (passed) return <SecondFactor onSignedIn={onSignedIn} onBack={() => setPassed(false)} />;
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void send({ login, password });
      }}
    >
      <Field label="Login" error={fieldError("login")}>
        {(control) => (
          <Input
            {...control}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            className="h-10"
            value={login}
            onChange={(event) => setLogin(event.target.value)}
          />
        )}
      </Field>
      <Field label="Password" error={fieldError("password")}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="current-password"
            required
            className="h-10"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <FormError error={error} shownFields={["login", "password"]} />
      <div className="grid gap-2">
        <Button type="submit" variant="primary" size="lg" pending={pending}>
          Continue
        </Button>
        {onPasskey && (
          <Button variant="ghost" size="lg" onClick={onPasskey}>
            Use a passkey instead
          </Button>
        )}
      </div>
    </form>
  );
}

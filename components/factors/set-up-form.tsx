"use client";

import { useState } from "react";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { FirstWayIn } from "./first-way-in";
import { useFragment } from "./use-fragment";

/** The first start: the person with the token from the console becomes the owner. */
export function SetUpForm() {
  const fragment = useFragment();
  const [typedToken, setToken] = useState<string>();
  const [login, setLogin] = useState("");
  const [name, setName] = useState("");
  const token = typedToken ?? fragment;
  return (
    <div className="grid gap-5">
      <div className="grid gap-1">
        <h1 className="text-2xl font-semibold">Set up Gatehouse</h1>
        <p className="text-sm text-ink-soft">You become its owner. This page closes for good afterwards.</p>
      </div>
      <FirstWayIn base="/api/v1/setup" identity={{ token, login, name }} submitLabel="Become the owner">
        {(fieldError) => (
          <>
            <Field
              label="Set-up token"
              hint="Printed by npm start in its console; good for 15 minutes."
              error={fieldError("token")}
            >
              {(control) => (
                <Input
                  {...control}
                  autoComplete="off"
                  autoCapitalize="none"
                  spellCheck={false}
                  required
                  className="h-10 font-mono"
                  value={token}
                  onChange={(event) => setToken(event.target.value)}
                />
              )}
            </Field>
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label="Your name" error={fieldError("name")}>
                {(control) => (
                  <Input
                    {...control}
                    autoComplete="name"
                    required
                    className="h-10"
                    value={name}
                    onChange={(event) => setName(event.target.value)}
                  />
                )}
              </Field>
              <Field label="Login" hint="Lower-case letters, digits." error={fieldError("login")}>
                {(control) => (
                  <Input
                    {...control}
                    autoComplete="username"
                    autoCapitalize="none"
                    spellCheck={false}
                    required
                    className="h-10"
                    value={login}
                    onChange={(event) => setLogin(event.target.value)}
                  />
                )}
              </Field>
            </div>
          </>
        )}
      </FirstWayIn>
    </div>
  );
}

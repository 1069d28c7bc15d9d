"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input, Textarea } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useCommand } from "@/components/ui/use-command";

interface Props {
  hostId: string;
  enrolmentId: string;
  /** Undefined until the person has compared one. */
  fingerprint: string | undefined;
}

const empty = { username: "root", password: "", privateKey: "", passphrase: "", sudoPassword: "" };

/** The credential of the one login. It goes sealed to a worker's memory, is used once, and is never stored. */
export function LoginForm({ hostId, enrolmentId, fingerprint }: Props) {
  const [kind, setKind] = useState<"password" | "key">("password");
  const [form, setForm] = useState(empty);
  const { send, pending, error, fieldError } = useCommand(`/api/v1/hosts/${hostId}/enrol-by-login`, {
    onDone: () => setForm(empty),
  });
  const bind = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });
  const credential =
    kind === "password"
      ? { kind, password: form.password }
      : { kind, privateKey: form.privateKey, ...(form.passphrase && { passphrase: form.passphrase }) };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send({
          enrolmentId,
          fingerprint,
          username: form.username,
          credential,
          ...(form.sudoPassword && { sudoPassword: form.sudoPassword }),
        });
      }}
    >
      <fieldset disabled={!fingerprint} className="grid min-w-0 grid-cols-1 gap-4 disabled:opacity-60">
        <legend className="pb-3 text-sm font-medium">
          2. Log in once
          {!fingerprint && (
            <span className="font-normal text-ink-faint"> (first choose the key you compared)</span>
          )}
        </legend>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Account" hint="root, or one that may use sudo." error={fieldError("username")}>
            {(control) => (
              <Input
                {...control}
                required
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                className="font-mono"
                {...bind("username")}
              />
            )}
          </Field>
          <Field label="With">
            {(control) => (
              <Select
                {...control}
                value={kind}
                onChange={(event) => setKind(event.target.value === "key" ? "key" : "password")}
              >
                <option value="password">a password</option>
                <option value="key">a private key</option>
              </Select>
            )}
          </Field>
        </div>
        {kind === "password" ? (
          <Field label="Password" error={fieldError("credential.password")}>
            {(control) => (
              <Input {...control} type="password" required autoComplete="off" {...bind("password")} />
            )}
          </Field>
        ) : (
          <>
            <Field
              label="Private key"
              hint="OpenSSH or PEM. Used for this one login, kept in memory only."
              error={fieldError("credential.privateKey")}
            >
              {(control) => (
                <Textarea
                  {...control}
                  required
                  rows={6}
                  autoComplete="off"
                  spellCheck={false}
                  placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
                  className="font-mono sm:text-xs"
                  {...bind("privateKey")}
                />
              )}
            </Field>
            <Field label="Its passphrase" optional error={fieldError("credential.passphrase")}>
              {(control) => <Input {...control} type="password" autoComplete="off" {...bind("passphrase")} />}
            </Field>
          </>
        )}
        {form.username !== "root" && (
          <Field
            label="Password for sudo"
            optional
            hint="Where sudo asks for one."
            error={fieldError("sudoPassword")}
          >
            {(control) => <Input {...control} type="password" autoComplete="off" {...bind("sudoPassword")} />}
          </Field>
        )}
        <FormError
          error={error}
          shownFields={[
            "username",
            "credential.password",
            "credential.privateKey",
            "credential.passphrase",
            "sudoPassword",
          ]}
        />
        <div>
          <Button type="submit" variant="primary" pending={pending}>
            Log in and install
          </Button>
        </div>
      </fieldset>
    </form>
  );
}

"use client";

import { KeyRound, RectangleEllipsis } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { KeptCodes } from "@/components/ui/kept-codes";
import { RadioCards } from "@/components/ui/radio-cards";
import { SecretProof } from "@/components/ui/secret-proof";
import type { CommandError } from "@/components/ui/send-command";
import { useCommand } from "@/components/ui/use-command";
import type { TotpEnrolmentView } from "@/lib/features/people/views";
import { makePasskey, passkeysWork } from "./ceremony";
import { useCeremony } from "./use-ceremony";

type Codes = { recoveryCodes?: string[] } | null;

interface Props {
  /** `/api/v1/setup` or `/api/v1/invitations`: both speak the same steps. */
  base: string;
  /** What says who it is: the token, and for set-up the login and the name. */
  identity: Record<string, string>;
  submitLabel: string;
  /** The fields of the identity, each with its error. */
  children?: (fieldError: (field: string) => string | undefined) => ReactNode;
}

const ways = [
  {
    value: "passkey",
    title: "Passkey",
    text: "A security key, or this device. Nothing to remember, nothing to steal.",
    icon: <KeyRound aria-hidden />,
  },
  {
    value: "password",
    title: "Password and code",
    text: "A password, and the code of an authenticator app.",
    icon: <RectangleEllipsis aria-hidden />,
  },
] as const;

const enter = () => window.location.assign("/");

/** A person's first way in: a passkey, or a password with an authenticator app and recovery codes. */
export function FirstWayIn({ base, identity, submitLabel, children }: Props) {
  const [way, setWay] = useState<"passkey" | "password">("passkey");
  const [password, setPassword] = useState("");
  const [totp, setTotp] = useState<TotpEnrolmentView>();
  const [codes, setCodes] = useState<readonly string[]>();

  const finish = (answer: Codes) =>
    answer?.recoveryCodes?.length ? setCodes(answer.recoveryCodes) : enter();
  const passkey = useCeremony<Parameters<typeof makePasskey>[0], Codes>({
    optionsPath: `${base}/passkey-options`,
    answerPath: `${base}/passkey`,
    ceremony: makePasskey,
  });
  const byPassword = useCommand<{ totp: TotpEnrolmentView }>(`${base}/password`, {
    refresh: false,
    onDone: (answer) => setTotp(answer.totp),
  });
  const confirm = useCommand<Codes>(`${base}/password/confirm`, { refresh: false, onDone: finish });

  if (codes) return <KeptCodes codes={codes} doneLabel="Go to the overview" onDone={enter} />;
  if (totp) return <SecretProof totp={totp} confirm={confirm} />;

  const error: CommandError | undefined = way === "passkey" ? passkey.error : byPassword.error;
  async function submit() {
    if (way === "password") return byPassword.send({ ...identity, password });
    if (!passkeysWork()) return setWay("password");
    const answer = await passkey.run(identity);
    if (answer) finish(answer.output);
  }

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {children?.((field) => error?.fields?.[field])}
      <RadioCards legend="How you will sign in" name="way" cards={ways} value={way} onChange={setWay} />
      {way === "password" && (
        <Field
          label="Password"
          hint="At least 12 characters. A sentence is easier to remember than a word."
          error={error?.fields?.password}
        >
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              minLength={12}
              required
              className="h-10"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
      )}
      <FormError
        error={error}
        shownFields={children ? ["password", ...Object.keys(identity)] : ["password"]}
      />
      <Button type="submit" variant="primary" size="lg" pending={passkey.pending || byPassword.pending}>
        {passkey.pending ? "Touch your key…" : submitLabel}
      </Button>
    </form>
  );
}

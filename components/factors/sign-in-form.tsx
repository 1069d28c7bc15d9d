"use client";

import { KeyRound } from "lucide-react";
import { useState, useSyncExternalStore } from "react";
import { Button } from "@/components/ui/button";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { passkeysWork, provePasskey } from "./ceremony";
import { localPath } from "./local-path";
import { PasswordSignIn } from "./password-sign-in";
import { useCeremony } from "./use-ceremony";

const never = () => () => undefined;

/** The way in: a passkey first, a password and a code as the other way. */
export function SignInForm({ next }: { next: string }) {
  const [byPassword, setByPassword] = useState(false);
  const able = useSyncExternalStore(never, passkeysWork, () => true);
  const passkey = useCeremony({
    optionsPath: "/api/v1/sign-in/passkey-options",
    answerPath: "/api/v1/sign-in/passkey",
    ceremony: provePasskey,
  });
  // A whole new page: nothing that was read before stays in memory.
  const enter = () => window.location.assign(localPath(next));

  if (byPassword || !able)
    return (
      <div className="grid gap-5">
        <h1 className="text-2xl font-semibold">Sign in</h1>
        {!able && (
          <Notice tone="info">
            Passkeys need https (or localhost) and a current browser. Here a password and a code are the way
            in.
          </Notice>
        )}
        <PasswordSignIn onSignedIn={enter} onPasskey={able ? () => setByPassword(false) : undefined} />
      </div>
    );
  return (
    <div className="grid gap-5">
      <div className="grid gap-1">
        <h1 className="text-2xl font-semibold">Sign in</h1>
        <p className="text-sm text-ink-soft">
          Touch your security key, or use the passkey of this device. No name needed.
        </p>
      </div>
      <FormError error={passkey.error} />
      <div className="grid gap-2">
        <Button
          variant="primary"
          size="lg"
          autoFocus
          pending={passkey.pending}
          onClick={async () => (await passkey.run()) && enter()}
        >
          {!passkey.pending && <KeyRound aria-hidden />}
          {passkey.pending ? "Waiting for your passkey…" : "Sign in with a passkey"}
        </Button>
        <Button size="lg" onClick={() => setByPassword(true)}>
          Use a password and a code
        </Button>
      </div>
    </div>
  );
}

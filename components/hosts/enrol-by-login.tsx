"use client";

import { ScanSearch } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Fingerprint } from "@/components/ui/fingerprint";
import { FormError } from "@/components/ui/form-error";
import { useCommand } from "@/components/ui/use-command";
import type { HostView } from "@/lib/features/hosts/views";
import { LoginForm } from "./login-form";
import { showHostKeys } from "./show-host-keys";

/** Compare the host's key, then log in once with a credential of one's own. */
export function EnrolByLogin({ host }: { host: HostView }) {
  const { enrolment } = host;
  const [fingerprint, setFingerprint] = useState<string>();
  const look = useCommand(`/api/v1/hosts/${host.id}/offered-keys`, {
    onDone: () => setFingerprint(undefined),
  });
  const offered = enrolment?.way === "login" ? enrolment.offeredKeys : [];
  const lookAgain = (
    <Button
      pending={look.pending}
      onClick={() => void look.send()}
      variant={offered.length ? "secondary" : "primary"}
    >
      {!look.pending && <ScanSearch aria-hidden />}
      {offered.length ? "Look again" : "Look at the host's keys"}
    </Button>
  );

  if (!enrolment || offered.length === 0)
    return (
      <div className="grid gap-3">
        <p className="text-sm text-ink-soft">
          Gatehouse opens a connection and reads the host&apos;s keys. It sends no name and no credential.
        </p>
        <FormError error={look.error} />
        <div>{lookAgain}</div>
      </div>
    );
  return (
    <div className="grid grid-cols-1 gap-5">
      <fieldset className="grid min-w-0 grid-cols-1 gap-3">
        <legend className="pb-1 text-sm font-medium">1. Compare the host key</legend>
        <p className="text-sm text-ink-soft">
          On the server&apos;s own console (not over SSH) run this, and choose the line that you see there
          too:
        </p>
        <CodeBlock label="Show the host's keys" text={showHostKeys} />
        <div className="grid gap-1.5">
          {offered.map((key) => (
            <label
              key={key.fingerprint}
              className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line-strong p-2.5 hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft"
            >
              <input
                type="radio"
                name="fingerprint"
                className="mt-1 accent-accent"
                checked={fingerprint === key.fingerprint}
                onChange={() => setFingerprint(key.fingerprint)}
              />
              <Fingerprint value={key.fingerprint} type={key.type} plain />
            </label>
          ))}
        </div>
        <div>{lookAgain}</div>
        <FormError error={look.error} />
      </fieldset>
      <LoginForm hostId={host.id} enrolmentId={enrolment.id} fingerprint={fingerprint} />
    </div>
  );
}

"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { useStepUp } from "@/components/ui/step-up-context";
import { makePasskey } from "./ceremony";
import { useCeremony } from "./use-ceremony";

/** Registers another security key, phone or computer. */
export function AddPasskey({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const askForStepUp = useStepUp();
  const [name, setName] = useState("");
  const { run, pending, error } = useCeremony<Parameters<typeof makePasskey>[0], unknown>({
    optionsPath: "/api/v1/me/passkeys/options",
    answerPath: "/api/v1/me/passkeys",
    ceremony: makePasskey,
    askForStepUp,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Add a passkey"
      description="A security key, a phone or this computer. Two of them mean that losing one locks nobody out."
      className="max-w-sm"
    >
      <form
        className="grid gap-4"
        onSubmit={async (event) => {
          event.preventDefault();
          if (!(await run({}, { name }))) return;
          router.refresh();
          onClose();
        }}
      >
        <Field label="Name" hint="By which you will know it again." error={error?.fields?.name}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              required
              maxLength={60}
              placeholder="Blue key on my ring"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <FormError error={error} shownFields={["name"]} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending}>
            {pending ? "Touch your key…" : "Continue"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

"use client";

import { Usb } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { RadioCards } from "@/components/ui/radio-cards";
import { Select } from "@/components/ui/select";
import { useStepUp } from "@/components/ui/step-up-context";
import { makePasskey } from "./ceremony";
import { useCeremony } from "./use-ceremony";

/** One touch of a security key: it signs in here, and is an SSH key. */
export function AddSecurityKey() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}>
        <Usb aria-hidden /> Enrol a security key…
      </Button>
      {open && <EnrolDialog onClose={() => setOpen(false)} />}
    </>
  );
}

type Family = "ed25519" | "ecdsa";
type Asks = "touch" | "pin";

function EnrolDialog({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const askForStepUp = useStepUp();
  const [name, setName] = useState("");
  const [asks, setAsks] = useState<Asks>("pin");
  const [family, setFamily] = useState<Family>("ed25519");
  const { run, pending, error } = useCeremony<Parameters<typeof makePasskey>[0], { keyId: string }>({
    optionsPath: "/api/v1/me/security-keys/options",
    answerPath: "/api/v1/me/security-keys",
    ceremony: makePasskey,
    askForStepUp,
  });
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Enrol a security key"
      description="One touch here. Then ssh uses the same key, and it signs you in to Gatehouse."
      className="max-w-xl"
    >
      <form
        className="grid grid-cols-1 gap-4"
        onSubmit={async (event) => {
          event.preventDefault();
          const answer = await run({ family, isVerifyRequired: asks === "pin" }, { name });
          if (!answer) return;
          onClose();
          // The page shows the file that ssh needs.
          router.replace(`/me?key=${answer.output.keyId}`, { scroll: false });
          router.refresh();
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
        <RadioCards
          legend="What ssh asks for"
          name="asks"
          value={asks}
          onChange={setAsks}
          cards={[
            {
              value: "pin",
              title: "Touch and PIN",
              text: "Or your fingerprint, on a key that reads it. Who finds the key cannot use it. OpenSSH 8.4 or later.",
            },
            {
              value: "touch",
              title: "Touch alone",
              text: "Quicker. Who holds both the key and its file can log in. OpenSSH 8.2 or later.",
            },
          ]}
        />
        <Field label="Algorithm">
          {(control) => (
            <Select
              {...control}
              value={family}
              onChange={(event) => setFamily(event.target.value === "ecdsa" ? "ecdsa" : "ed25519")}
            >
              <option value="ed25519">Ed25519, else ECDSA</option>
              <option value="ecdsa">ECDSA P-256</option>
            </Select>
          )}
        </Field>
        <Notice tone="info" title="What works">
          A security key that you plug in or hold to the machine: yes. Passkeys of a phone, a computer (Touch
          ID, Windows Hello) or a password manager: they sign in here, but OpenSSH cannot reach them, so they
          are not taken here. Is this key already a passkey of yours? Then take it from the list of passkeys
          below instead.
        </Notice>
        <FormError error={error} shownFields={["name"]} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending}>
            {pending ? "Touch your key…" : "Continue"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

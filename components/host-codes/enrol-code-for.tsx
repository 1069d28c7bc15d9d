"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Select } from "@/components/ui/select";
import { useCommand } from "@/components/ui/use-command";
import type { CodeEnrolmentView, HostCodesView } from "@/lib/features/host-codes/views";
import { type CodeKind, CodeKindCards } from "./code-kind";
import { ReplaceFile } from "./replace-file";
import { SharedAccount } from "./shared-account";

interface Props {
  view: HostCodesView;
  account: string | undefined;
  personId: string | undefined;
  onClose: () => void;
  onShown: (place: string, enrolment: CodeEnrolmentView) => void;
}

/** An admin enrols somebody who sits beside him. */
export function EnrolCodeFor({ view, account: given, personId: whose, onClose, onShown }: Props) {
  const [account, setAccount] = useState(given ?? view.accounts[0] ?? "");
  const [personId, setPersonId] = useState(whose ?? view.people[0]?.id ?? "");
  const [kind, setKind] = useState<CodeKind>("totp");
  const [replaces, setReplaces] = useState(false);
  const [typed, setTyped] = useState("");
  const begin = useCommand<CodeEnrolmentView>(`/api/v1/hosts/${view.hostId}/codes`, {
    refresh: false,
    onDone: (enrolment) => onShown(`${account} on ${view.hostName}`, enrolment),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Enrol somebody on ${view.hostName}`}
      description="The secret is shown once, on this screen. Let the person scan it, and type the code that the app shows. Better still, people enrol themselves."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={account === "" || personId === ""}
            pending={begin.pending}
            onClick={() =>
              void begin.send({
                personId,
                account,
                kind,
                replaces,
                ...(typed !== "" && { confirmAccount: typed }),
              })
            }
          >
            Go on
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <Field label="Person" error={begin.fieldError("personId")}>
          {(control) => (
            <Select {...control} value={personId} onChange={(event) => setPersonId(event.target.value)}>
              {view.people.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Account" error={begin.fieldError("account")}>
          {(control) => (
            <Select {...control} value={account} onChange={(event) => setAccount(event.target.value)}>
              {view.accounts.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <CodeKindCards value={kind} onChange={setKind} />
        <ReplaceFile error={begin.error} value={replaces} onChange={setReplaces} />
        <SharedAccount error={begin.fieldError("confirmAccount")} value={typed} onChange={setTyped} />
        <FormError error={begin.error} />
      </div>
    </Dialog>
  );
}

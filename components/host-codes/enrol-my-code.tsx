"use client";

import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { FormError } from "@/components/ui/form-error";
import { Notice } from "@/components/ui/notice";
import { Select } from "@/components/ui/select";
import { useCommand } from "@/components/ui/use-command";
import type { CodeEnrolmentView, CodePlaceView } from "@/lib/features/host-codes/views";
import { type CodeKind, CodeKindCards } from "./code-kind";
import { ReplaceFile } from "./replace-file";
import { SharedAccount } from "./shared-account";

interface Props {
  places: readonly CodePlaceView[];
  /** For an account that has codes, which the new ones take the place of. */
  isAnew: boolean;
  onClose: () => void;
  onShown: (place: string, enrolment: CodeEnrolmentView) => void;
}

const nameOf = ({ account, hostName }: CodePlaceView) => `${account} on ${hostName}`;
const keyOf = ({ account, hostId }: CodePlaceView) => `${hostId} ${account}`;

/** For which account, or which several; by the time or by a counter. */
export function EnrolMyCode({ places, isAnew, onClose, onShown }: Props) {
  const [first] = places;
  const [chosen, setChosen] = useState<readonly string[]>(first ? [keyOf(first)] : []);
  const [isShared, setShared] = useState(false);
  const [kind, setKind] = useState<CodeKind>("totp");
  const [replaces, setReplaces] = useState(false);
  const [typed, setTyped] = useState("");
  const id = useId();
  const taken = places.filter((place) => chosen.includes(keyOf(place)));
  const name = taken.length === 1 && taken[0] ? nameOf(taken[0]) : `${taken.length} accounts`;
  const begin = useCommand<CodeEnrolmentView>("/api/v1/me/host-codes", {
    refresh: false,
    onDone: (enrolment) => onShown(name, enrolment),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={isAnew ? `New codes for ${name}` : "Add codes for a host"}
      description={
        isAnew
          ? "The old codes go on working until a code has proved the new ones."
          : "An app on your phone makes a code for each login. Each host has a secret of its own."
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={taken.length === 0}
            pending={begin.pending}
            onClick={() =>
              void begin.send({
                places: taken.map(({ hostId, account }) => ({ hostId, account })),
                kind,
                isShared: taken.length > 1,
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
        {!isAnew && !isShared && (
          <Field label="Account">
            {(control) => (
              <Select {...control} value={chosen[0]} onChange={(event) => setChosen([event.target.value])}>
                {places.map((place) => (
                  <option key={keyOf(place)} value={keyOf(place)}>
                    {nameOf(place)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        {isShared && (
          <fieldset className="grid gap-1.5">
            <legend className="mb-1.5 text-sm font-medium">Accounts with the same secret</legend>
            {places.map((place) => {
              const key = keyOf(place);
              return (
                <span key={key} className="flex items-center gap-2">
                  <Checkbox
                    id={`${id}-${key}`}
                    checked={chosen.includes(key)}
                    onChange={(event) =>
                      setChosen(event.target.checked ? [...chosen, key] : chosen.filter((one) => one !== key))
                    }
                  />
                  <label htmlFor={`${id}-${key}`} className="text-sm">
                    {nameOf(place)}
                  </label>
                </span>
              );
            })}
          </fieldset>
        )}
        {!isAnew && places.length > 1 && (
          <div className="flex items-center gap-2">
            <Checkbox
              id={`${id}-shared`}
              checked={isShared}
              onChange={(event) => {
                setShared(event.target.checked);
                setKind("totp");
                if (!event.target.checked) setChosen(chosen.slice(0, 1));
              }}
            />
            <label htmlFor={`${id}-shared`} className="text-sm">
              One secret for several hosts
            </label>
          </div>
        )}
        {isShared ? (
          <Notice tone="warn" title="A code that is seen on one of them counts on the others">
            Each host knows only which codes were used on itself. Whoever runs one of these hosts, or has
            broken into it, can log in to the others with your key and the code that you have just typed.
          </Notice>
        ) : (
          <CodeKindCards value={kind} onChange={setKind} />
        )}
        <ReplaceFile error={begin.error} value={replaces} onChange={setReplaces} />
        <SharedAccount error={begin.fieldError("confirmAccount")} value={typed} onChange={setTyped} />
        <FormError error={begin.error} />
      </div>
    </Dialog>
  );
}

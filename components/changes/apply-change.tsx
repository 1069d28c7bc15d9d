"use client";

import { Plug, UserCheck } from "lucide-react";
import { useState } from "react";
import { timing } from "@/lib/change/timing";
import type { ChangeView } from "@/lib/features/changes/views";
import { Button } from "../ui/button";
import { DangerDialog } from "../ui/danger-dialog";
import { Field } from "../ui/field";
import { FormError } from "../ui/form-error";
import { Input } from "../ui/input";
import { RadioCards } from "../ui/radio-cards";
import { Select } from "../ui/select";
import { useCommand } from "../ui/use-command";
import { AccountNames } from "./account-names";

type KeepBy = ChangeView["keepBy"];

const deadlines = [30, 60, 120, 300, 600, 1800, 3600] as const;

const byLogin = {
  value: "login",
  title: "A fresh login",
  text: "Kept as soon as Gatehouse has logged in anew under the new file.",
  icon: <Plug aria-hidden />,
} as const;

const byPerson = {
  value: "person",
  title: "A fresh login, and you",
  text: "After ours you try your own login, then keep the change.",
  icon: <UserCheck aria-hidden />,
} as const;

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  return seconds === 3600 ? "1 hour" : `${seconds / 60} minutes`;
}

/**
 * The last step before a host is touched: who keeps the change, how long the host waits, and the one button.
 *
 * Where the host says that the management account would be shut out (for those who may), and where an account would
 * lose its last way in, the button is another one and asks for the host's name.
 */
export function ApplyChange({ change }: { change: ChangeView }) {
  const { plan } = change;
  const [keepBy, setKeepBy] = useState<KeepBy>(plan?.needsPerson ? "person" : "login");
  const [deadline, setDeadline] = useState<number>();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  const apply = useCommand(`/api/v1/changes/${change.id}/apply`, { onDone: () => setAsking(false) });
  const discard = useCommand(`/api/v1/changes/${change.id}/discard`);
  const replan = useCommand(`/api/v1/changes/${change.id}/replan`);
  if (!plan) return null;

  const normal = keepBy === "person" ? timing.personDeadlineSeconds : timing.defaultDeadlineSeconds;
  const seconds = deadline ?? normal;
  const input = { keepBy, deadlineSeconds: seconds };
  // What would shut somebody out by a second factor is refused, whatever is typed.
  const isTwoFactor = change.kind === "two-factor";
  const isEnforced = isTwoFactor && plan.twoFactor?.step !== "off";
  const shutOut = !plan.management.getsIn && !isTwoFactor;
  const lost = isEnforced ? undefined : plan.access?.shutOut;
  const losesAccounts = lost !== undefined && lost.total > 0;
  const mayApply = shutOut ? change.canOverride : change.canApply;
  const refusedBySshd = plan.test.code !== 0;
  // No name that is typed overrides a rule.
  const refusedByRule = plan.rules?.some(({ isBlocking }) => isBlocking) ?? false;

  return (
    <section
      aria-labelledby="apply-change"
      className="grid gap-4 rounded-lg border border-line-strong bg-surface p-4"
    >
      <h2 id="apply-change" className="text-base font-semibold">
        Apply
      </h2>
      <RadioCards<KeepBy>
        legend="Who keeps the change"
        name="keep-by"
        value={keepBy}
        onChange={setKeepBy}
        cards={plan.needsPerson ? [byPerson] : [byLogin, byPerson]}
      />
      {plan.needsPerson && (
        <p className="text-sm text-ink-soft">
          {change.kind === "two-factor"
            ? "It decides who is asked for what, so a person has to keep it: our login does not prove yours."
            : change.kind === "keys"
              ? "It takes keys away or changes modes, and it cannot be told for certain who loses by it. So a person has to keep it: our login does not prove yours."
              : "It touches how people log in, so a person has to keep it: our login does not prove yours."}
        </p>
      )}
      <div className="flex flex-wrap items-end justify-between gap-3">
        <Field
          label="Undone by itself after"
          hint="Unless it is kept before. The host decides, even without us."
        >
          {(control) => (
            <Select
              {...control}
              value={String(seconds)}
              onChange={(event) => setDeadline(Number(event.target.value))}
            >
              {deadlines.map((value) => (
                <option key={value} value={value}>
                  {inWords(value)}
                  {value === normal ? " (usual)" : ""}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <div className="flex flex-wrap gap-2">
          <Button variant="ghost" pending={discard.pending} onClick={() => discard.send()}>
            Discard
          </Button>
          <Button pending={replan.pending} onClick={() => replan.send()}>
            Ask the host again
          </Button>
          {shutOut || losesAccounts ? (
            <Button
              variant="danger-quiet"
              disabled={!mayApply || refusedBySshd || refusedByRule}
              title={shutOut && !mayApply ? "Only an owner or admin may apply it all the same." : undefined}
              onClick={() => setAsking(true)}
            >
              Apply all the same…
            </Button>
          ) : (
            <Button
              variant="primary"
              pending={apply.pending}
              disabled={!change.canApply || refusedBySshd || refusedByRule}
              onClick={() => apply.send(input)}
            >
              Apply to {change.hostName}
            </Button>
          )}
        </div>
      </div>
      {!asking && <FormError error={apply.error ?? discard.error ?? replan.error} />}
      <DangerDialog
        open={asking}
        onOpenChange={setAsking}
        title={
          shutOut
            ? `Apply a change that shuts Gatehouse out of ${change.hostName}?`
            : `Apply a change that shuts ${lost?.total === 1 ? "an account" : `${lost?.total} accounts`} out of ${change.hostName}?`
        }
        consequence={
          <div className="grid gap-2">
            {shutOut && (
              <p>
                The host says that the management account would not get in, so a fresh login cannot succeed.
                The host will put its old file back after {inWords(seconds)}. Until then new logins may fail
                for everybody.
              </p>
            )}
            {losesAccounts && (
              <p>
                Nobody could log in any more as{" "}
                <strong className="font-medium break-words">
                  <AccountNames list={lost} />
                </strong>
                . Sessions that are open now stay.
              </p>
            )}
          </div>
        }
        confirmLabel="Apply all the same"
        pending={apply.pending}
        disabled={typed !== change.hostName}
        onConfirm={() => apply.send({ ...input, override: { hostName: typed } })}
      >
        <Field label={`Type ${change.hostName} to go on`}>
          {(control) => (
            <Input
              {...control}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
            />
          )}
        </Field>
        <FormError error={apply.error} />
      </DangerDialog>
    </section>
  );
}

"use client";

import { KeyRound, UsersRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { EnforcementView } from "@/lib/features/changes/views";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { FormError } from "../ui/form-error";
import { RadioCards } from "../ui/radio-cards";
import { useCommand } from "../ui/use-command";
import { GroupRoles, type Role } from "./group-roles";
import { stepWords } from "./two-factor-words";

interface Props {
  view: EnforcementView;
  onClose: () => void;
}

/** Step and recipe of the next plan. Nothing is applied here. */
export function SetTwoFactor({ view, onClose }: Props) {
  const router = useRouter();
  const { recipe } = view;
  const [step, setStep] = useState<"optional" | "required">(view.step === "off" ? "optional" : "required");
  const [roles, setRoles] = useState<Record<string, Role>>(() => ({
    ...Object.fromEntries(recipe.keyOnlyGroups.map((group) => [group, "key"])),
    ...Object.fromEntries(recipe.securityKeyGroups.map((group) => [group, "security-key"])),
  }));
  const [mixed, setMixed] = useState(Object.keys(roles).length > 0);
  const plan = useCommand<{ changeId: string }>("/api/v1/changes/two-factor", {
    refresh: false,
    onDone: ({ changeId }) => router.push(`/changes/${changeId}`),
  });
  const groupsOf = (role: Role) => (mixed ? Object.keys(roles).filter((group) => roles[group] === role) : []);

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`A second factor on ${view.hostName}`}
      description="The host is read and asked first. Nothing is changed before you have seen the plan."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            pending={plan.pending}
            onClick={() =>
              void plan.send({
                hostId: view.hostId,
                step,
                keyOnlyGroups: groupsOf("key"),
                securityKeyGroups: groupsOf("security-key"),
              })
            }
          >
            Plan it
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-5">
        {view.step === "off" ? (
          <p className="text-sm text-ink-soft">
            The first step is <strong className="font-medium text-ink">optional</strong>:{" "}
            {stepWords.optional.meaning} When everybody has a secret, come back and require it.
          </p>
        ) : (
          <RadioCards<"optional" | "required">
            legend="Step"
            name="step"
            value={step}
            onChange={setStep}
            cards={(["optional", "required"] as const).map((value) => ({
              value,
              title: stepWords[value].label,
              text: stepWords[value].meaning,
            }))}
          />
        )}
        <RadioCards<"everybody" | "mixed">
          legend="Who is asked for what"
          name="recipe"
          value={mixed ? "mixed" : "everybody"}
          onChange={(value) => setMixed(value === "mixed")}
          cards={[
            {
              value: "everybody",
              title: "Everybody alike",
              text: "Key and code.",
              icon: <KeyRound aria-hidden />,
            },
            {
              value: "mixed",
              title: "By group",
              text: "Security keys and robots apart; everybody else by key and code.",
              icon: <UsersRound aria-hidden />,
            },
          ]}
        />
        {mixed && (
          <GroupRoles
            groups={view.groups}
            roles={roles}
            onChange={(group, role) => {
              const { [group]: _, ...others } = roles;
              setRoles(role === "code" ? others : { ...others, [group]: role });
            }}
          />
        )}
        <p className="text-xs text-ink-faint">
          Accounts that somebody answers for (“Except…” on this page) go on by key alone while they are not
          ready. Gatehouse's own account is never asked for a code.
        </p>
        <FormError error={plan.error} />
      </div>
    </Dialog>
  );
}

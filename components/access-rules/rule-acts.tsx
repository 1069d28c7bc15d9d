"use client";

import { Pencil } from "lucide-react";
import type { RuleView } from "@/lib/features/access-rules/views";
import { ButtonLink } from "../ui/button";
import { RemoveAct } from "../ui/remove-act";

/** What may be done about a rule. */
export function RuleActs({ rule }: { rule: Pick<RuleView, "id" | "name" | "severity" | "isEnabled"> }) {
  const isRefusing = rule.isEnabled && rule.severity === "block";
  return (
    <>
      <ButtonLink href={`/access/rules/${rule.id}/edit`}>
        <Pencil aria-hidden /> Edit
      </ButtonLink>
      <RemoveAct
        path={`/api/v1/access/rules/${rule.id}`}
        leadsTo="/access/rules"
        title={`Remove the rule “${rule.name}”?`}
        consequence={`${isRefusing ? "Changes that it refuses today could be applied." : "It is no longer checked."} What it said stays in the activity.`}
        confirmLabel="Remove the rule"
      />
    </>
  );
}

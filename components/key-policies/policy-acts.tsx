"use client";

import { RemoveAct } from "@/components/ui/remove-act";
import type { KeyPolicyView } from "@/lib/features/key-policies/views";
import { PolicyForm } from "./policy-form";

/** What may be done about a policy. */
export function PolicyActs({ policy }: { policy: KeyPolicyView }) {
  return (
    <>
      <PolicyForm key={policy.version} policy={policy} />
      <RemoveAct
        path={`/api/v1/key-policies/${policy.id}`}
        leadsTo="/access/policies"
        title="Remove this policy?"
        consequence="Nothing of it is demanded any more. Hosts go on demanding it until a change takes it out of each; they are listed with the policies until then."
        confirmLabel="Remove the policy"
      />
    </>
  );
}

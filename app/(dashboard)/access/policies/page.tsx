import type { Metadata } from "next";
import { AccessTabs } from "@/components/access/access-tabs";
import { PolicyForm } from "@/components/key-policies/policy-form";
import { PolicyList } from "@/components/key-policies/policy-list";
import { Page } from "@/components/ui/page";
import { listKeyPolicies } from "@/lib/features/key-policies/queries";
import { load } from "@/lib/http/load";

export const metadata: Metadata = { title: "Policies of keys" };

export default async function PoliciesPage() {
  const view = await load(listKeyPolicies, {});
  return (
    <Page
      title="Access"
      lead="What sshd demands of every key that logs in, by host or tag: a touch, a PIN, security keys alone."
      actions={view.mayWrite && <PolicyForm tags={view.tags} hosts={view.hosts} />}
    >
      <AccessTabs />
      <PolicyList view={view} />
    </Page>
  );
}

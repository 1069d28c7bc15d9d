import type { Metadata } from "next";
import Link from "next/link";
import { PolicyActs } from "@/components/key-policies/policy-acts";
import { PolicyDetail } from "@/components/key-policies/policy-detail";
import { Live } from "@/components/ui/live";
import { Page } from "@/components/ui/page";
import { printDemands } from "@/lib/access/key-policy-words";
import { getKeyPolicy } from "@/lib/features/key-policies/queries";
import { PolicyPage } from "@/lib/features/key-policies/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

interface Props {
  params: Promise<{ policyId: string }>;
  searchParams: SearchParams;
}

export const metadata: Metadata = { title: "Policy of keys" };

export default async function KeyPolicyPage({ params, searchParams }: Props) {
  const { policyId } = await params;
  const { page } = await searchInput(PolicyPage, searchParams);
  const policy = await load(getKeyPolicy, { policyId, page });
  return (
    <Page
      above={
        <Link href="/access/policies" className="w-fit text-xs text-ink-faint hover:text-ink">
          Policies
        </Link>
      }
      title={policy.tag === null ? (policy.hostName ?? "A host") : `All hosts with the tag ${policy.tag}`}
      lead={`Demanded of every key that logs in: ${printDemands(policy.demands)}.`}
      actions={policy.mayWrite && <PolicyActs policy={policy} />}
    >
      <Live topics={policy.rows.map(({ hostId }) => `host:${hostId}`)} />
      <PolicyDetail policy={policy} />
    </Page>
  );
}

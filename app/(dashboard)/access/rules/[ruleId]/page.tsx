import type { Metadata } from "next";
import Link from "next/link";
import { RuleActs } from "@/components/access-rules/rule-acts";
import { RuleDetail } from "@/components/access-rules/rule-detail";
import { Live } from "@/components/ui/live";
import { Page } from "@/components/ui/page";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { getRule } from "@/lib/features/access-rules/queries";
import { RuleFilter } from "@/lib/features/access-rules/schema";
import { load } from "@/lib/http/load";
import { type SearchParams, searchInput } from "@/lib/http/search-input";

interface Props {
  params: Promise<{ ruleId: string }>;
  searchParams: SearchParams;
}

export const metadata: Metadata = { title: "Rule about access" };

export default async function RulePage({ params, searchParams }: Props) {
  const { ruleId } = await params;
  const filter = await searchInput(RuleFilter, searchParams);
  const rule = await load(getRule, { ruleId, ...filter });
  return (
    <Page
      above={
        <Link href="/access/rules" className="w-fit text-xs text-ink-faint hover:text-ink">
          Rules
        </Link>
      }
      title={rule.name}
      lead={
        <>
          <UntrustedText text={rule.sentence} />.
        </>
      }
      actions={rule.mayWrite && <RuleActs rule={rule} />}
    >
      <Live topics={["access-rules"]} />
      <RuleDetail rule={rule} filter={filter} />
    </Page>
  );
}

import type { Metadata } from "next";
import Link from "next/link";
import { draftOf, emptyDraft } from "@/components/access-rules/rule-draft";
import { RuleForm } from "@/components/access-rules/rule-form";
import { Page } from "@/components/ui/page";
import { getRule, getRuleForm } from "@/lib/features/access-rules/queries";
import { load } from "@/lib/http/load";

export const metadata: Metadata = { title: "Edit a rule about access" };

export default async function EditRulePage({ params }: { params: Promise<{ ruleId: string }> }) {
  const { ruleId } = await params;
  const [rule, form] = await Promise.all([load(getRule, { ruleId }), load(getRuleForm, {})]);
  const { name, reason, severity, isEnabled, version, assertion } = rule;
  const said = { name, reason, severity, isEnabled };
  return (
    <Page
      narrow
      above={
        <Link href={`/access/rules/${ruleId}`} className="w-fit text-xs text-ink-faint hover:text-ink">
          {name}
        </Link>
      }
      title="Edit the rule"
    >
      <RuleForm
        form={form}
        initial={assertion ? draftOf(assertion, said) : { ...emptyDraft, ...said }}
        edited={{ ruleId, version }}
      />
    </Page>
  );
}

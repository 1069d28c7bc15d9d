import type { Metadata } from "next";
import Link from "next/link";
import { exampleDraft } from "@/components/access-rules/rule-examples";
import { RuleForm } from "@/components/access-rules/rule-form";
import { Page } from "@/components/ui/page";
import { getRuleForm } from "@/lib/features/access-rules/queries";
import { load } from "@/lib/http/load";
import type { SearchParams } from "@/lib/http/search-input";

export const metadata: Metadata = { title: "New rule about access" };

export default async function NewRulePage({ searchParams }: { searchParams: SearchParams }) {
  const { example } = await searchParams;
  return (
    <Page
      narrow
      above={
        <Link href="/access/rules" className="w-fit text-xs text-ink-faint hover:text-ink">
          Rules
        </Link>
      }
      title="New rule"
    >
      <RuleForm form={await load(getRuleForm, {})} initial={exampleDraft(example)} />
    </Page>
  );
}

import { Plus } from "lucide-react";
import type { Metadata } from "next";
import { AccessTabs } from "@/components/access/access-tabs";
import { RuleList } from "@/components/access-rules/rule-list";
import { ButtonLink } from "@/components/ui/button";
import { Live } from "@/components/ui/live";
import { Page } from "@/components/ui/page";
import { listRules } from "@/lib/features/access-rules/queries";
import { load } from "@/lib/http/load";

export const metadata: Metadata = { title: "Rules about access" };

export default async function RulesPage() {
  const view = await load(listRules, {});
  return (
    <Page
      title="Access"
      lead="What must always hold about who can log in: checked at every reading, and no change may break it."
      actions={
        view.mayWrite && (
          <ButtonLink variant="primary" href="/access/rules/new">
            <Plus aria-hidden /> New rule
          </ButtonLink>
        )
      }
    >
      <Live topics={["access-rules"]} />
      <AccessTabs />
      <RuleList view={view} />
    </Page>
  );
}

import { CircleCheck, Plus, Server } from "lucide-react";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { MyReviews } from "@/components/access-reviews/my-reviews";
import { RulesAttention } from "@/components/access-rules/rules-attention";
import { ChangeTable } from "@/components/changes/change-table";
import { Attention, attentionKinds } from "@/components/hosts/attention";
import { Readings } from "@/components/hosts/readings";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Page } from "@/components/ui/page";
import { Section } from "@/components/ui/section";
import { listMyReviews } from "@/lib/features/access-reviews/queries";
import { summarizeRules } from "@/lib/features/access-rules/queries";
import { listChanges } from "@/lib/features/changes/queries";
import { listHosts } from "@/lib/features/hosts/queries";
import { getViewer } from "@/lib/features/people/queries";
import { load } from "@/lib/http/load";

export const metadata: Metadata = { title: "Overview" };

/** Changes shown beside what needs somebody; the rest has its own page. */
const lastChanges = 5;

export default async function OverviewPage() {
  const viewer = await load(getViewer, {});
  // A member has nothing to look over but his own sign-in.
  if (!viewer.permissions.includes("host:read")) redirect("/me");
  const [changes, reviews, rules, ...lists] = await Promise.all([
    load(listChanges, {}),
    load(listMyReviews, {}),
    load(summarizeRules, {}),
    ...attentionKinds.map((state) => load(listHosts, { state, perPage: 10 })),
  ]);
  const [first] = lists;
  const calm = rules.broken.length === 0 && lists.every((list) => list.total === 0);
  const mayAdd = viewer.permissions.includes("host:enrol");
  return (
    <Page title="Overview">
      {first && first.all === 0 ? (
        <EmptyState
          icon={Server}
          title="Add the first server"
          actions={
            mayAdd && (
              <ButtonLink variant="primary" href="/hosts/add">
                <Plus aria-hidden /> Add a host
              </ButtonLink>
            )
          }
        >
          {mayAdd
            ? "By a command that you paste on it, or by one login of yours. Nothing on it changes before you say so."
            : "An owner or admin adds it; then you see here what needs attention."}
        </EmptyState>
      ) : (
        <>
          {first && <Readings list={first} pendingChanges={changes.pending} />}
          {reviews.length > 0 && (
            <Section bare title="Reviews of access that wait for you">
              <MyReviews reviews={reviews} />
            </Section>
          )}
          <Section bare title="Needs attention">
            <div className="overflow-hidden rounded-lg border border-line bg-surface">
              {calm ? (
                <p className="flex items-center gap-2 px-4 py-3 text-sm text-ink-soft">
                  <CircleCheck aria-hidden className="size-4 text-ok" />
                  Every host answers with its own key, and has the configuration that was last seen here.
                  {rules.rules > 0 && " No rule about access is broken."}
                </p>
              ) : (
                <ul>
                  <RulesAttention summary={rules} />
                  {attentionKinds.map((kind, index) => {
                    const list = lists[index];
                    return list && <Attention key={kind} kind={kind} list={list} />;
                  })}
                </ul>
              )}
            </div>
          </Section>
          {changes.rows.length > 0 && (
            <Section
              bare
              title="Last changes"
              actions={
                <ButtonLink size="sm" variant="ghost" href="/changes">
                  All changes
                </ButtonLink>
              }
            >
              <ChangeTable rows={changes.rows.slice(0, lastChanges)} />
            </Section>
          )}
        </>
      )}
    </Page>
  );
}

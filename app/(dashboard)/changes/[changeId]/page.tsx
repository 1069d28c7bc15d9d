import Link from "next/link";
import { ApplyChange } from "@/components/changes/apply-change";
import { ChangeBadge } from "@/components/changes/change-status";
import { EndedChange } from "@/components/changes/ended-change";
import { PendingChange } from "@/components/changes/pending-change";
import { PlanView } from "@/components/changes/plan-view";
import { PlanningNotice } from "@/components/changes/planning-notice";
import { ProofView } from "@/components/changes/proof-view";
import { PutBack } from "@/components/changes/put-back";
import { TextDifference } from "@/components/changes/text-difference";
import { Timeline } from "@/components/changes/timeline";
import { CopyButton } from "@/components/ui/copy-button";
import { Fact, Facts } from "@/components/ui/facts";
import { Live } from "@/components/ui/live";
import { Page } from "@/components/ui/page";
import { RelativeTime } from "@/components/ui/relative-time";
import { Section } from "@/components/ui/section";
import { UntrustedText } from "@/components/ui/untrusted-text";
import { isPending } from "@/lib/change/machine";
import { getChange } from "@/lib/features/changes/queries";
import { load } from "@/lib/http/load";
import { diffLines } from "@/lib/sshd-config/diff";

type Props = { params: Promise<{ changeId: string }> };

export async function generateMetadata({ params }: Props) {
  const change = await load(getChange, await params);
  return { title: `Change to ${change.hostName}` };
}

export default async function ChangePage({ params }: Props) {
  const change = await load(getChange, await params);
  const pending = isPending(change.state);
  const planned = change.state === "planned";
  const history = change.steps.length > 0 && (
    <Section title="What happened">
      <Timeline steps={change.steps} live={pending} />
    </Section>
  );
  return (
    <Page
      above={
        <p className="text-xs text-ink-faint">
          <Link href="/changes" className="rounded-sm hover:underline">
            Changes
          </Link>{" "}
          ·{" "}
          <Link href={`/hosts/${change.hostId}`} className="rounded-sm hover:underline">
            {change.hostName}
          </Link>
        </p>
      }
      title={change.message || `Change to ${change.hostName}`}
      lead={
        <>
          <UntrustedText text={change.path} className="font-mono text-xs" />
          {change.pam && (
            <>
              {" "}
              and <UntrustedText text={change.pam.path} className="font-mono text-xs" />
            </>
          )}{" "}
          on {change.hostName}, by {change.authorName}, <RelativeTime at={change.createdAt} />
        </>
      }
      actions={<ChangeBadge state={change.state} />}
    >
      <Live topics={[`change:${change.id}`]} />
      {pending && <PendingChange change={change} />}
      <EndedChange change={change} />
      {change.canPutBack && <PutBack changeId={change.id} />}
      <PlanningNotice change={change} />
      {!planned && history}
      {change.proof && (
        <Section title="Proof">
          <ProofView change={change} proof={change.proof} />
        </Section>
      )}
      {change.plan && (
        <PlanView
          plan={change.plan}
          account={change.account}
          overridden={change.overridePrecheck}
          hostHref={`/hosts/${change.hostId}`}
        />
      )}
      <Section title="Text difference" bare>
        {change.pam && <UntrustedText text={change.path} className="font-mono text-xs" />}
        <TextDifference
          label={`${change.path}: before and after`}
          lines={diffLines(change.baseContent, change.content)}
        />
        {change.pam && <UntrustedText text={change.pam.path} className="font-mono text-xs" />}
        {change.pam && (
          <TextDifference
            label={`${change.pam.path}: before and after`}
            lines={diffLines(change.pam.baseContent, change.pam.content)}
          />
        )}
      </Section>
      {planned && <ApplyChange change={change} />}
      {planned && history}
      <Section title="On record">
        <Facts>
          <Fact name="Based on SHA-256">
            <Digest value={change.baseSha256} />
          </Fact>
          <Fact name="New SHA-256">
            <Digest value={change.newSha256} />
          </Fact>
          {change.appliedAt && (
            <>
              <Fact name="Kept by">
                {change.keepBy === "login" ? "a fresh login" : "a fresh login, and a person"}
              </Fact>
              <Fact name="Deadline">{change.deadlineSeconds} seconds</Fact>
            </>
          )}
          {change.overridePrecheck && <Fact name="Pre-check">overridden by {change.authorName}</Fact>}
        </Facts>
      </Section>
    </Page>
  );
}

function Digest({ value }: { value: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span className="break-all font-mono text-xs">{value}</span>
      <CopyButton text={value} label="Copy the SHA-256" className="-my-1" />
    </span>
  );
}

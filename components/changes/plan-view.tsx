import { ArrowRight } from "lucide-react";
import { visibleText } from "@/components/ui/visible-text";
import type { ChangePlanView } from "@/lib/features/changes/views";
import { Badge, Status, Tag, type Tone } from "../ui/badge";
import { Notice } from "../ui/notice";
import { RelativeTime } from "../ui/relative-time";
import { Section } from "../ui/section";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "../ui/table";
import { UntrustedText } from "../ui/untrusted-text";
import { AccessDifference } from "./access-difference";
import { AskedAccounts } from "./asked-accounts";
import { PlanRules } from "./plan-rules";

type Risk = ChangePlanView["touches"][number]["risk"];

/** What a directive can do to the host, by lib/sshd-config's risk classes. */
const riskWords: Record<Risk, { label: string; tone: Tone }> = {
  execute: { label: "acts as root", tone: "danger" },
  access: { label: "decides who gets in", tone: "warn" },
  network: { label: "where sshd listens", tone: "warn" },
  crypto: { label: "cryptography", tone: "info" },
  session: { label: "sessions", tone: "neutral" },
  log: { label: "logging", tone: "neutral" },
};

/** Whether the dashboard's own account still gets in: what the host itself answered. */
function ManagementVerdict({
  management,
  overridden,
}: Pick<ChangePlanView, "management"> & { overridden: boolean }) {
  if (management.getsIn)
    return (
      <Notice tone="ok" title="Gatehouse still gets in">
        The host's own sshd says so for the management account. The proof is a fresh login after the change;
        until it succeeds the host keeps the old file ready.
        {management.doubts.length > 0 && (
          <ul className="mt-1 list-disc pl-5" aria-label="What cannot be told beforehand">
            {management.doubts.map((doubt) => (
              <li key={doubt}>
                <UntrustedText text={doubt} />
              </li>
            ))}
          </ul>
        )}
      </Notice>
    );
  return (
    <Notice tone="danger" title="This change shuts the management account out" urgent={!overridden}>
      <p>
        {overridden
          ? "It was applied all the same. What the host said beforehand:"
          : "It is refused, since no fresh login could prove it. What stands in the way:"}
      </p>
      <ul className="mt-1 list-disc pl-5">
        {management.reasons.map((reason) => (
          <li key={reason}>
            <UntrustedText text={reason} />
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** The host's own `sshd -t`: silent when it is content. */
function TestVerdict({ test }: { test: ChangePlanView["test"] }) {
  if (test.code === 0 && test.lines.length === 0)
    return (
      <Status tone="ok" className="text-sm">
        sshd -t on the host accepts the whole configuration
      </Status>
    );
  return (
    <Notice
      tone={test.code === 0 ? "warn" : "danger"}
      title={
        test.code === 0 ? "sshd -t accepts it, with warnings" : `sshd -t refuses it (exit code ${test.code})`
      }
    >
      <ul className="grid gap-1 font-mono text-xs">
        {test.lines.map((line) => (
          <li key={`${line.path}:${line.line}:${line.text}`}>
            <UntrustedText text={line.text} />
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Values({ values }: { values: readonly string[] }) {
  if (values.length === 0) return <span className="text-ink-faint">not set</span>;
  return (
    <span className="grid gap-0.5 font-mono text-xs">
      {values.map((value) => (
        <UntrustedText key={value} text={value} className="break-all" />
      ))}
    </span>
  );
}

/** What would be in force afterwards, by the host's own `sshd -T`. */
function EffectiveTable({ plan }: { plan: ChangePlanView }) {
  if (plan.effective.length === 0)
    return (
      <p className="text-sm text-ink-soft">
        No effective setting changes for the connections that were asked about: the text differs only in
        comments, order or lines that never take effect.
      </p>
    );
  return (
    <Table label="Effective settings before and after">
      <TableHead>
        <ColumnHead>Directive</ColumnHead>
        <ColumnHead>For</ColumnHead>
        <ColumnHead>Now</ColumnHead>
        <ColumnHead>
          <span className="sr-only">becomes</span>
        </ColumnHead>
        <ColumnHead>After the change</ColumnHead>
      </TableHead>
      <tbody>
        {plan.effective.map((row) => (
          <TableRow key={`${row.keyword} ${row.for}`}>
            <Cell className="font-mono text-xs">
              <UntrustedText text={row.keyword} />
            </Cell>
            <Cell className="text-ink-soft">{row.for}</Cell>
            <Cell className="py-2 text-ink-soft">
              <Values values={row.before} />
            </Cell>
            <Cell className="text-ink-faint">
              <ArrowRight aria-hidden className="size-3.5" />
            </Cell>
            <Cell className="py-2">
              <Values values={row.after} />
            </Cell>
          </TableRow>
        ))}
      </tbody>
    </Table>
  );
}

/** What the host's own sshd says about a new configuration. */
function ConfigVerdict({ plan, overridden }: Pick<Props, "plan" | "overridden">) {
  return (
    <>
      <div className="grid gap-3">
        <ManagementVerdict management={plan.management} overridden={overridden} />
        <TestVerdict test={plan.test} />
      </div>
      <Section
        title="Effective difference"
        bare
        lead={
          <>
            Asked of the host's own <code className="font-mono">sshd -T</code>{" "}
            <RelativeTime at={plan.readAt} />.
          </>
        }
      >
        <EffectiveTable plan={plan} />
      </Section>
    </>
  );
}

interface Props {
  plan: ChangePlanView;
  /** Of a change of keys: whose they are; null for one of sshd's configuration. */
  account: string | null;
  overridden: boolean;
  /** The host's own page. */
  hostHref: string;
}

/** The plan: what the host itself says the change would do, before anything is written. */
export function PlanView({ plan, account, overridden, hostHref }: Props) {
  return (
    <div className="grid gap-6">
      {account === null ? (
        <ConfigVerdict plan={plan} overridden={overridden} />
      ) : (
        <Notice tone="info" title={`Nothing but this key file of ${visibleText(account)} is touched`}>
          What stands there was read on the host <RelativeTime at={plan.readAt} />. If it is otherwise when
          the change is applied, nothing is done. Gatehouse itself comes in by a key in another file; what was
          there before stays ready until a fresh login has succeeded.
        </Notice>
      )}
      {plan.twoFactor && <AskedAccounts plan={plan.twoFactor} readinessHref={`${hostHref}/two-factor`} />}
      {plan.rules && <PlanRules rules={plan.rules} />}
      {plan.access && (
        <AccessDifference
          access={plan.access}
          accessHref={`${hostHref}/access`}
          isRefused={
            (plan.rules?.some(({ isBlocking }) => isBlocking) ?? false) ||
            (plan.twoFactor?.problems.length ?? 0) > 0
          }
        />
      )}
      {plan.touches.length > 0 && (
        <Section title="Directives this touches" bare>
          <ul className="flex flex-wrap gap-x-4 gap-y-2">
            {plan.touches.map(({ keyword, risk }) => (
              <li key={keyword} className="inline-flex items-center gap-1.5 text-sm">
                <code className="font-mono text-xs">
                  <UntrustedText text={keyword} />
                </code>
                {riskWords[risk].tone === "neutral" ? (
                  <Tag>{riskWords[risk].label}</Tag>
                ) : (
                  <Badge tone={riskWords[risk].tone}>{riskWords[risk].label}</Badge>
                )}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

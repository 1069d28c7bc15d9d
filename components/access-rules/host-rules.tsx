import Link from "next/link";
import type { BrokenRuleView } from "@/lib/features/access-rules/views";
import { Notice } from "../ui/notice";
import { RelativeTime } from "../ui/relative-time";
import { UntrustedText } from "../ui/untrusted-text";

/** The rules about access that do not hold on a host. Nothing where all do. */
export function HostRules({ rules }: { rules: readonly BrokenRuleView[] }) {
  const broken = rules.filter(({ state }) => state === "broken");
  const unclear = rules.filter(({ state }) => state === "unclear");
  return (
    <>
      {broken.length > 0 && (
        <Notice
          tone="danger"
          title={
            broken.length === 1
              ? "A rule about access is broken"
              : `${broken.length} rules about access are broken`
          }
        >
          <Rules rules={broken} />
        </Notice>
      )}
      {unclear.length > 0 && (
        <Notice
          tone="warn"
          title={
            unclear.length === 1
              ? "Of a rule about access it cannot be told whether it holds"
              : `Of ${unclear.length} rules about access it cannot be told whether they hold`
          }
        >
          <Rules rules={unclear} />
        </Notice>
      )}
    </>
  );
}

/** More than these are on the page of the rules. */
const mostRules = 5;

function Rules({ rules }: { rules: readonly BrokenRuleView[] }) {
  return (
    <ul className="grid gap-0.5">
      {rules.slice(0, mostRules).map(({ ruleId, sentence, since }) => (
        <li key={ruleId} className="min-w-0 break-words">
          <Link prefetch={false} href={`/access/rules/${ruleId}`} className="link text-ink">
            <UntrustedText text={sentence} />
          </Link>{" "}
          <span className="text-xs">
            since <RelativeTime at={since} />
          </span>
        </li>
      ))}
      {rules.length > mostRules && (
        <li className="text-xs">
          <Link prefetch={false} href="/access/rules" className="link">
            {rules.length - mostRules} more
          </Link>
        </li>
      )}
    </ul>
  );
}

import { Badge, Tag } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { AccessAccountView, AccessPathView } from "@/lib/features/access/views";
import { AccessPath } from "./access-path";
import { count } from "./access-words";

const passwords: Readonly<Record<AccessAccountView["password"], string>> = {
  usable: "has a password",
  locked: "password locked",
  star: "no password",
  empty: "empty password",
  unknown: "password kept elsewhere",
};

/** What tells a way from the other ways of its account. */
function idOf({ from, to, steps, why }: AccessPathView): string {
  return JSON.stringify([from, to, steps, why]);
}

/** One account with its ways in. */
export function AccessAccount({ account }: { account: AccessAccountView }) {
  const { name, uid, groups, password, sudo, otp, lastLoginAt, paths } = account;
  const facts = [`uid ${uid}`, passwords[password], `in ${groups.join(", ") || "no group"}`];
  return (
    <section className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-sunken px-4 py-2">
        <h3 className="min-w-0 break-all font-mono text-sm font-semibold">
          <UntrustedText text={name} />
        </h3>
        {uid === 0 && <Badge tone="warn">root</Badge>}
        {sudo?.isAll && (
          <Badge tone="warn">{sudo.isWithoutPassword ? "root by sudo, unasked" : "root by sudo"}</Badge>
        )}
        {sudo && !sudo.isAll && <Tag>some sudo</Tag>}
        {otp === "valid" && <Badge tone="ok">one-time codes</Badge>}
        {otp === "unusable" && <Badge tone="danger">one-time codes: unusable</Badge>}
        {password === "empty" && <Badge tone="danger">empty password</Badge>}
        <span className="min-w-0 break-words text-xs text-ink-faint">
          <UntrustedText text={facts.join(" · ")} />
        </span>
        <span className="ml-auto whitespace-nowrap text-xs text-ink-faint">
          {count(paths.length, "way", "ways")}
          {lastLoginAt && (
            <>
              , last login <RelativeTime at={lastLoginAt} />
            </>
          )}
        </span>
      </header>
      <ul>
        {paths.map((path) => (
          <AccessPath key={idOf(path)} path={path} />
        ))}
      </ul>
    </section>
  );
}

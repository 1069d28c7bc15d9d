import { CircleHelp, Lock } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "@/components/ui/empty-state";
import { Notice } from "@/components/ui/notice";
import { ReasonList } from "@/components/ui/reason-list";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { WhatIfInput } from "@/lib/features/access/schema";
import type { AccessPathView, WhatIfHost, WhatIfView } from "@/lib/features/access/views";
import { AccessPath } from "./access-path";
import { count } from "./access-words";
import { WhatIfQuestion } from "./what-if-question";

interface Props {
  view: WhatIfView;
  input: WhatIfInput;
}

/** Somebody at an address, at a moment: which hosts and accounts are open then, and why the others are not. */
export function WhatIf({ view, input }: Props) {
  return (
    <div className="grid grid-cols-1 gap-5">
      <WhatIfQuestion people={view.people} input={input} />
      {view.answer ? (
        <Answer answer={view.answer} input={input} />
      ) : (
        <EmptyState icon={CircleHelp} title="Ask a question">
          Say from which address somebody comes, and who it is or which account is wanted. The answer is
          judged from what was last read on the hosts; nothing is tried on them.
        </EmptyState>
      )}
    </div>
  );
}

function Answer({ answer, input }: { answer: NonNullable<WhatIfView["answer"]>; input: WhatIfInput }) {
  const { problem, hosts, asked, candidates, at, personName } = answer;
  if (problem)
    return (
      <Notice tone="danger" urgent title="This cannot be asked">
        <UntrustedText text={problem} />
      </Notice>
    );
  const open = hosts.filter((host) => host.open.length > 0 || host.keyless.length > 0);
  const who = personName ?? "Anybody";
  return (
    <div className="grid grid-cols-1 gap-4">
      <p className="text-sm" role="status">
        <UntrustedText text={who} className="font-medium" /> from{" "}
        <UntrustedText text={input.from} className="font-mono text-xs" />
        {input.account !== "" && (
          <>
            {" "}
            to the account <UntrustedText text={input.account} className="font-medium" />
          </>
        )}{" "}
        at {at.slice(0, 16).replace("T", " ")} UTC: {open.length} of {count(asked, "host is", "hosts are")}{" "}
        open.
      </p>
      {candidates > asked && (
        <Notice tone="warn">
          {count(candidates, "host comes", "hosts come")} into question; the first {asked} by name were
          judged. Narrow them down by a name or pattern.
        </Notice>
      )}
      {asked === 0 && (
        <EmptyState icon={Lock} title="No host comes into question">
          {input.host === ""
            ? "Nothing that was read lets this person or account in anywhere, from any address."
            : "No host has that name, or nothing there lets this person or account in."}
        </EmptyState>
      )}
      {hosts.map((host) => (
        <HostAnswer key={host.hostId} host={host} isOpened={hosts.length <= 3} personName={personName} />
      ))}
    </div>
  );
}

interface HostProps {
  host: WhatIfHost;
  isOpened: boolean;
  personName: string | null;
}

function HostAnswer({ host, isOpened, personName }: HostProps) {
  const { hostId, hostName, open, keyless, shut, shutCount, obstacle, readAt, isStale } = host;
  const accounts = new Set([...open, ...keyless].map((path) => path.account)).size;
  return (
    <section className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface">
      <header className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-b border-line bg-sunken px-4 py-2">
        <h2 className="min-w-0 break-all text-sm font-semibold">
          <Link href={`/hosts/${hostId}/access`} prefetch={false} className="hover:underline">
            {hostName}
          </Link>
        </h2>
        <span className="text-xs text-ink-soft">
          {obstacle === null &&
            (accounts > 0 ? `${count(accounts, "account", "accounts")} open` : "no account open")}
        </span>
        {readAt && (
          <span className={`ml-auto text-xs ${isStale ? "text-warn" : "text-ink-faint"}`}>
            read <RelativeTime at={readAt} />
            {isStale && ", may no longer be so"}
          </span>
        )}
      </header>
      {obstacle !== null && (
        <p className="px-4 py-3 text-sm text-warn">
          <UntrustedText text={obstacle} />
        </p>
      )}
      <Ways title={personName === null ? null : `By ${personName}’s keys`} paths={open} isOpened={isOpened} />
      <Ways
        title="Without a key of a file: whoever knows or has what it takes"
        paths={keyless}
        isOpened={isOpened}
      />
      {shut.length > 0 && (
        <details className="px-4 py-2 text-sm" open={isOpened && accounts === 0}>
          <summary className="cursor-pointer text-ink-soft">
            {count(shutCount, "account stays", "accounts stay")} shut
          </summary>
          <ul className="grid grid-cols-1 gap-2 py-2">
            {shut.map(({ account, why }) => (
              <li key={account} className="grid grid-cols-1 gap-1">
                <UntrustedText text={account} className="break-all font-mono text-xs font-semibold" />
                <ReasonList reasons={why} label={`Why ${account} stays shut`} />
              </li>
            ))}
          </ul>
          {shutCount > shut.length && (
            <p className="text-xs text-ink-faint">and {shutCount - shut.length} more; ask for one account.</p>
          )}
        </details>
      )}
    </section>
  );
}

function Ways({
  title,
  paths,
  isOpened,
}: {
  title: string | null;
  paths: readonly AccessPathView[];
  isOpened: boolean;
}) {
  if (paths.length === 0) return null;
  const accounts = [...new Set(paths.map((path) => path.account))];
  return (
    <details className="border-b border-line text-sm last:border-b-0" open={isOpened}>
      <summary className="cursor-pointer break-words px-4 py-2">
        {title && <span className="text-ink-soft">{title}: </span>}
        <UntrustedText text={accounts.slice(0, 12).join(", ")} />
        {accounts.length > 12 && ` and ${accounts.length - 12} more`}
      </summary>
      {accounts.map((account) => (
        <div key={account} className="border-t border-line">
          <h3 className="break-all px-4 pt-2 font-mono text-xs font-semibold">
            <UntrustedText text={account} />
          </h3>
          <ul>
            {paths
              .filter((path) => path.account === account)
              .map((path, index) => ({ path, id: `${index} ${path.account}` }))
              .map(({ path, id }) => (
                <AccessPath key={id} path={path} />
              ))}
          </ul>
        </div>
      ))}
    </details>
  );
}

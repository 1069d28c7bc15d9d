"use client";

import { Status } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { AccountReadinessView } from "@/lib/features/readiness/views";
import { ExceptionLine } from "./exception-line";
import { accountStates, factorWords } from "./readiness-words";

interface Props {
  account: AccountReadinessView;
  /** Undefined: the viewer may not. */
  onExcept: (() => void) | undefined;
  onEnd: ((exception: { id: string; account: string }) => void) | undefined;
}

/** One account: what it would show, what is missing, and who answers for it. */
export function AccountReadiness({ account, onExcept, onEnd }: Props) {
  const state = accountStates[account.state];
  const names = account.people.map(({ name }) => name).join(", ");
  return (
    <li className="grid gap-1.5 px-3 py-2.5 sm:px-4" aria-label={`Readiness of ${account.account}`}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-0 break-all font-mono text-sm font-medium">
          <UntrustedText text={account.account} />
        </span>
        {names && <span className="min-w-0 break-words text-xs text-ink-soft">{names}</span>}
        <Status tone={state.tone} className="ml-auto text-xs">
          {state.text}
        </Status>
        {account.state === "missing" && onExcept && (
          <Button size="sm" aria-label={`Answer for ${account.account}`} onClick={onExcept}>
            Except…
          </Button>
        )}
      </div>
      <p className="text-xs text-ink-faint">
        <Shown account={account} />
      </p>
      {account.gaps.length > 0 && (
        <ul className="grid gap-0.5 text-xs text-ink-soft">
          {account.gaps.map(({ code, text }) => (
            <li key={code}>
              <UntrustedText text={text} />
            </li>
          ))}
        </ul>
      )}
      {account.cautions.length > 0 && (
        <ul className="grid gap-0.5 text-xs text-ink-faint">
          {account.cautions.map(({ code, text }) => (
            <li key={code}>{text}</li>
          ))}
        </ul>
      )}
      {account.exception && (
        <ExceptionLine account={account.account} exception={account.exception} onEnd={onEnd} />
      )}
    </li>
  );
}

/** "key · codes by the time · entered once · 5 scratch codes · last used 2 days ago" */
function Shown({ account }: { account: AccountReadinessView }) {
  const { hasKey, factor, isProved, scratchCodes, lastUsedAt } = account;
  const parts = [
    hasKey ? "key" : "no key",
    factor ? factorWords[factor] : "no second factor",
    isProved !== null && (isProved ? "entered once" : "never entered"),
    scratchCodes !== null && `${scratchCodes} scratch ${scratchCodes === 1 ? "code" : "codes"}`,
  ].filter(Boolean);
  return (
    <>
      {parts.join(" · ")}
      {lastUsedAt && (
        <>
          {" · last used "}
          <RelativeTime at={lastUsedAt} />
        </>
      )}
    </>
  );
}

"use client";

import { memo } from "react";
import { Status, type Tone } from "../ui/badge";
import { UntrustedText } from "../ui/untrusted-text";
import type { Name } from "./access-work";
import type { LiveState } from "./use-live-access";

/** More names than this nobody reads beside a text. */
const most = 5;

/** "2 accounts would lose access: alice, bob": what the drafts do to who can log in, while they are typed. */
export const LiveAccess = memo(function LiveAccess({ state }: { state: LiveState }) {
  return (
    <div
      role="status"
      aria-label="Who would gain and lose"
      className="grid grid-cols-1 gap-1 text-sm empty:hidden"
    >
      {state.kind === "asking" && <Status tone="busy">Finding out who would lose access</Status>}
      {state.kind === "unknown" && <p className="text-xs text-ink-soft">{state.reason}</p>}
      {state.kind === "known" && <Known {...state} />}
    </div>
  );
});

function Known({ answer, isStale }: Extract<LiveState, { kind: "known" }>) {
  const lines: { tone: Tone; words: string; names: readonly string[] }[] = [
    { tone: "danger", words: count(answer.shutOut, "account", "would lose access"), names: answer.shutOut },
    line("danger", answer.weakened, "would need fewer factors"),
    line("warn", answer.loses, "would lose one of the ways in"),
    line("warn", answer.gains, "would gain access"),
    line("warn", answer.moved, "would get in from other addresses"),
  ];
  const told = lines.filter(({ names }) => names.length > 0);
  return (
    <>
      {told.map(({ tone, words, names }) => (
        <div key={words} className="flex min-w-0 flex-wrap items-baseline gap-x-2">
          <Status tone={tone} className="font-medium">
            {words}
          </Status>
          <UntrustedText
            text={`${names.slice(0, most).join(", ")}${names.length > most ? ` and ${names.length - most} more` : ""}`}
            className="min-w-0 break-all text-xs text-ink-soft"
          />
        </div>
      ))}
      {told.length === 0 && <Status tone="ok">Nobody would gain or lose access</Status>}
      {(isStale || !answer.isCertain) && (
        <p className="text-xs text-ink-faint">
          {isStale && "By what was read some time ago. "}
          {!answer.isCertain && "Not certain: some ways depend on what only the host can tell."}
        </p>
      )}
    </>
  );
}

function line(tone: Tone, list: readonly Name[], what: string) {
  // Whoever has two keys for an account is named once.
  const names = [
    ...new Set(
      list.map(({ account, person }) => (person === undefined ? account : `${person} (${account})`)),
    ),
  ];
  const word = list.every(({ person }) => person !== undefined) ? "person" : "account";
  return { tone, words: count(names, word, what), names };
}

function count({ length }: readonly string[], word: "account" | "person", what: string): string {
  const words = { account: ["account", "accounts"], person: ["person", "people"] } as const;
  return `${length} ${words[word][length === 1 ? 0 : 1]} ${what}`;
}

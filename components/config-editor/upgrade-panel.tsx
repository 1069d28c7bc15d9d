"use client";

import { useId, useMemo, useState } from "react";
import type { Fix } from "@/lib/sshd-config/diagnostic";
import { nextBuilds, type UpgradeItem } from "@/lib/sshd-config/upgrade";
import { Status, type Tone } from "../ui/badge";
import { Button } from "../ui/button";
import { Select } from "../ui/select";
import { UntrustedText } from "../ui/untrusted-text";
import type { Analysis } from "./use-analysis";
import { useAnswer } from "./use-answer";

interface Props {
  analysis: Analysis;
  onGo: (path: string, line: number) => void;
  /** Without it no fix is offered. */
  onFix?: ((fix: Fix) => void) | undefined;
}

const kinds: Record<UpgradeItem["kind"], { tone: Tone; words: string }> = {
  refused: { tone: "danger", words: "would not start" },
  ignored: { tone: "warn", words: "loses its effect" },
  differs: { tone: "info", words: "works otherwise" },
};

/** What becomes of this configuration once the host's sshd is a later one. */
export function UpgradePanel({ analysis, onGo, onFix }: Props) {
  const { files, build, host } = analysis;
  const candidates = useMemo(() => nextBuilds(build), [build]);
  const [chosen, setChosen] = useState("");
  const selectId = useId();
  const target = candidates.find(({ id }) => id === chosen) ?? candidates[0];
  // Asked of the build itself there is nothing to tell.
  const question = useMemo(() => ({ files, build, host, to: target ?? build }), [files, build, host, target]);
  const { ask, answer: items, isPending } = useAnswer("upgrade", question);
  if (!target)
    return <p className="px-2 text-sm text-ink-soft">{build.label} is the newest that is known.</p>;
  return (
    <div className="grid grid-cols-1 gap-3">
      <div className="grid gap-1.5 px-2">
        <label htmlFor={selectId} className="text-sm font-medium">
          After an upgrade to
        </label>
        <Select id={selectId} value={chosen || target.id} onChange={(event) => setChosen(event.target.value)}>
          {candidates.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      {isPending || ask.to !== question.to ? (
        <Status tone="busy" className="px-2 text-sm">
          Comparing…
        </Status>
      ) : items.length === 0 ? (
        <Status tone="ok" className="px-2 text-sm">
          Nothing changes
        </Status>
      ) : (
        <ul className="grid grid-cols-1 divide-y divide-line">
          {items.map((item) => (
            <Item key={keyOf(item)} item={item} onGo={onGo} onFix={onFix} />
          ))}
        </ul>
      )}
    </div>
  );
}

function keyOf({ code, place, what }: UpgradeItem): string {
  return `${code}:${place?.path}:${place?.from}:${what}`;
}

function Item({ item, onGo, onFix }: { item: UpgradeItem } & Pick<Props, "onGo" | "onFix">) {
  const { kind, place, fix, what, why, advice } = item;
  return (
    <li className="grid grid-cols-1 justify-items-start gap-0.5 px-2 py-2 text-sm">
      <span className="flex flex-wrap items-center gap-x-2">
        <Status tone={kinds[kind].tone} className="text-xs">
          {kinds[kind].words}
        </Status>
        {place ? (
          <button
            type="button"
            aria-label={`Go to ${place.path} line ${place.line}`}
            onClick={() => onGo(place.path, place.line)}
            className="link min-h-6 break-all rounded-sm text-left font-mono text-xs"
          >
            <UntrustedText text={`${place.path.slice(place.path.lastIndexOf("/") + 1)}:${place.line}`} />
          </button>
        ) : (
          <span className="text-xs text-ink-faint">a default</span>
        )}
      </span>
      <UntrustedText text={what} className="min-w-0 max-w-full break-words font-medium" />
      {why && <UntrustedText text={why} className="min-w-0 max-w-full break-words text-ink-soft" />}
      {advice && <UntrustedText text={advice} className="min-w-0 max-w-full break-words text-ink-soft" />}
      {fix && onFix && (
        <Button size="sm" className="mt-1" aria-label={`${fix.label}: ${what}`} onClick={() => onFix(fix)}>
          {fix.label}
        </Button>
      )}
    </li>
  );
}

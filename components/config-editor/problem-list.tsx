"use client";

import { Wrench } from "lucide-react";
import { memo, useState } from "react";
import type { Diagnostic, Fix, Severity } from "@/lib/sshd-config/diagnostic";
import { Status, type Tone } from "../ui/badge";
import { Button } from "../ui/button";
import { UntrustedText } from "../ui/untrusted-text";

const tones: Record<Severity, Tone> = { error: "danger", warning: "warn", info: "info" };
const words: Record<Severity, string> = { error: "error", warning: "warning", info: "note" };
const ranks: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** Who has more than this mends the first ones first. */
const step = 50;

interface Props {
  diagnostics: readonly Diagnostic[];
  /** Nobody has looked for problems yet. */
  isPending: boolean;
  /** The file in the editor: its problems come first. */
  path: string;
  onGo: (path: string, line: number) => void;
  /** Without it no fix is offered. */
  onFix?: ((fix: Fix) => void) | undefined;
}

/** Every problem of the whole configuration, this file's first, the worst first; Enter goes to the line. */
export const ProblemList = memo(function ProblemList({ diagnostics, isPending, path, onGo, onFix }: Props) {
  const [most, setMost] = useState(step);
  if (isPending)
    return (
      <Status tone="busy" className="px-2 text-sm">
        Reading…
      </Status>
    );
  if (diagnostics.length === 0)
    return (
      <Status tone="ok" className="px-2 text-sm">
        No problems found
      </Status>
    );
  const sorted = [...diagnostics].sort(
    (a, b) => Number(b.path === path) - Number(a.path === path) || ranks[a.severity] - ranks[b.severity],
  );
  return (
    <div className="grid grid-cols-1 gap-2">
      <ul className="grid grid-cols-1 divide-y divide-line">
        {sorted.slice(0, most).map((diagnostic) => (
          <li
            key={`${diagnostic.path}:${diagnostic.from}:${diagnostic.code}:${diagnostic.what}`}
            className="grid justify-items-start pb-2"
          >
            <button
              type="button"
              onClick={() => onGo(diagnostic.path, diagnostic.line)}
              className="grid w-full gap-0.5 rounded-sm px-2 pt-2 pb-1 text-left text-sm hover:bg-hover"
            >
              <span className="flex flex-wrap items-center gap-x-2">
                <Status tone={tones[diagnostic.severity]} className="text-xs">
                  {words[diagnostic.severity]}
                </Status>
                <span className="break-all font-mono text-xs text-ink-faint">
                  {diagnostic.path === path ? "line" : <UntrustedText text={diagnostic.path} />}{" "}
                  {diagnostic.line}
                </span>
              </span>
              <UntrustedText text={diagnostic.what} className="break-words font-medium" />
              {diagnostic.why && (
                <UntrustedText text={diagnostic.why} className="break-words text-ink-soft" />
              )}
              {diagnostic.advice && (
                <UntrustedText text={diagnostic.advice} className="break-words text-ink-soft" />
              )}
            </button>
            {diagnostic.fix && onFix && (
              <FixButton diagnostic={diagnostic} fix={diagnostic.fix} onFix={onFix} />
            )}
          </li>
        ))}
      </ul>
      {sorted.length > most && (
        <Button variant="ghost" size="sm" onClick={() => setMost(most + step)}>
          Show {Math.min(step, sorted.length - most)} more of {sorted.length}
        </Button>
      )}
    </div>
  );
});

interface FixProps {
  diagnostic: Diagnostic;
  fix: Fix;
  onFix: (fix: Fix) => void;
}

function FixButton({ diagnostic, fix, onFix }: FixProps) {
  return (
    <Button
      size="sm"
      className="mx-2 h-auto min-h-7 max-w-full whitespace-normal py-1 text-left"
      aria-label={`${fix.label}: ${diagnostic.what}`}
      onClick={() => onFix(fix)}
    >
      <Wrench aria-hidden />
      {fix.label}
    </Button>
  );
}

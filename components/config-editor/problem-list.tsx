"use client";

import type { Diagnostic, Severity } from "@/lib/sshd-config/diagnostic";
import { Status, type Tone } from "../ui/badge";
import { UntrustedText } from "../ui/untrusted-text";

const tones: Record<Severity, Tone> = { error: "danger", warning: "warn", info: "info" };
const words: Record<Severity, string> = { error: "error", warning: "warning", info: "note" };

interface Props {
  diagnostics: readonly Diagnostic[];
  /** The file in the editor: its problems can be gone to. */
  path: string;
  onGo: (path: string, line: number) => void;
}

/** Every problem of the whole configuration, this file's first; Enter goes to the line. */
export function ProblemList({ diagnostics, path, onGo }: Props) {
  if (diagnostics.length === 0)
    return (
      <Status tone="ok" className="px-2 text-sm">
        No problems found
      </Status>
    );
  const sorted = [...diagnostics].sort((a, b) => Number(b.path === path) - Number(a.path === path));
  return (
    <ul className="grid divide-y divide-line">
      {sorted.map((diagnostic) => (
        <li key={`${diagnostic.path}:${diagnostic.from}:${diagnostic.code}`}>
          <button
            type="button"
            onClick={() => onGo(diagnostic.path, diagnostic.line)}
            className="grid w-full gap-0.5 rounded-sm px-2 py-2 text-left text-sm hover:bg-hover"
          >
            <span className="flex flex-wrap items-center gap-x-2">
              <Status tone={tones[diagnostic.severity]} className="text-xs">
                {words[diagnostic.severity]}
              </Status>
              <span className="font-mono text-xs text-ink-faint">
                {diagnostic.path === path ? "line" : <UntrustedText text={diagnostic.path} />}{" "}
                {diagnostic.line}
              </span>
            </span>
            <UntrustedText text={diagnostic.what} className="font-medium" />
            {diagnostic.why && <UntrustedText text={diagnostic.why} className="text-ink-soft" />}
            {diagnostic.advice && <UntrustedText text={diagnostic.advice} className="text-ink-soft" />}
          </button>
        </li>
      ))}
    </ul>
  );
}

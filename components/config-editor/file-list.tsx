"use client";

import { CornerDownRight, FileText } from "lucide-react";
import { visibleText } from "@/components/ui/visible-text";
import type { ConfigFileView } from "@/lib/features/config/views";
import { classNames } from "../ui/class-names";
import { UntrustedText } from "../ui/untrusted-text";

interface Props {
  files: readonly ConfigFileView[];
  current: string;
  /** Problems a file, by path. */
  problems: ReadonlyMap<string, number>;
  changed: ReadonlySet<string>;
  onChoose: (fileId: string) => void;
}

function name(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The files in the order in which sshd reads them: the first value of a directive wins. */
export function FileList({ files, current, problems, changed, onChoose }: Props) {
  return (
    <nav aria-label="Files, in reading order">
      <ol className="grid max-h-72 gap-px overflow-y-auto">
        {files.map((file) => (
          <li key={file.id}>
            <button
              type="button"
              aria-current={file.id === current ? "true" : undefined}
              onClick={() => onChoose(file.id)}
              className={classNames(
                "grid w-full grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-2 rounded-md px-2 py-1.5 text-left",
                file.id === current ? "bg-pressed" : "hover:bg-hover",
              )}
            >
              {file.includedFrom ? (
                <CornerDownRight aria-hidden className="mt-0.5 size-3.5 text-ink-faint" />
              ) : (
                <FileText aria-hidden className="mt-0.5 size-3.5 text-ink-faint" />
              )}
              <span className="grid min-w-0">
                <span className="truncate font-mono text-xs leading-5" title={visibleText(file.path)}>
                  <UntrustedText text={name(file.path)} />
                  {changed.has(file.id) && (
                    <span className="text-accent" title="You have a draft of this file">
                      {" "}
                      ●<span className="sr-only"> draft</span>
                    </span>
                  )}
                </span>
                {file.includedFrom && (
                  <span
                    className="truncate text-2xs text-ink-faint"
                    title={`Read by ${visibleText(file.includedFrom)}`}
                  >
                    read by <UntrustedText text={name(file.includedFrom)} />
                  </span>
                )}
              </span>
              {(problems.get(file.path) ?? 0) > 0 && (
                <span className="rounded-full bg-warn-soft px-1.5 text-2xs leading-5 text-warn tabular-nums">
                  {problems.get(file.path)}
                  <span className="sr-only"> problems</span>
                </span>
              )}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

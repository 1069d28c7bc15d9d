"use client";

import { CornerDownRight, Globe2, ListFilter } from "lucide-react";
import { type KeyboardEvent, useSyncExternalStore } from "react";
import type { OutlineEntry } from "@/lib/sshd-config/outline";
import { Status } from "../ui/badge";
import { classNames } from "../ui/class-names";
import { UntrustedText } from "../ui/untrusted-text";
import type { CursorLines } from "./cursor-lines";

interface Props {
  /** The file in the editor. */
  path: string;
  entries: readonly OutlineEntry[];
  /** Nobody has read the file yet. */
  isPending: boolean;
  cursor: CursorLines;
  onGo: (path: string, line: number) => void;
}

const icons = { global: Globe2, match: ListFilter, include: CornerDownRight } as const;

/**
 * The parts of the file in the editor, with the one that the cursor is in. Enter goes there; the arrows move within, as
 * Tab does.
 */
export function OutlinePanel({ path, entries, isPending, cursor, onGo }: Props) {
  const current = useSyncExternalStore(
    cursor.subscribe,
    () => indexAt(entries, cursor.get(path)),
    () => 0,
  );
  if (isPending)
    return (
      <Status tone="busy" className="px-2 text-sm">
        Reading…
      </Status>
    );
  if (entries.length === 0)
    return <p className="px-2 text-sm text-ink-soft">This file has no directives yet.</p>;
  return (
    <nav aria-label={`Outline of ${path}`}>
      <ol className="grid grid-cols-1 gap-px" onKeyDown={moveFocus}>
        {entries.map((entry, index) => {
          const Icon = icons[entry.kind];
          return (
            <li key={entry.from + entry.kind} className={entry.kind === "include" ? "pl-4" : undefined}>
              <button
                type="button"
                aria-current={index === current ? "location" : undefined}
                onClick={() => onGo(path, entry.line)}
                className={classNames(
                  "grid w-full grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-2 rounded-md px-2 py-1.5 text-left text-sm",
                  index === current ? "bg-pressed" : "hover:bg-hover",
                )}
              >
                <Icon aria-hidden className="mt-0.5 size-3.5 text-ink-faint" />
                <span className="grid min-w-0 gap-0.5">
                  {entry.kind === "global" ? (
                    <span className="font-medium">{entry.title}</span>
                  ) : (
                    <UntrustedText text={entry.title} className="break-words font-mono text-xs leading-5" />
                  )}
                  <span className="text-xs text-ink-faint">{extentOf(entry)}</span>
                </span>
                <span className="font-mono text-xs leading-5 text-ink-faint">
                  <span className="sr-only">line </span>
                  {entry.line}
                </span>
              </button>
              {entry.files.length > 0 && (
                <ul className="grid grid-cols-1 pl-5.5">
                  {entry.files.map((file) => (
                    <li key={file}>
                      <button
                        type="button"
                        onClick={() => onGo(file, 1)}
                        className="w-full break-all rounded-md px-2 py-1 text-left font-mono text-xs text-ink-soft hover:bg-hover hover:text-ink"
                      >
                        <UntrustedText text={file.slice(file.lastIndexOf("/") + 1)} />
                      </button>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

/** The innermost part that a line belongs to: an Include has but its own line. */
function indexAt(entries: readonly OutlineEntry[], line: number): number {
  const include = entries.findIndex((entry) => entry.kind === "include" && entry.line === line);
  if (include >= 0) return include;
  return Math.max(
    0,
    entries.findLastIndex((entry) => entry.kind !== "include" && entry.line <= line),
  );
}

function extentOf({ kind, directives, files }: OutlineEntry): string {
  if (kind === "include")
    return files.length === 0 ? "reads nothing now" : `reads ${count(files.length, "file")}`;
  return count(directives, "directive");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** Up, Down, Home and End move between the buttons of the list. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (target === undefined || at < 0) return;
  event.preventDefault();
  buttons[target]?.focus();
}

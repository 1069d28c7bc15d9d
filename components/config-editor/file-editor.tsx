"use client";

import { type RefObject, useEffect, useId, useMemo, useRef } from "react";
import type { ConfigFileView, HostConfigView } from "@/lib/features/config/views";
import type { Fix } from "@/lib/sshd-config/diagnostic";
import { UntrustedText } from "../ui/untrusted-text";
import { assistance } from "./assistance";
import { CodeEditor, type EditorHandle } from "./code-editor";
import type { CursorLines } from "./cursor-lines";
import type { DraftKeeper } from "./draft-keeper";
import type { Findings } from "./findings";
import { SaveStatus } from "./save-status";
import { type Analysis, isReadInMatch } from "./use-analysis";
import { useDraftStatus } from "./use-drafts";

interface Props {
  config: HostConfigView;
  file: ConfigFileView;
  keeper: DraftKeeper;
  analysis: Analysis;
  /** Accounts of the host, for completion; empty where they are not known. */
  accounts: readonly string[];
  cursor: CursorLines;
  onFix: (fix: Fix) => void;
  nonce?: string | undefined;
  /** Where the editor can be asked for; it is there as soon as this is mounted. */
  editors: RefObject<Map<string, EditorHandle>>;
}

/** The text of one file. It stays in the page while another is shown, so that nothing of its history is lost. */
export function FileEditor({
  config,
  file,
  keeper,
  analysis,
  accounts,
  cursor,
  onFix,
  nonce,
  editors,
}: Props) {
  const editor = useRef<EditorHandle>(null);
  const keysId = useId();
  const canEdit = config.canEdit && file.notEditable === null;

  // What is known changes with every pause; the editor's helpers must not be made anew for that.
  const known = useRef(analysis);
  known.current = analysis;
  const { build } = analysis;
  const helpers = useMemo(
    () => assistance(build, () => ({ accounts, inMatch: isReadInMatch(file.path, known.current) })),
    [build, accounts, file.path],
  );
  const findings = useMemo(() => findingsOf(file.path, analysis), [file.path, analysis]);

  useEffect(() => {
    const { current: known } = editors;
    const { current: handle } = editor;
    if (!handle) return;
    known.set(file.id, handle);
    handle.replaceText(keeper.content);
    const stop = keeper.onText((writer) => {
      if (writer === "outside") handle.replaceText(keeper.content);
    });
    return () => {
      stop();
      if (known.get(file.id) === handle) known.delete(file.id);
    };
  }, [editors, file.id, keeper]);

  return (
    <section
      aria-label={file.path}
      className="overflow-hidden rounded-lg border border-line-strong bg-surface"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-3 py-1.5">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 text-xs">
          <UntrustedText text={file.path} className="break-all font-mono" />
          <span className="text-ink-faint">
            {file.mode} <UntrustedText text={`${file.owner}:${file.group}`} />
          </span>
          {file.originalKept && <span className="text-ink-faint">original kept</span>}
        </div>
        <SaveStatus status={useDraftStatus(keeper)} />
      </div>
      <div className="h-[min(64vh,40rem)] min-h-72">
        <CodeEditor
          ref={editor}
          label={`${file.path} on ${config.hostName}`}
          value={keeper.content}
          readOnly={!canEdit}
          assistance={helpers}
          findings={findings}
          {...(canEdit && { onFix })}
          describedBy={keysId}
          nonce={nonce}
          onLine={(line) => cursor.set(file.path, line)}
          onChange={(text) => keeper.edit(text)}
        />
      </div>
      <p
        id={keysId}
        className="hidden border-t border-line px-3 py-1.5 text-xs text-ink-faint [&_kbd]:font-mono [@media(pointer:fine)]:block"
      >
        <kbd>Ctrl-Space</kbd> completes · <kbd>F8</kbd> next problem · <kbd>Ctrl-.</kbd> quick fix ·{" "}
        <kbd>Ctrl-F</kbd> finds · <kbd>Tab</kbd> leaves the editor
      </p>
    </section>
  );
}

/** What was found about one file; undefined while the analysis is of a tree without it. */
function findingsOf(path: string, { files, diagnostics, dead }: Analysis): Findings | undefined {
  const file = files.find((one) => one.path === path);
  return (
    file && {
      text: file.text,
      diagnostics: diagnostics.filter((one) => one.path === path),
      dead: dead.filter((one) => one.path === path),
    }
  );
}

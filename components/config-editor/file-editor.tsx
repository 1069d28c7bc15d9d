"use client";

import { type RefObject, useEffect, useMemo, useRef } from "react";
import type { ConfigFileView, HostConfigView } from "@/lib/features/config/views";
import type { Build } from "@/lib/sshd-config/build";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { diagnose } from "@/lib/sshd-config/validate";
import { UntrustedText } from "../ui/untrusted-text";
import { assistance } from "./assistance";
import { CodeEditor, type EditorHandle } from "./code-editor";
import type { DraftKeeper } from "./draft-keeper";
import { SaveStatus } from "./save-status";
import { useDraftStatus } from "./use-drafts";

interface Props {
  config: HostConfigView;
  file: ConfigFileView;
  keeper: DraftKeeper;
  /** All files with the texts as they are being edited; the main file first. */
  tree: readonly ConfigFile[];
  build: Build;
  nonce?: string | undefined;
  /** Where the editor can be asked for; it is there as soon as this is mounted. */
  editors: RefObject<Map<string, EditorHandle>>;
}

/** The text of one file. It stays in the page while another is shown, so that nothing of its history is lost. */
export function FileEditor({ config, file, keeper, tree, build, nonce, editors }: Props) {
  const editor = useRef<EditorHandle>(null);
  const canEdit = config.canEdit && file.notEditable === null;

  // The tree changes with every pause; the editor's helpers must not be made anew for that.
  const others = useRef(tree);
  others.current = tree;
  const helpers = useMemo(
    () =>
      assistance(build, (text) =>
        diagnose(
          others.current.map((one) => (one.path === file.path ? { ...one, text } : one)),
          build,
        ).filter((diagnostic) => diagnostic.path === file.path),
      ),
    [build, file.path],
  );

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
            {file.mode} {file.owner}:{file.group}
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
          nonce={nonce}
          onChange={(text) => keeper.edit(text)}
        />
      </div>
    </section>
  );
}

"use client";

import { ServerCog } from "lucide-react";
import { type Ref, useMemo, useRef, useState } from "react";
import type { ConfigFileView, HostConfigView, SshdTestView } from "@/lib/features/config/views";
import type { Build } from "@/lib/sshd-config/build";
import { diagnose } from "@/lib/sshd-config/validate";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Field } from "../ui/field";
import { FormError } from "../ui/form-error";
import { Input } from "../ui/input";
import { Notice } from "../ui/notice";
import { RelativeTime } from "../ui/relative-time";
import { UntrustedText } from "../ui/untrusted-text";
import { useCommand } from "../ui/use-command";
import { assistance } from "./assistance";
import { CodeEditor, type EditorHandle } from "./code-editor";
import { SaveStatus } from "./save-status";
import { TestResult } from "./test-result";
import { useDraft } from "./use-draft";

interface Props {
  config: HostConfigView;
  file: ConfigFileView;
  /** What was typed here before another file was opened. */
  typed: string | undefined;
  /** All files with the texts as they are being edited; the main file first. */
  tree: readonly { path: string; text: string }[];
  build: Build;
  nonce?: string | undefined;
  editorRef: Ref<EditorHandle>;
  onText: (text: string) => void;
  onPlanned: (changeId: string) => void;
}

/** One file: its editor, its draft, the host's own opinion of it, and the way to a change. */
export function FileWorkspace({
  config,
  file,
  typed,
  tree,
  build,
  nonce,
  editorRef,
  onText,
  onPlanned,
}: Props) {
  const draft = useDraft({ fileId: file.id, live: file, draft: file.draft, typed });
  const [naming, setNaming] = useState(false);
  const [message, setMessage] = useState("");
  const [tested, setTested] = useState<{ result: SshdTestView; content: string }>();
  const check = useCommand<SshdTestView>(`/api/v1/config/files/${file.id}/check`, { refresh: false });
  const plan = useCommand<{ changeId: string }>("/api/v1/changes", {
    refresh: false,
    onDone: ({ changeId }) => onPlanned(changeId),
  });

  // The tree changes with every key; the editor's helpers must not be made anew for that.
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

  const canEdit = config.canEdit && file.notEditable === null;
  const dirty = draft.content !== file.content;
  const stale = file.draft?.stale ?? false;

  async function review() {
    if (!(await draft.flush())) return;
    await plan.send({
      fileId: file.id,
      baseSha256: file.draft?.baseSha256 ?? file.sha256,
      content: draft.content,
      message,
    });
  }

  return (
    <section
      aria-label={file.path}
      className="grid min-w-0 grid-cols-1 content-start gap-3 lg:col-start-2 lg:row-span-2 lg:row-start-1"
    >
      {stale && (
        <Notice
          tone="warn"
          title="The file on the host is no longer the one that you began with"
          actions={
            <Button size="sm" onClick={() => draft.discard()}>
              Discard my draft and start from the host's file
            </Button>
          }
        >
          Somebody changed it in the meantime. Your draft is kept; copy what you need from it.
        </Notice>
      )}
      {file.notEditable && <Notice tone="warn">{file.notEditable}</Notice>}
      {file.otherDrafts.map((other) => (
        <Notice key={other.personName} tone="info">
          {other.personName} is editing this file too (<RelativeTime at={other.updatedAt} />
          ). Whoever applies first wins; the other is told, and loses nothing.
        </Notice>
      ))}
      <div className="overflow-hidden rounded-lg border border-line-strong bg-surface">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-3 py-1.5">
          <div className="flex min-w-0 flex-wrap items-center gap-x-3 text-xs">
            <UntrustedText text={file.path} className="break-all font-mono" />
            <span className="text-ink-faint">
              {file.mode} {file.owner}:{file.group}
            </span>
            {file.originalKept && <span className="text-ink-faint">original kept</span>}
          </div>
          <SaveStatus state={draft.state} dirty={dirty} />
        </div>
        <div className="h-[min(64vh,40rem)] min-h-72">
          <CodeEditor
            ref={editorRef}
            label={`${file.path} on ${config.hostName}`}
            value={draft.content}
            readOnly={!canEdit}
            assistance={helpers}
            nonce={nonce}
            onChange={(text) => {
              draft.edit(text);
              onText(text);
            }}
          />
        </div>
      </div>
      {draft.error && <FormError error={draft.error} />}
      {canEdit && (
        <div className="flex flex-wrap items-center justify-between gap-2">
          <Button
            variant="ghost"
            disabled={!dirty && draft.state === "clean"}
            onClick={async () => {
              await draft.discard();
              onText(file.content);
            }}
          >
            Discard draft
          </Button>
          <div className="flex flex-wrap gap-2">
            <Button
              pending={check.pending}
              onClick={async () => {
                const content = draft.content;
                const result = await check.send({ content });
                if (result) setTested({ result, content });
              }}
            >
              <ServerCog aria-hidden /> Ask the host: sshd -t
            </Button>
            <Button
              variant="primary"
              disabled={!dirty || !config.canApply || config.pendingChangeId !== null}
              title={config.pendingChangeId ? "Another change to this host is still open." : undefined}
              onClick={() => setNaming(true)}
            >
              Review change…
            </Button>
          </div>
        </div>
      )}
      <FormError error={check.error} />
      {tested && <TestResult result={tested.result} outdated={tested.content !== draft.content} />}
      <Dialog
        open={naming}
        onOpenChange={setNaming}
        title="Review this change"
        description="The host is asked what it would do. Nothing is written before you have seen the answer and apply it."
        footer={
          <>
            <Button onClick={() => setNaming(false)}>Cancel</Button>
            <Button variant="primary" pending={plan.pending} type="submit" form="name-change">
              Plan the change
            </Button>
          </>
        }
      >
        <form
          id="name-change"
          className="grid gap-3 pt-1"
          onSubmit={(event) => {
            event.preventDefault();
            void review();
          }}
        >
          <Field
            label="What is it for?"
            optional
            hint="One sentence for whoever reads the history."
            error={plan.fieldError("message")}
          >
            {(control) => (
              <Input
                {...control}
                value={message}
                maxLength={500}
                autoFocus
                onChange={(event) => setMessage(event.target.value)}
              />
            )}
          </Field>
          <FormError error={plan.error} shownFields={["message"]} />
        </form>
      </Dialog>
    </section>
  );
}

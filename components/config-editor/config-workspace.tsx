"use client";

import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";
import type { ConfigFileView, HostConfigView } from "@/lib/features/config/views";
import { findBuild } from "@/lib/sshd-config/build";
import { diagnose } from "@/lib/sshd-config/validate";
import { Notice } from "../ui/notice";
import type { EditorHandle } from "./code-editor";
import { FileList } from "./file-list";
import { FileWorkspace } from "./file-workspace";
import { ProblemList } from "./problem-list";

interface Props {
  config: HostConfigView;
  nonce?: string;
}

/** The text that counts for a file: the person's draft, else what is on the host. */
function textOf(file: ConfigFileView): string {
  return file.draft?.content ?? file.content;
}

/** What was typed belongs to the content that it was typed on: another one on the host begins anew, with its draft. */
function keyOf(file: ConfigFileView): string {
  return `${file.id} ${file.sha256}`;
}

/** The whole configuration of a host: its files in reading order, one of them in the editor, and every problem. */
export function ConfigWorkspace({ config, nonce }: Props) {
  const router = useRouter();
  const files = useMemo(() => config.files.filter((file) => !file.gone), [config.files]);
  const [currentId, setCurrentId] = useState(files[0]?.id ?? "");
  const [texts, setTexts] = useState<ReadonlyMap<string, string>>(new Map());
  const editor = useRef<EditorHandle>(null);
  const pendingLine = useRef<number | null>(null);
  const found = useMemo(
    () => findBuild(config.sshdPackage ?? config.sshdVersion ?? ""),
    [config.sshdPackage, config.sshdVersion],
  );
  const current = files.find((file) => file.id === currentId) ?? files[0];

  const tree = useMemo(
    () => files.map((file) => ({ path: file.path, text: texts.get(keyOf(file)) ?? textOf(file) })),
    [files, texts],
  );
  const diagnostics = useMemo(() => diagnose(tree, found.build), [tree, found.build]);
  const problems = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { path, severity } of diagnostics)
      if (severity !== "info") counts.set(path, (counts.get(path) ?? 0) + 1);
    return counts;
  }, [diagnostics]);
  const changed = new Set(
    files.filter((file) => (texts.get(keyOf(file)) ?? textOf(file)) !== file.content).map((file) => file.id),
  );

  if (!current) return null;

  const goTo = (path: string, line: number) => {
    const file = files.find((candidate) => candidate.path === path);
    if (!file) return;
    if (file.id === current.id) editor.current?.goToLine(line);
    else {
      pendingLine.current = line;
      setCurrentId(file.id);
    }
  };

  return (
    <div className="grid gap-4">
      {!found.exact && found.note && (
        <Notice tone="info" title={`Checked as ${found.build.label}`}>
          {found.note}
        </Notice>
      )}
      <div className="grid min-w-0 grid-cols-1 gap-x-6 gap-y-4 lg:grid-cols-[15rem_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
        <div className="min-w-0">
          <h2 className="caption px-2 pb-2">Read in this order</h2>
          <FileList
            files={files}
            current={current.id}
            problems={problems}
            changed={changed}
            onChoose={setCurrentId}
          />
        </div>
        <FileWorkspace
          key={keyOf(current)}
          config={config}
          file={current}
          typed={texts.get(keyOf(current))}
          tree={tree}
          build={found.build}
          nonce={nonce}
          editorRef={(handle) => {
            editor.current = handle;
            if (handle && pendingLine.current !== null) {
              handle.goToLine(pendingLine.current);
              pendingLine.current = null;
            }
          }}
          onText={(text) => setTexts((before) => new Map(before).set(keyOf(current), text))}
          onPlanned={(changeId) => router.push(`/changes/${changeId}`)}
        />
        <aside aria-labelledby="problems" className="min-w-0 lg:col-start-1 lg:row-start-2">
          <h2 id="problems" className="caption px-2 pb-1">
            Problems
          </h2>
          <ProblemList diagnostics={diagnostics} path={current.path} onGo={goTo} />
        </aside>
      </div>
    </div>
  );
}

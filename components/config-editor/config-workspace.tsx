"use client";

import { useRouter } from "next/navigation";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ConfigFileView, HostConfigView } from "@/lib/features/config/views";
import { findBuild } from "@/lib/sshd-config/build";
import { Notice } from "../ui/notice";
import { TabList, TabPanel, Tabs } from "../ui/tabs";
import type { EditorHandle } from "./code-editor";
import { anyConnection } from "./connection-form";
import { createCursorLines } from "./cursor-lines";
import { DifferenceView } from "./difference-view";
import { EffectivePanel } from "./effective-panel";
import { FileActions } from "./file-actions";
import { FileEditor } from "./file-editor";
import { FileList } from "./file-list";
import { FileNotices } from "./file-notices";
import { FormView } from "./form-view";
import { createFormWriter } from "./form-writer";
import { hostKnowledgeOf } from "./host-knowledge";
import { LiveAccess } from "./live-access";
import { OutlinePanel } from "./outline-panel";
import { ProblemList } from "./problem-list";
import { SidePanel } from "./side-panel";
import { UpgradePanel } from "./upgrade-panel";
import { useAddressChoice } from "./use-address-choice";
import { useAnalysis } from "./use-analysis";
import { useDrafts } from "./use-drafts";
import { useFixes } from "./use-fixes";
import { useLineInAddress } from "./use-line-in-address";
import { useLiveAccess } from "./use-live-access";
import { WholeDocumentView } from "./whole-document";

interface Props {
  config: HostConfigView;
  /** Names of the host's accounts, where they were read. */
  accounts: readonly string[];
  nonce?: string;
}

/** What was typed belongs to the content that it was typed on: another one on the host begins anew. */
function keyOf(file: ConfigFileView): string {
  return `${file.id} ${file.sha256}`;
}

const viewNames = ["text", "form", "difference", "whole"] as const;
const views = [
  { name: "text", label: "Text" },
  { name: "form", label: "Form" },
  { name: "difference", label: "Difference" },
  { name: "whole", label: "Whole" },
] as const;

/** The whole configuration of a host: its files in reading order, several views of the same text, and what helps. */
export function ConfigWorkspace({ config, accounts, nonce }: Props) {
  const router = useRouter();
  const files = useMemo(() => config.files.filter((file) => !file.gone), [config.files]);
  const { keeperOf, tree } = useDrafts(files);
  const [currentId, setCurrentId] = useState(files[0]?.id ?? "");
  const current = files.find((file) => file.id === currentId) ?? files[0];
  const [view, setView] = useAddressChoice("view", viewNames);
  const editors = useRef(new Map<string, EditorHandle>());
  /** What to do as soon as the editor of another file, or the text view, is there. */
  const [wanted, setWanted] = useState<readonly Wanted[]>([]);
  const opened = useOpened(current?.id, ...wanted.map(({ fileId }) => fileId));
  const [cursor] = useState(createCursorLines);
  const [connection, setConnection] = useState(anyConnection);
  const found = useMemo(
    () => findBuild(config.sshdPackage ?? config.sshdVersion ?? ""),
    [config.sshdPackage, config.sshdVersion],
  );
  const host = useMemo(() => hostKnowledgeOf({ sshdUnit: config.sshdUnit }), [config.sshdUnit]);
  const analysis = useAnalysis(tree, found.build, host);
  const access = useLiveAccess(config.hostId, files, tree);
  const { diagnostics } = analysis;
  const problems = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { path, severity } of diagnostics)
      if (severity !== "info") counts.set(path, (counts.get(path) ?? 0) + 1);
    return counts;
  }, [diagnostics]);
  const changed = useMemo(
    () => new Set(files.filter((file, i) => tree[i]?.text !== file.content).map((file) => file.id)),
    [files, tree],
  );

  // Effects of children come first: the editor of a file that is opened now is there already.
  useEffect(() => {
    if (wanted.length === 0) return;
    setWanted([]);
    for (const { fileId, act } of wanted) act(editors.current.get(fileId));
  }, [wanted]);

  /** Shows a file, and does something with its editor. */
  const open = useCallback(
    (path: string, act: Wanted["act"]) => {
      const file = files.find((one) => one.path === path);
      if (!file) return;
      setView("text");
      setCurrentId(file.id);
      setWanted((before) => [...before, { fileId: file.id, act }]);
    },
    [files, setView],
  );
  const goTo = useCallback(
    (path: string, line: number) => open(path, (editor) => editor?.goToLine(line)),
    [open],
  );
  useLineInAddress(goTo);
  const textOf = useCallback(
    (path: string) => {
      const file = files.find((one) => one.path === path && one.notEditable === null);
      return file && keeperOf(file).content;
    },
    [files, keeperOf],
  );
  const form = createFormWriter({
    files,
    build: found.build,
    canEdit: config.canEdit,
    keeperOf,
    // The file that took an edit becomes the current one: it is the one to be reviewed.
    whenOpen: (touched, act) => {
      setCurrentId((before) => touched.at(-1)?.id ?? before);
      setWanted((before) => [
        ...before,
        ...touched.map((file) => ({ fileId: file.id, act: () => act(file) })),
      ]);
    },
  });
  const fix = useFixes({ analysis, textOf, open });

  if (!current) return null;

  return (
    <div className="grid gap-4">
      {!found.exact && found.note && (
        <Notice tone="info" title={`Checked as ${found.build.label}`}>
          {found.note}
        </Notice>
      )}
      <div className="grid min-w-0 grid-cols-1 gap-x-6 gap-y-4 lg:grid-cols-[20rem_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
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
        <Tabs
          value={view}
          onChange={setView}
          className="grid min-w-0 grid-cols-1 content-start gap-3 lg:col-start-2 lg:row-span-2 lg:row-start-1"
        >
          <TabList label="Views of the configuration" tabs={views} className="w-fit" />
          <FileNotices key={`notices ${keyOf(current)}`} file={current} keeper={keeperOf(current)} />
          <TabPanel name="text" kept>
            {files
              .filter((file) => opened.has(file.id))
              .map((file) => (
                <div key={keyOf(file)} hidden={file.id !== current.id}>
                  <FileEditor
                    config={config}
                    file={file}
                    keeper={keeperOf(file)}
                    analysis={analysis}
                    accounts={accounts}
                    cursor={cursor}
                    onFix={fix}
                    nonce={nonce}
                    editors={editors}
                  />
                </div>
              ))}
          </TabPanel>
          <TabPanel name="form">
            <FormView
              tree={tree}
              build={found.build}
              diagnostics={diagnostics}
              obstacleOf={form.obstacleOf}
              onWrite={form.write}
              onGo={goTo}
              onUndo={() => editors.current.get(current.id)?.undo()}
              onRedo={() => editors.current.get(current.id)?.redo()}
            />
          </TabPanel>
          <TabPanel name="difference">
            <DifferenceView
              files={files}
              current={current}
              tree={tree}
              build={found.build}
              diagnostics={diagnostics}
              historyHref={`/hosts/${config.hostId}/history`}
              nonce={nonce}
            />
          </TabPanel>
          <TabPanel name="whole">
            <WholeDocumentView
              hostName={config.hostName}
              tree={tree}
              build={found.build}
              onGo={goTo}
              nonce={nonce}
            />
          </TabPanel>
          <LiveAccess state={access} />
          <FileActions
            key={keyOf(current)}
            config={config}
            file={current}
            keeper={keeperOf(current)}
            namesFile={view !== "text"}
            onPlanned={(changeId) => router.push(`/changes/${changeId}`)}
          />
        </Tabs>
        <div className="min-w-0 lg:col-start-1 lg:row-start-2">
          <SidePanel
            views={[
              {
                name: "problems",
                label: "Problems",
                count: diagnostics.length,
                content: (
                  <ProblemList
                    diagnostics={diagnostics}
                    isPending={analysis.isPending}
                    path={current.path}
                    onGo={goTo}
                    onFix={config.canEdit ? fix : undefined}
                  />
                ),
              },
              {
                name: "outline",
                label: "Outline",
                content: (
                  <OutlinePanel
                    path={current.path}
                    entries={analysis.outlines.get(current.path) ?? []}
                    isPending={analysis.isPending}
                    cursor={cursor}
                    onGo={goTo}
                  />
                ),
              },
              {
                name: "effective",
                label: "Effective",
                content: (
                  <EffectivePanel
                    analysis={analysis}
                    accounts={accounts}
                    connection={connection}
                    onConnection={setConnection}
                    onGo={goTo}
                  />
                ),
              },
              {
                name: "upgrade",
                label: "Upgrade",
                content: (
                  <UpgradePanel analysis={analysis} onGo={goTo} onFix={config.canEdit ? fix : undefined} />
                ),
              },
            ]}
          />
        </div>
      </div>
    </div>
  );
}

interface Wanted {
  fileId: string;
  act: (editor: EditorHandle | undefined) => void;
}

/** The files whose editors are in the page: those that were ever shown or written to. */
function useOpened(...ids: (string | undefined)[]): ReadonlySet<string> {
  const opened = useRef<ReadonlySet<string>>(new Set());
  const more = ids.filter((id) => id !== undefined && !opened.current.has(id));
  if (more.length > 0) opened.current = new Set([...opened.current, ...ids.filter((id) => id !== undefined)]);
  return opened.current;
}

"use client";

import { defaultKeymap } from "@codemirror/commands";
import { searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { useDeferredValue, useEffect, useMemo, useRef } from "react";
import type { Build } from "@/lib/sshd-config/build";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { assembleWhole, type WholeDocument } from "@/lib/sshd-config/whole";
import { sshdConfigLanguage } from "./language";
import { showSpecialCharacters } from "./special-characters";
import { editorTheme } from "./theme";
import { textOf, wholeLines } from "./whole-lines";
import { WholeNotes } from "./whole-notes";

interface Props {
  hostName: string;
  tree: readonly ConfigFile[];
  build: Build;
  /** Opens a line in its own file. */
  onGo: (path: string, line: number) => void;
  nonce?: string | undefined;
}

/** All files as the one text that sshd reads, included ones where they are read. A line leads to its file. */
export function WholeDocumentView({ hostName, tree: latest, build, onGo, nonce }: Props) {
  const tree = useDeferredValue(latest);
  const whole = useMemo(() => assembleWhole(tree, build), [tree, build]);
  const host = useRef<HTMLDivElement>(null);
  const go = useRef(onGo);
  go.current = onGo;
  useEffect(() => {
    if (!host.current) return;
    const label = `All that sshd on ${hostName} reads, in its order`;
    const view = showWhole(host.current, whole, label, nonce, (path, line) => go.current(path, line));
    return () => view.destroy();
  }, [whole, hostName, nonce]);
  return (
    <div className="grid grid-cols-1 gap-3">
      <WholeNotes whole={whole} />
      <div className="overflow-hidden rounded-lg border border-line-strong bg-surface">
        <div ref={host} className="h-[min(64vh,40rem)] min-h-72" />
        <p className="border-t border-line px-3 py-1.5 text-xs text-ink-faint">
          To read, not to write. <kbd className="font-mono">Enter</kbd> or a double click opens the line in
          its file.
        </p>
      </div>
    </div>
  );
}

function showWhole(
  parent: HTMLElement,
  whole: WholeDocument,
  label: string,
  nonce: string | undefined,
  onGo: Props["onGo"],
): EditorView {
  const lines = whole.parts.flatMap((part) => part.lines);
  const doc = textOf(lines);
  const openAt = (offset: number): boolean => {
    const line = lines[doc.lineAt(offset).number - 1];
    if (line) onGo(line.path, line.line);
    return line !== undefined;
  };
  const view = new EditorView({
    parent,
    doc,
    extensions: [
      EditorState.lineSeparator.of("\n"),
      EditorState.readOnly.of(true),
      keymap.of([
        { key: "Enter", run: ({ state }) => openAt(state.selection.main.head) },
        ...searchKeymap,
        ...defaultKeymap,
      ]),
      EditorView.domEventHandlers({
        dblclick: (event, target) => {
          const offset = target.posAtCoords(event);
          return offset !== null && openAt(offset);
        },
      }),
      wholeLines(doc, whole, lines),
      sshdConfigLanguage(),
      showSpecialCharacters(),
      editorTheme,
      EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true" }),
      ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
    ],
  });
  // What scrolls must be reachable by keyboard (WCAG 2.1.1).
  view.scrollDOM.tabIndex = 0;
  return view;
}

"use client";

import { closeBrackets } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, isolateHistory, redo, undo } from "@codemirror/commands";
import { codeFolding, foldGutter, foldKeymap } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import type { Edit, Fix } from "@/lib/sshd-config/diagnostic";
import { type Findings, findingsExtension, showFindings } from "./findings";
import { FirstText } from "./first-text";
import { sshdConfigLanguage } from "./language";
import { smallestChange } from "./smallest-change";
import { showSpecialCharacters } from "./special-characters";
import { editorTheme } from "./theme";

/** What the page around the editor may ask of it. */
export interface EditorHandle {
  /** Puts the cursor on a line (from 1) and shows it. */
  goToLine(line: number): void;
  /** Does these edits as one step of the history, shows the first of them, and tells a screen reader. */
  applyEdits(edits: readonly Edit[], announcement: string): void;
  /** Makes the text another one by the smallest edit, as one step of the history; the cursor stays where it was. */
  replaceText(text: string): void;
  /** @returns false when there is nothing to undo */
  undo(): boolean;
  /** @returns false when there is nothing to do again */
  redo(): boolean;
}

interface Props {
  /** What is edited, for a screen reader: "/etc/ssh/sshd_config on web-1". */
  label: string;
  /** The text at the start; later ones come by `replaceText`. */
  value: string;
  onChange: (value: string) => void;
  readOnly?: boolean;
  /** Completion and hover; replaced without losing the text or its history. */
  assistance: Extension;
  /** What was found about the text, as soon as it is known. */
  findings?: Findings;
  /** A person chose a fix. Without it none is offered. */
  onFix?: (fix: Fix) => void;
  /** The cursor went to another line (from 1). */
  onLine?: (line: number) => void;
  /** Ids of elements that say how the editor is used. */
  describedBy?: string;
  /** CSP nonce for the style element that CodeMirror makes. */
  nonce?: string;
  ref?: Ref<EditorHandle>;
}

/**
 * The text of one file. Tab leaves the editor (WCAG 2.1.2): a configuration needs no tabs typed.
 *
 * Lines end at "\n" alone, so that a carriage return stays where it is and the text comes out byte for byte as it
 * went in.
 */
export function CodeEditor(props: Props) {
  const { onChange, onFix, onLine, readOnly = false, assistance, findings, ref } = props;
  const [isThere, setIsThere] = useState(false);
  /** The view is made once, of what it is given first; what changes later is dispatched below. */
  const first = useRef(props);
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useRef(onChange);
  const helping = useRef(new Compartment());
  const locking = useRef(new Compartment());
  changed.current = onChange;
  const moved = useRef(onLine);
  moved.current = onLine;

  useEffect(() => {
    if (!host.current) return;
    const { label, nonce, describedBy } = first.current;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: first.current.value,
        extensions: [
          EditorState.lineSeparator.of("\n"),
          lineNumbers(),
          foldGutter(),
          codeFolding(),
          history(),
          drawSelection(),
          showSpecialCharacters(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSelectionMatches(),
          closeBrackets(),
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap]),
          sshdConfigLanguage(),
          findingsExtension(),
          editorTheme,
          EditorView.contentAttributes.of({
            "aria-label": label,
            spellcheck: "false",
            autocapitalize: "off",
            ...(describedBy && { "aria-describedby": describedBy }),
          }),
          ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
          helping.current.of(first.current.assistance),
          locking.current.of(EditorState.readOnly.of(first.current.readOnly ?? false)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current(update.state.doc.toString());
            if (update.docChanged || update.selectionSet)
              moved.current?.(update.state.doc.lineAt(update.state.selection.main.head).number);
          }),
        ],
      }),
    });
    // What scrolls must be reachable by keyboard (WCAG 2.1.1), also where the text cannot be edited.
    editor.scrollDOM.tabIndex = 0;
    view.current = editor;
    setIsThere(true);
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: helping.current.reconfigure(assistance) });
  }, [assistance]);
  useEffect(() => {
    view.current?.dispatch({ effects: locking.current.reconfigure(EditorState.readOnly.of(readOnly)) });
  }, [readOnly]);

  useEffect(() => {
    if (view.current && findings) showFindings(view.current, findings, onFix);
  }, [findings, onFix]);

  useImperativeHandle(
    ref,
    () => ({
      goToLine(number) {
        const editor = view.current;
        if (!editor) return;
        const line = editor.state.doc.line(Math.min(Math.max(1, number), editor.state.doc.lines));
        editor.dispatch({
          selection: { anchor: line.from },
          effects: EditorView.scrollIntoView(line.from, { y: "center" }),
        });
        editor.focus();
      },
      applyEdits(edits, announcement) {
        const editor = view.current;
        const [edit] = edits;
        if (!editor || !edit) return;
        const changes = editor.state.changes(edits.map(({ from, to, insert }) => ({ from, to, insert })));
        const at = changes.mapPos(edit.from, 1);
        editor.dispatch({
          changes,
          selection: { anchor: at },
          annotations: isolateHistory.of("full"),
          effects: [EditorView.scrollIntoView(at, { y: "center" }), EditorView.announce.of(announcement)],
          userEvent: "input.fix",
        });
        editor.focus();
      },
      replaceText(text) {
        const editor = view.current;
        if (!editor) return;
        const changes = smallestChange(editor.state.doc.toString(), text);
        if (changes) editor.dispatch({ changes, annotations: isolateHistory.of("full") });
      },
      undo: () => view.current !== null && undo(view.current),
      redo: () => view.current !== null && redo(view.current),
    }),
    [],
  );

  return (
    <div className="relative h-full min-h-0 overflow-hidden">
      <div ref={host} className="h-full min-h-0" />
      {!isThere && <FirstText text={first.current.value} />}
    </div>
  );
}

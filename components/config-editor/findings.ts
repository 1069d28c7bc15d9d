import {
  type Diagnostic as EditorDiagnostic,
  forEachDiagnostic,
  lintGutter,
  lintKeymap,
  setDiagnostics,
} from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { type Command, closeHoverTooltips, EditorView, hasHoverTooltips, keymap } from "@codemirror/view";
import type { DeadStretch } from "@/lib/sshd-config/dead";
import type { Diagnostic, Fix } from "@/lib/sshd-config/diagnostic";
import { visibleText } from "../ui/visible-text";
import { greyDeadLines, setDeadLines } from "./dead-lines";

/** What was found about the text of one file. */
export interface Findings {
  /** The text that was looked at. */
  text: string;
  diagnostics: readonly Diagnostic[];
  dead: readonly DeadStretch[];
}

/** What, why, what to do: three lines of text, never markup (a host's words may stand in it). */
function message(diagnostic: Diagnostic): string {
  return [diagnostic.what, diagnostic.why, diagnostic.advice].filter(Boolean).map(visibleText).join("\n");
}

/**
 * Shows findings in the editor. Those about another text are left: the ones about this text are on their way, and
 * until then the editor moves the old ones along.
 *
 * @param onFix a person chose a fix; undefined where the text may not be edited
 */
export function showFindings(view: EditorView, findings: Findings, onFix?: (fix: Fix) => void): void {
  const { doc } = view.state;
  if (doc.length !== findings.text.length || doc.toString() !== findings.text) return;
  const shown = findings.diagnostics.map((diagnostic): EditorDiagnostic => {
    const { fix } = diagnostic;
    return {
      from: Math.min(diagnostic.from, doc.length),
      to: Math.min(Math.max(diagnostic.to, diagnostic.from), doc.length),
      severity: diagnostic.severity,
      source: diagnostic.sshd ? "sshd" : undefined,
      message: message(diagnostic),
      ...(fix && onFix && { actions: [{ name: fix.label, apply: () => onFix(fix) }] }),
    };
  });
  view.dispatch(setDiagnostics(view.state, shown), { effects: setDeadLines.of(findings.dead) });
}

/** Does the first fix of the line that the cursor is on, one under the cursor before the others. */
const fixHere: Command = (view) => {
  const { head } = view.state.selection.main;
  const line = view.state.doc.lineAt(head);
  const offered: { covers: boolean; apply: () => void }[] = [];
  forEachDiagnostic(view.state, (diagnostic, from, to) => {
    const action = diagnostic.actions?.[0];
    if (!action || from > line.to || to < line.from) return;
    offered.push({ covers: from <= head && head <= to, apply: () => action.apply(view, from, to) });
  });
  const chosen = offered.find(({ covers }) => covers) ?? offered[0];
  if (chosen) chosen.apply();
  else view.dispatch({ effects: EditorView.announce.of("There is no quick fix on this line.") });
  return true;
};

/** Takes away what a hover, or F8, has shown. */
const closeTooltips: Command = (view) => {
  if (!hasHoverTooltips(view.state)) return false;
  view.dispatch({ effects: closeHoverTooltips });
  return true;
};

/** Marks, gutter, hover and keys of the findings: F8 goes to the next problem, Ctrl-. does the fix that is offered. */
export function findingsExtension(): Extension {
  return [
    lintGutter(),
    greyDeadLines(),
    keymap.of([
      ...lintKeymap,
      { key: "Mod-.", run: fixHere, preventDefault: true },
      { key: "Escape", run: closeTooltips },
    ]),
  ];
}

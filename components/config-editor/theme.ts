import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The editor in the product's own colours: every value is a token of app/globals.css, so both themes follow. */
const surface = EditorView.theme({
  "&": {
    color: "var(--ink)",
    backgroundColor: "var(--surface)",
    fontSize: "13px",
    height: "100%",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--font-geist-mono), ui-monospace, monospace",
    lineHeight: "20px",
  },
  ".cm-content": { padding: "8px 0", caretColor: "var(--accent)" },
  ".cm-line": { padding: "0 12px" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection": {
    backgroundColor: "var(--accent-soft) !important",
  },
  ".cm-gutters": {
    color: "var(--ink-faint)",
    backgroundColor: "var(--surface)",
    borderRight: "1px solid var(--line)",
    fontVariantNumeric: "tabular-nums",
  },
  ".cm-activeLine": { backgroundColor: "var(--hover)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--hover)", color: "var(--ink)" },
  ".cm-foldPlaceholder": {
    color: "var(--ink-faint)",
    backgroundColor: "var(--hover)",
    border: "1px solid var(--line)",
    padding: "0 6px",
  },
  ".cm-tooltip": {
    color: "var(--ink)",
    backgroundColor: "var(--raised)",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
    boxShadow: "0 8px 28px -6px var(--shadow-color)",
    maxWidth: "min(480px, 90vw)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--font-geist-mono), ui-monospace, monospace",
    maxHeight: "260px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px", lineHeight: "20px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    color: "var(--ink)",
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-completionDetail": { color: "var(--ink-faint)", fontStyle: "normal", marginLeft: "12px" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600", color: "var(--accent)" },
  ".cm-completionInfo": { padding: "8px 12px", fontSize: "13px", maxWidth: "340px" },
  ".cm-diagnostic": { padding: "8px 12px", borderLeft: "3px solid", fontSize: "13px" },
  ".cm-diagnosticText": { display: "block", whiteSpace: "pre-line" },
  // Told apart by shape as well: a disc, a triangle, a bar.
  ".cm-gutter-lint .cm-lint-marker": {
    content: "''",
    display: "block",
    width: "9px",
    height: "9px",
    margin: "5px auto 0",
  },
  ".cm-lint-marker-error": { backgroundColor: "var(--danger)", borderRadius: "50%" },
  ".cm-lint-marker-warning": {
    backgroundColor: "var(--warn)",
    clipPath: "polygon(50% 0, 100% 100%, 0 100%)",
  },
  ".cm-gutter-lint .cm-lint-marker-info": {
    backgroundColor: "var(--accent)",
    height: "3px",
    marginTop: "8px",
    borderRadius: "2px",
  },
  ".cm-diagnostic-error": { borderLeftColor: "var(--danger)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--accent)" },
  ".cm-diagnosticAction": {
    color: "var(--ink)",
    backgroundColor: "var(--hover)",
    border: "1px solid var(--line)",
    borderRadius: "4px",
    padding: "2px 8px",
    marginTop: "6px",
    marginLeft: "0",
    display: "inline-block",
  },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--danger)",
    textUnderlineOffset: "4px",
  },
  ".cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--warn)",
    textUnderlineOffset: "4px",
  },
  ".cm-lintRange-info": {
    backgroundImage: "none",
    textDecoration: "underline dotted var(--ink-faint)",
    textUnderlineOffset: "4px",
  },
  ".cm-panels": {
    color: "var(--ink)",
    backgroundColor: "var(--surface)",
    borderColor: "var(--line)",
  },
  ".cm-textfield": {
    color: "var(--ink)",
    backgroundColor: "var(--canvas)",
    border: "1px solid var(--line)",
    borderRadius: "4px",
  },
  ".cm-button": {
    color: "var(--ink)",
    background: "var(--hover)",
    border: "1px solid var(--line)",
    borderRadius: "4px",
  },
  ".cm-searchMatch": { backgroundColor: "color-mix(in srgb, var(--warn) 30%, transparent)" },
  ".cm-hover-card": { padding: "10px 12px", fontSize: "13px", lineHeight: "18px" },
  ".cm-hover-card code": { fontFamily: "var(--font-geist-mono), ui-monospace, monospace", fontWeight: "600" },
  ".cm-hover-card dl": {
    display: "grid",
    gridTemplateColumns: "max-content 1fr",
    gap: "2px 12px",
    marginTop: "8px",
    color: "var(--ink-faint)",
  },
  ".cm-hover-card dd": { margin: "0", color: "var(--ink)" },
  // No lesser contrast than faint text has: what is dead must be readable all the same.
  ".cm-dead-line, .cm-dead-line *": { color: "var(--ink-faint) !important", fontWeight: "400 !important" },
  ".cm-dead-text": { textDecoration: "line-through", textDecorationColor: "var(--line-control)" },
  ".cm-dead-reason": { padding: "8px 12px", fontSize: "13px" },
  ".cm-changedLine": { backgroundColor: "color-mix(in srgb, var(--ok) 12%, transparent) !important" },
  ".cm-deletedChunk": { backgroundColor: "color-mix(in srgb, var(--danger) 12%, transparent) !important" },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--ink-faint)", fontStyle: "italic" },
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "500" },
  { tag: tags.heading, color: "var(--ink)", fontWeight: "700" },
  { tag: tags.attributeName, color: "var(--ink)", fontWeight: "600" },
  { tag: tags.string, color: "var(--ok)" },
  { tag: tags.number, color: "var(--ink)" },
  { tag: tags.invalid, color: "var(--danger)", textDecoration: "underline dotted" },
]);

export const editorTheme: Extension = [surface, syntaxHighlighting(colours)];

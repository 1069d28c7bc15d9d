import { EditorView } from "@codemirror/view";

const gone = { backgroundColor: "var(--danger-soft) !important" };
const come = { backgroundColor: "var(--ok-soft) !important" };
/** A line under the words, not behind them: on a deeper tint the syntax colours would lose their contrast. */
const underlined = {
  textDecoration: "underline",
  textDecorationThickness: "2px",
  textUnderlineOffset: "3px",
};
const goneText = { ...underlined, background: "none !important", textDecorationColor: "var(--danger)" };
const comeText = { ...underlined, background: "none !important", textDecorationColor: "var(--ok)" };

/** Differences in the product's own colours; the signs in the gutter say the same without any. */
export const mergeTheme = EditorView.theme({
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": gone,
  "&.cm-merge-b .cm-changedLine, .cm-insertedLine": come,
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": goneText,
  "&.cm-merge-b .cm-changedText": comeText,
  ".cm-deletedChunk": { paddingLeft: "12px" },
  ".cm-changeGutter": { width: "4px", paddingLeft: "0" },
  "&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter": { background: "var(--danger) !important" },
  "&.cm-merge-b .cm-changedLineGutter": { background: "var(--ok) !important" },
  ".cm-collapsedLines": {
    color: "var(--ink-faint) !important",
    background: "var(--sunken) !important",
    borderTop: "1px solid var(--line)",
    borderBottom: "1px solid var(--line)",
    fontFamily: "var(--font-geist-sans), ui-sans-serif, sans-serif",
    fontSize: "12px",
    textAlign: "center",
    padding: "2px 12px",
  },
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '"" !important', margin: "0 !important" },
});

import { type Extension, RangeSetBuilder, Text } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  GutterMarker,
  gutter,
  WidgetType,
} from "@codemirror/view";
import type { WholeDocument, WholeLine, WholePart } from "@/lib/sshd-config/whole";
import { visibleText } from "../ui/visible-text";

/** Deeper than this nothing is moved in further: the heads say it anyway. */
const deepest = 4;

function nameOf(path: string): string {
  return visibleText(path.slice(path.lastIndexOf("/") + 1));
}

/** Whose lines follow, and why they stand here. */
function headOf({ path, includedFrom, insideMatch, isContinued }: WholePart): string {
  if (isContinued) return `${visibleText(path)}, continued`;
  if (!includedFrom) return visibleText(path);
  const from = `${visibleText(path)} · read by ${nameOf(includedFrom.path)}:${includedFrom.line}`;
  return insideMatch === undefined ? from : `${from} · inside ${visibleText(insideMatch)}`;
}

class PartHead extends WidgetType {
  constructor(
    readonly text: string,
    readonly depth: number,
  ) {
    super();
  }

  override eq(other: PartHead): boolean {
    return other.text === this.text && other.depth === this.depth;
  }

  override toDOM(): HTMLElement {
    const head = document.createElement("div");
    head.className = `cm-part-head cm-depth-${Math.min(this.depth, deepest)}`;
    head.textContent = this.text;
    return head;
  }
}

class LineNumber extends GutterMarker {
  constructor(readonly number: string) {
    super();
  }

  override eq(other: LineNumber): boolean {
    return other.number === this.number;
  }

  override toDOM(): Node {
    return document.createTextNode(this.number);
  }
}

function decorate(doc: Text, { parts }: WholeDocument): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  let number = 1;
  for (const part of parts) {
    const start = number <= doc.lines ? doc.line(number).from : doc.length;
    const side = number <= doc.lines ? -1 : 1;
    builder.add(
      start,
      start,
      Decoration.widget({ widget: new PartHead(headOf(part), part.depth), block: true, side }),
    );
    const moved = Decoration.line({ class: `cm-depth-${Math.min(part.depth, deepest)}` });
    for (const _ of part.lines) {
      const { from } = doc.line(number);
      builder.add(from, from, moved);
      number++;
    }
  }
  return builder.finish();
}

const look = EditorView.theme({
  ".cm-part-head": {
    padding: "6px 12px 2px",
    fontFamily: "var(--font-geist-sans), ui-sans-serif, sans-serif",
    fontSize: "12px",
    fontWeight: "500",
    color: "var(--ink-soft)",
    backgroundColor: "var(--sunken)",
    borderTop: "1px solid var(--line)",
    borderBottom: "1px solid var(--line)",
  },
  ".cm-depth-1": { paddingLeft: "28px" },
  ".cm-depth-2": { paddingLeft: "44px" },
  ".cm-depth-3": { paddingLeft: "60px" },
  ".cm-depth-4": { paddingLeft: "76px" },
  ".cm-file-numbers": { minWidth: "3.25rem", textAlign: "right", paddingRight: "8px" },
});

/** The text of a whole document for an editor, its lines in the same order. */
export function textOf(lines: readonly WholeLine[]): Text {
  return Text.of(lines.length > 0 ? lines.map(({ text }) => text) : [""]);
}

/** Heads of the parts, indentation by depth, and the numbers that lines have in their own files. */
export function wholeLines(doc: Text, whole: WholeDocument, lines: readonly WholeLine[]): Extension {
  return [
    look,
    EditorView.decorations.of(decorate(doc, whole)),
    gutter({
      class: "cm-file-numbers",
      lineMarker(view, { from }) {
        const line = lines[view.state.doc.lineAt(from).number - 1];
        return line ? new LineNumber(String(line.line)) : null;
      },
    }),
  ];
}

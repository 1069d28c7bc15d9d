import { type Extension, type Range, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, hoverTooltip } from "@codemirror/view";
import type { DeadStretch } from "@/lib/sshd-config/dead";

/** Replaces all dead lines by these, whose offsets are those of the text now. */
export const setDeadLines = StateEffect.define<readonly DeadStretch[]>();

const greyed = Decoration.line({ class: "cm-dead-line" });
/** From the first letter of the line: blanks are not struck through. */
const struck = Decoration.mark({ class: "cm-dead-text" });

interface DeadLines {
  lines: DecorationSet;
  /** The reasons of those lines of which no diagnostic tells it. */
  reasons: DecorationSet;
}

const deadLines = StateField.define<DeadLines>({
  create: () => ({ lines: Decoration.none, reasons: Decoration.none }),
  update(value, transaction) {
    const moved = transaction.docChanged
      ? { lines: value.lines.map(transaction.changes), reasons: value.reasons.map(transaction.changes) }
      : value;
    const effect = transaction.effects.find((one) => one.is(setDeadLines));
    if (!effect?.is(setDeadLines)) return moved;
    const starts = new Set<number>();
    const reasons: Range<Decoration>[] = [];
    for (const { from, to, reason } of effect.value) {
      const last = transaction.state.doc.lineAt(to).number;
      for (let number = transaction.state.doc.lineAt(from).number; number <= last; number++)
        starts.add(transaction.state.doc.line(number).from);
      if (reason !== undefined && to > from) reasons.push(Decoration.mark({ reason }).range(from, to));
    }
    const lines = [...starts].flatMap((start) => {
      const line = transaction.state.doc.lineAt(start);
      const letter = start + line.text.search(/\S|$/);
      return [greyed.range(start), ...(letter < line.to ? [struck.range(letter, line.to)] : [])];
    });
    return {
      lines: Decoration.set(lines, true),
      reasons: Decoration.set(reasons, true),
    };
  },
  provide: (field) => EditorView.decorations.from(field, ({ lines }) => lines),
});

/** Says over a dead line why it is dead. */
const reasonOnHover = hoverTooltip((view, offset) => {
  const found: { from: number; to: number; reason: string }[] = [];
  view.state.field(deadLines).reasons.between(offset, offset, (from, to, { spec }) => {
    if (typeof spec.reason === "string") found.push({ from, to, reason: spec.reason });
  });
  const [first] = found;
  if (!first) return null;
  return {
    pos: offset,
    above: true,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-dead-reason";
      dom.textContent = first.reason;
      return { dom };
    },
  };
});

/** Lines that never take effect, greyed and struck, with the reason on hover. */
export function greyDeadLines(): Extension {
  return [deadLines, reasonOnHover];
}

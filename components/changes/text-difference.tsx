import { visibleText } from "@/components/ui/visible-text";
import { classNames } from "../ui/class-names";
import { UntrustedText } from "../ui/untrusted-text";

/** One line of a difference, as lib/sshd-config/diff.ts tells it. */
export interface DifferenceLine {
  kind: "same" | "added" | "removed";
  /** Line numbers from 1; null where the side has no such line. */
  before: number | null;
  after: number | null;
  text: string;
}

interface Props {
  /** What is compared, for readers who cannot see the colours: "/etc/ssh/sshd_config, before and after". */
  label: string;
  lines: readonly DifferenceLine[];
  /** Unchanged lines kept around each change. */
  context?: number;
}

type Piece = { kind: "line"; line: DifferenceLine } | { kind: "gap"; count: number; key: string };

/** Leaves out what lies further than `context` lines from any change, and says how much. */
function shorten(lines: readonly DifferenceLine[], context: number): Piece[] {
  const keep = new Set<number>();
  lines.forEach((line, index) => {
    if (line.kind === "same") return;
    for (let i = index - context; i <= index + context; i++) keep.add(i);
  });
  const pieces: Piece[] = [];
  let skipped = 0;
  lines.forEach((line, index) => {
    if (keep.has(index)) {
      if (skipped > 0) pieces.push({ kind: "gap", count: skipped, key: `gap-${index}` });
      skipped = 0;
      pieces.push({ kind: "line", line });
    } else skipped++;
  });
  if (skipped > 0) pieces.push({ kind: "gap", count: skipped, key: "gap-end" });
  return pieces;
}

const look = {
  same: { row: "", sign: " ", word: "" },
  added: { row: "bg-ok-soft", sign: "+", word: "added: " },
  removed: { row: "bg-danger-soft", sign: "−", word: "removed: " },
} as const;

/** The text before and after, line by line. Sign and word carry the meaning; the colour only helps the eye. */
export function TextDifference({ label, lines, context = 3 }: Props) {
  const pieces = shorten(lines, context);
  if (lines.every((line) => line.kind === "same"))
    return <p className="text-sm text-ink-soft">The text is the same on both sides.</p>;
  return (
    <section
      aria-label={visibleText(label)}
      // A scrolling region must be reachable by keyboard (WCAG 2.1.1).
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border border-line bg-surface py-1 font-mono text-xs leading-5"
    >
      <table className="w-full border-collapse">
        <tbody>
          {pieces.map((piece) =>
            piece.kind === "gap" ? (
              <tr key={piece.key} className="text-ink-faint">
                <td
                  colSpan={4}
                  className="border-y border-line bg-sunken px-3 py-0.5 text-center font-sans first:border-t-0"
                >
                  {piece.count === 1 ? "1 unchanged line" : `${piece.count} unchanged lines`}
                </td>
              </tr>
            ) : (
              <tr
                key={`${piece.line.kind}-${piece.line.before}-${piece.line.after}`}
                className={look[piece.line.kind].row}
              >
                <td aria-hidden className="w-10 select-none px-2 text-right text-ink-faint tabular-nums">
                  {piece.line.before ?? ""}
                </td>
                <td aria-hidden className="w-10 select-none px-2 text-right text-ink-faint tabular-nums">
                  {piece.line.after ?? ""}
                </td>
                <td aria-hidden className="w-5 select-none text-center text-ink-soft">
                  {look[piece.line.kind].sign}
                </td>
                <td
                  className={classNames(
                    "whitespace-pre pr-4",
                    piece.line.kind === "same" ? "text-ink-soft" : "text-ink",
                  )}
                >
                  <span className="sr-only">{look[piece.line.kind].word}</span>
                  <UntrustedText text={piece.line.text} keep={"\t"} />
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </section>
  );
}

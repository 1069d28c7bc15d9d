import type { Edit, Fix } from "@/lib/sshd-config/diagnostic";
import type { Held } from "@/lib/sshd-config/settings";
import type { Visit } from "@/lib/sshd-config/walk";

/** Takes a directive's line out of its file, line end included. */
export function removeLine({ path, line }: Visit): Fix {
  const edit = { path, from: line.from, to: line.from + line.text.length, insert: "" };
  return { label: "Remove this line", edits: [edit] };
}

/** Writes another word where a value was read; undefined for a built-in default. */
export function writeInstead(held: Held | undefined, insert: string): Fix | undefined {
  if (!held?.origin) return undefined;
  const { path, from, to } = held.origin;
  return { label: `Write ${insert}`, edits: [{ path, from, to, insert }] };
}

/** A line and its file. */
type PlacedLine = Pick<Visit, "path" | "line">;

/** Puts lines of one file above its first Match line, where they are in force for everyone. */
export function moveAbove(lines: readonly PlacedLine[], match: PlacedLine): Fix {
  const textOf = ({ line }: PlacedLine) => line.text.replace(/^[ \t]+/, "").replace(/\n?$/, "\n");
  const removed: Edit[] = lines.map(({ path, line }) => ({
    path,
    from: line.from,
    to: line.from + line.text.length,
    insert: "",
  }));
  const at = match.line.from;
  const added: Edit = { path: match.path, from: at, to: at, insert: lines.map(textOf).join("") };
  const label =
    lines.length === 1 ? "Move it above the first Match" : `Move all ${lines.length} above the first Match`;
  return { label, edits: [added, ...removed] };
}

import type { Fix } from "@/lib/sshd-config/diagnostic";
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

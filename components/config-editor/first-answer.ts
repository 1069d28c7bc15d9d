import type { Build } from "@/lib/sshd-config/build";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { parse } from "@/lib/sshd-config/parser";
import { type Kind, type Work, workOut } from "./analyst-work";

/** So much is worked out before a page is shown: some 40 ms of the server's time, and of the browser's. */
const maxLines = 5_000;
const maxCharacters = 400_000;

const nothing: { readonly [kind in Kind]: Work[kind]["answer"] } = {
  findings: { diagnostics: [], dead: [], outlines: new Map() },
  effective: { rows: [] },
  upgrade: [],
};

/** What a page begins with, and whether that is no answer yet: long files are left to the analyst. */
export function firstAnswer<K extends Kind>(
  kind: K,
  ask: Work[K]["ask"],
): { answer: Work[K]["answer"]; isPending: boolean } {
  if (isShort(ask.files, ask.build)) return { answer: workOut(kind, ask), isPending: false };
  return { answer: nothing[kind], isPending: true };
}

/**
 * Is little enough read, each file as often as Include lines may name it? Files that include further ones count as
 * long: what they come to is known only once it is read.
 */
export function isShort(files: readonly ConfigFile[], build: Build): boolean {
  if (files.reduce((sum, { text }) => sum + text.length, 0) > maxCharacters) return false;
  const [main, ...others] = files.map(({ text }) => {
    const { lines } = parse(text, build);
    const included = lines.reduce((sum, line) => sum + (line.entry?.kind === "include" ? line.count : 0), 0);
    return { lines: lines.length, included };
  });
  if (!main) return true;
  if (others.some(({ included }) => included > 0)) return false;
  const ofOthers = others.reduce((sum, { lines }) => sum + lines, 0);
  return main.lines + Math.max(1, main.included) * ofOthers <= maxLines;
}

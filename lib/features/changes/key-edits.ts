import { createHash } from "node:crypto";
import { z } from "zod";
import { addKey, removeKey } from "@/lib/authorized-keys/edit";
import type { OptionsContext } from "@/lib/authorized-keys/options";
import { type AuthorizedKeys, parseAuthorizedKeys } from "@/lib/authorized-keys/parse";
import { fingerprintOf } from "@/lib/ssh/keys";
import { toByteString } from "@/lib/sshd-config/bytes";
import { decodeText } from "@/lib/text";

const Fingerprint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/);

/** What is to be done with the lines of a key file: the column Change.keyEdits. */
export const KeyEdits = z
  .array(
    z.discriminatedUnion("kind", [
      z.object({
        kind: z.literal("add"),
        fingerprint: Fingerprint,
        /** Base64 of the public key. */
        blob: z.string().max(20_000),
        comment: z.string().max(300),
        options: z.array(z.object({ name: z.string(), value: z.string().exactOptional() })).max(20),
      }),
      z.object({ kind: z.literal("remove"), fingerprint: Fingerprint }),
      /** Alone: no line changes, but the modes of the file and of the directories on its way. */
      z.object({ kind: z.literal("modes") }),
    ]),
  )
  .min(1)
  .max(200);
export type KeyEdits = z.output<typeof KeyEdits>;

/** How a list of modes is named on the wire. */
export function modesSha256(modes: string): string {
  return createHash("sha256").update(modes).digest("hex");
}

/** Is it the modes that are to change, and no line? */
export function isModeRepair(edits: KeyEdits): boolean {
  return edits.length === 1 && edits[0]?.kind === "modes";
}

/** The new file, or why there is none. */
export type EditedKeys =
  | { readonly text: string; readonly bytes: Buffer; readonly reason?: undefined }
  | { readonly reason: string };

/**
 * A key file with its edits done: only lines of these keys come or go, every other byte is as it was.
 *
 * A key that is to be added and is there already stands in place: its options are not touched by this. One that is to be
 * removed and is not there is no fault either: what is wanted is true already.
 *
 * @param context the host's sshd: a line that it would skip is refused
 */
export function editKeys(bytes: Uint8Array, edits: KeyEdits, context: OptionsContext): EditedKeys {
  const before = decodeText(bytes);
  let text = before;
  for (const edit of edits) {
    if (edit.kind === "modes") return { reason: "Modes and lines are changed one after the other." };
    const file = parseAuthorizedKeys(text, context);
    const done = edit.kind === "add" ? add(file, edit, context) : remove(file, edit.fingerprint, context);
    if (typeof done === "string") text = done;
    else return { reason: `${edit.fingerprint}: ${done.reason}.` };
  }
  if (text === before)
    return { reason: "Nothing would change: the file says already what is wanted. Read the host again." };
  return { text, bytes: Buffer.from(toByteString(text), "latin1") };
}

function add(
  file: AuthorizedKeys,
  { blob, comment, options }: Extract<KeyEdits[number], { kind: "add" }>,
  context: OptionsContext,
): string | { reason: string } {
  const key = Buffer.from(blob, "base64");
  const edit = addKey(file, { blob: key, comment, options }, context);
  if (edit.text !== undefined) return edit.text;
  if (edit.line !== undefined) return textOf(file);
  return { reason: edit.reason };
}

function remove(
  file: AuthorizedKeys,
  fingerprint: string,
  context: OptionsContext,
): string | { reason: string } {
  let rest = file;
  for (;;) {
    const line = rest.lines.find(
      (line) => line.kind === "key" && fingerprintOf(line.key.blob) === fingerprint,
    );
    if (line?.kind !== "key") return textOf(rest);
    if (line.key.certificate) return { reason: "the line holds a certificate, which opens nothing here" };
    const edit = removeKey(rest, line.number, line.key.blob);
    if (edit.text === undefined) return { reason: edit.reason };
    rest = parseAuthorizedKeys(edit.text, context);
  }
}

const textOf = (file: AuthorizedKeys) => file.lines.map((line) => line.raw).join("");

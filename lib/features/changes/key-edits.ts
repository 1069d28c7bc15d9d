import { createHash } from "node:crypto";
import { z } from "zod";
import { findBrokenKey } from "@/lib/authorized-keys/broken-key";
import { addKey, findKey } from "@/lib/authorized-keys/edit";
import { printOptions } from "@/lib/authorized-keys/option-list";
import type { OptionsContext } from "@/lib/authorized-keys/options";
import {
  type AuthorizedKeys,
  type AuthorizedKeysLine,
  type KeyLine,
  parseAuthorizedKeys,
  printAuthorizedKeys,
} from "@/lib/authorized-keys/parse";
import { Fingerprint, SeenLine } from "@/lib/features/changes/key-schema";
import { fingerprintOf, lineSha256 } from "@/lib/ssh/keys";
import { toByteString } from "@/lib/sshd-config/bytes";
import { decodeText } from "@/lib/text";

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
        /** The grant that wanted it there when this was planned. */
        grantId: z.uuid().exactOptional(),
      }),
      z.object({
        kind: z.literal("remove"),
        fingerprint: Fingerprint,
        /** The one line that goes, as it was seen; plans of before have none. */
        seen: SeenLine.exactOptional(),
      }),
      /** Alone: no line changes, but the modes of the file and of the directories on its way. */
      z.object({ kind: z.literal("modes") }),
      /** Beside edits that undo a kept change: where nobody has touched the file since, it becomes what it was. */
      z.object({ kind: z.literal("back"), changeId: z.uuid() }),
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

type Add = Extract<KeyEdits[number], { kind: "add" }>;
type Remove = Extract<KeyEdits[number], { kind: "remove" }>;
type Refused = { readonly reason: string };

/**
 * A key file with its edits done: only these lines go, then the new ones come; every other byte is as it was.
 *
 * A key that is to be added and is there already with the same options stands in place. A line that is to be removed and
 * is not there as it was seen is refused: somebody else has changed the file.
 *
 * @param context the host's sshd: a line that it would skip is refused
 */
export function editKeys(bytes: Uint8Array, edits: KeyEdits, context: OptionsContext): EditedKeys {
  const before = decodeText(bytes);
  if (edits.some(({ kind }) => kind === "modes"))
    return { reason: "Modes and lines are changed one after the other." };
  let text = remove(
    before,
    edits.filter((edit) => edit.kind === "remove"),
    context,
  );
  for (const edit of edits) {
    if (typeof text !== "string") break;
    if (edit.kind === "add") text = add(parseAuthorizedKeys(text, context), edit, context);
  }
  if (typeof text !== "string") return text;
  if (text === before)
    return {
      reason:
        "Nothing would change: the keys to add are there with these options, and those to remove are not. Read the host again.",
    };
  return { text, bytes: Buffer.from(toByteString(text), "latin1") };
}

function add(
  file: AuthorizedKeys,
  { fingerprint, blob, comment, options }: Add,
  context: OptionsContext,
): string | Refused {
  const key = Buffer.from(blob, "base64");
  const edit = addKey(file, { blob: key, comment, options }, context);
  if (edit.text !== undefined) return edit.text;
  if (edit.line === undefined) return { reason: `${fingerprint}: ${edit.reason}.` };
  const printed = printOptions(options);
  const wanted = "text" in printed ? printed.text : "";
  const present = findKey(file, key).filter((line) => !line.options.isCertAuthority);
  if (present.some((line) => line.optionsText === wanted)) return printAuthorizedKeys(file);
  return {
    reason: `${fingerprint}: the key is there already, in line ${edit.line}, with other options. Remove that line first, or in the same plan.`,
  };
}

/** Every line is looked up in the file as it was read. */
function remove(before: string, edits: readonly Remove[], context: OptionsContext): string | Refused {
  const file = parseAuthorizedKeys(before, context);
  const going = new Set<AuthorizedKeysLine>();
  for (const edit of edits) {
    const lines = linesOf(file, edit);
    if ("reason" in lines) return { reason: `${edit.fingerprint}: ${lines.reason}.` };
    for (const line of lines) going.add(line);
  }
  return printAuthorizedKeys({ lines: file.lines.filter((line) => !going.has(line)) });
}

function linesOf(file: AuthorizedKeys, { fingerprint, seen }: Remove): AuthorizedKeysLine[] | Refused {
  // A line that sshd skips, when it is the one that somebody saw and holds this key.
  const skipped = file.lines.find((line) => line.kind === "broken" && line.number === seen?.line);
  const key = skipped?.kind === "broken" ? findBrokenKey(skipped) : undefined;
  if (skipped && key && fingerprintOf(key.blob) === fingerprint && lineSha256(skipped) === seen?.sha256)
    return [skipped];
  const own = file.lines.filter(
    (line): line is KeyLine => line.kind === "key" && fingerprintOf(line.key.blob) === fingerprint,
  );
  // Without a line that somebody saw, an authority is not taken for the key that it has.
  const lines = seen
    ? own.filter((line) => line.number === seen.line && lineSha256(line) === seen.sha256)
    : own.filter((line) => !line.options.isCertAuthority);
  if (seen && lines.length === 0)
    return { reason: `line ${seen.line} is not as it was seen any more; read the host again` };
  if (lines.some(({ key }) => key.certificate))
    return { reason: "the line holds a certificate, which opens nothing here" };
  return lines;
}

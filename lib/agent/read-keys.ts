import { createHash } from "node:crypto";
import { z } from "zod";
import { AgentError } from "@/lib/agent/errors";
import type { Answer } from "@/lib/agent/wire";

/** A file that an AuthorizedKeysFile comes to for an account. */
export interface KeyFile {
  readonly path: string;
  /** SHA-256 of the path: the name of the file on the wire. */
  readonly id: string;
  /** sshd looks for this account's keys here, for a login like our own; else only some Match block names it. */
  readonly isInForce: boolean;
  /** "account": touched only with the account's own rights. "root": in a directory that nobody else may write to. */
  readonly place: "account" | "root";
  readonly state: "file" | "absent" | "refused";
  /** Of the content; "absent". */
  readonly sha256: string;
  /** Octal; empty where there is no file. */
  readonly mode: string;
  /** uid and gid; null where there is no file. */
  readonly owner: number | null;
  readonly group: number | null;
  /** Why it is not written from here, in the host's words; empty when it may be. */
  readonly reason: string;
  /**
   * Modes of the home directory, the directories on the way and the file: as they are, and as they would be safe. Null for
   * a file outside the home directory, and one that is not written from here.
   */
  readonly modes: { readonly now: string; readonly safe: string } | null;
  /** Empty where it is absent or could not be read. */
  readonly content: Buffer;
}

const Id = z
  .string()
  .regex(/^\d{0,10}$/)
  .transform((text) => (text === "" ? null : Number(text)));
const Modes = z.string().regex(/^(?:[0-7]{1,4}(?:,[0-7]{1,4})*)?$/);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const KeyFileHeaders = z.object({
  path: z.string().min(1).max(4096),
  id: Sha256,
  inforce: z.enum(["0", "1"]),
  place: z.enum(["account", "root"]),
  state: z.enum(["file", "absent", "refused"]),
  sha256: z.union([Sha256, z.literal("absent")]),
  bytes: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
  mode: z.string().regex(/^[0-7]{0,5}$/),
  owner: Id,
  group: Id,
  reason: z.string().max(1024),
  modes: Modes.default(""),
  safe: Modes.default(""),
});

/** KEYS_FILES_MAX of agent.sh */
const mostFiles = 16;

/** @throws AgentError "malformed" when sizes and bytes do not agree, or a hash is not the content's */
export function readKeyFiles(answer: Answer): KeyFile[] {
  const files: KeyFile[] = [];
  let offset = 0;
  for (let number = 1; number <= mostFiles; number++) {
    const prefix = `file.${number}.`;
    const own = Object.entries(answer.headers).filter(([name]) => name.startsWith(prefix));
    if (own.length === 0) break;
    const read = KeyFileHeaders.safeParse(
      Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value])),
    );
    if (!read.success) throw malformed(`no usable "${prefix}${read.error.issues[0]?.path.join(".")}"`);
    const { inforce, bytes, modes, safe, ...file } = read.data;
    const content = Buffer.from(answer.body.subarray(offset, offset + bytes));
    offset += bytes;
    const digest = file.state === "absent" && bytes === 0 ? "absent" : sha256(content);
    if (content.length !== bytes || digest !== file.sha256 || sha256(file.path) !== file.id)
      throw malformed(`a file ${number} whose size or hash is wrong`);
    const repair = modes !== "" && safe !== "" ? { now: modes, safe } : null;
    files.push({ ...file, modes: repair, isInForce: inforce === "1", content });
  }
  if (offset !== answer.body.length) throw malformed("bytes that belong to no file");
  return files;
}

function malformed(what: string): AgentError {
  return new AgentError("malformed", `The host's agent answered "read-keys" with ${what}.`);
}

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

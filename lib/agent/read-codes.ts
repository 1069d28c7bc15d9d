import { z } from "zod";
import { AgentError } from "@/lib/agent/errors";
import type { Answer } from "@/lib/agent/wire";
import { parseStateFile, type StateSummary, summarizeStateFile } from "@/lib/google-authenticator/state-file";

const Count = z.number().int().nonnegative();

/** A state file that stands where the host's sshd looks for one. Data of a host, without its secrets. */
export const CodeFile = z.object({
  account: z.string().max(256),
  uid: Count,
  path: z.string().max(4096),
  /** "odd": the module cannot use it, or we do not touch it; the reason says why. */
  state: z.enum(["file", "odd"]),
  /** Octal. */
  mode: z.string().max(5),
  /** uid; the module wants the account's own, or root's in root's directory. */
  owner: Count,
  bytes: Count,
  /** The account may write to the directory, as the module must at each login. */
  isWritable: z.boolean(),
  reason: z.string().max(1024),
  /** null: the module refuses every code. */
  kind: z.enum(["totp", "hotp"]).nullable(),
  hasSecret: z.boolean(),
  counter: Count.nullable(),
  windowSize: Count,
  refusesReuse: z.boolean(),
  hasRateLimit: z.boolean(),
  scratchCodes: Count,
  /** The newest time step whose code was used up, in seconds of Unix time; readings from before have none. */
  lastUsedSeconds: Count.nullable().optional(),
  /** The id of our last writing. */
  writtenBy: z.string().max(1024).nullable(),
});
export type CodeFile = z.output<typeof CodeFile>;

/** Where a host's sshd looks for state files of codes, and which are there. */
export const HostCodes = z.object({
  /** As PAM names the file: "~", ${HOME}, ${USER} stand for the account's. */
  pattern: z.string().max(4096),
  readAs: z.enum(["root", "account"]),
  /** A PAM line asks for codes; else the pattern is where we would put them. */
  isInForce: z.boolean(),
  /** Who has no state file gets in without a code. */
  isOptional: z.boolean(),
  /** Why nothing is written there; empty when it may be. */
  reason: z.string().max(1024),
  moduleVersion: z.string().max(256),
  hasModule: z.boolean(),
  /** There are more than were read. */
  isCut: z.boolean(),
  files: z.array(CodeFile).max(5000),
});
export type HostCodes = z.output<typeof HostCodes>;

/** The year 2500: dates beyond are no dates to anybody. */
const endOfTimeSeconds = 16_725_225_600;

const Flag = z.enum(["0", "1"]).transform((text) => text === "1");
const Digits = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const Headers = z.object({
  pattern: z.string().max(4096),
  as: z.enum(["root", "account"]),
  inforce: Flag,
  nullok: Flag,
  reason: z.string().max(1024),
  clock: z
    .string()
    .regex(/^\d{1,15}(\.\d{1,9})?$/)
    .transform(Number),
  module: z.string().max(256),
  present: Flag,
  cut: Flag,
  files: Digits,
});
const Row = z.tuple([
  z.string().min(1).max(256),
  Digits,
  z.string().min(1).max(4096),
  z.enum(["file", "odd"]),
  z.string().regex(/^[0-7]{1,5}$/),
  Digits,
  Digits,
  Flag,
  Digits,
  z.string().max(1024),
]);

/**
 * The answer of `read-codes`, and the host's clock in seconds of Unix time.
 *
 * @throws AgentError "malformed" when rows and lines do not agree
 */
export function readCodes(answer: Answer): { codes: HostCodes; clockSeconds: number } {
  const headers = Headers.safeParse(answer.headers);
  if (!headers.success) throw malformed(`no usable "${headers.error.issues[0]?.path.join(".")}"`);
  const { pattern, as, inforce, nullok, reason, clock, module, present, cut, files } = headers.data;
  const read = readRows(answer.body.toString("utf8"));
  if (read.length !== files) throw malformed(`${read.length} files instead of ${files}`);
  return {
    clockSeconds: clock,
    codes: {
      pattern,
      readAs: as,
      isInForce: inforce,
      isOptional: nullok,
      reason,
      moduleVersion: module,
      hasModule: present,
      isCut: cut,
      files: read,
    },
  };
}

function readRows(text: string): CodeFile[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw malformed("a last line without an end");
  const files: CodeFile[] = [];
  for (let at = 0; at < lines.length; ) {
    const row = Row.safeParse(lines[at]?.split("\t"));
    if (!row.success) throw malformed(`a row ${at + 1} that is none`);
    const [account, uid, path, state, mode, owner, bytes, isWritable, count, why] = row.data;
    const shown = lines.slice(at + 1, at + 1 + count);
    if (shown.length !== count) throw malformed("fewer lines than a row tells");
    at += 1 + count;
    const says = summarizeStateFile(parseStateFile(shown.join("\n")));
    const reason = why === "-" ? "" : why;
    files.push({
      ...{ account, uid, path, state, mode, owner, bytes, isWritable, reason },
      kind: says.kind,
      hasSecret: says.secret === "hidden",
      counter: says.counter,
      windowSize: says.windowSize,
      refusesReuse: says.refusesReuse,
      hasRateLimit: says.rateLimit !== null,
      scratchCodes: says.scratchCodes,
      lastUsedSeconds: lastUsedSeconds(says),
      writtenBy: says.writtenBy,
    });
  }
  return files;
}

/** What a host says of the far future or of no number is nothing. */
function lastUsedSeconds({ usedSteps, stepSeconds }: StateSummary): number | null {
  const last = usedSteps.reduce((newest, step) => Math.max(newest, step), 0) * stepSeconds;
  return last > 0 && last < endOfTimeSeconds ? last : null;
}

function malformed(what: string): AgentError {
  return new AgentError("malformed", `The host's agent answered "read-codes" with ${what}.`);
}

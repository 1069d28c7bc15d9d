import { z } from "zod";
import type { HostFacts, LoginFacts } from "@/lib/access/facts";
import { malformed, rowsOf } from "@/lib/agent/facts-rows";
import { FactsTable } from "@/lib/agent/facts-table";
import { listOf } from "@/lib/agent/read-answer";
import type { Answer } from "@/lib/agent/wire";

/** The answer of `facts` (agent/README.md): a table of rows, the contents that it names, and the last logins. */

const Text = z.string().max(1024);
const Count = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Flag = z.enum(["0", "1"]).transform((text) => text === "1");

const FactsHeaders = z.object({
  hash: Sha256,
  unchanged: Flag,
  moved: Flag,
  "logins.since": z.union([z.literal(""), z.string().regex(/^\d{1,11}$/)]).default(""),
  "logins.bytes": Count,
});
const ChangedHeaders = z.object({
  "sshd.version": Text,
  system: Text,
  hostname: Text,
  config: Text,
  zone: z
    .string()
    .regex(/^-?\d{1,4}$/)
    .transform(Number),
  socket: Flag,
  "table.bytes": Count,
  "contents.bytes": Count,
});

/** What changes with every login, and is sent each time. */
export interface LoginReading {
  /** Newest first. */
  readonly logins: LoginFacts[];
  readonly loginsSince: string | undefined;
}

export interface FactsReading extends LoginReading {
  /** Names what the host is like; send it along next time. */
  readonly hash: string;
  readonly isConsistent: boolean;
  /** Undefined: nothing has changed since the reading whose hash was sent along. */
  readonly facts: HostFacts | undefined;
}

const largestList = 60;

/**
 * Reads the answer of `facts`.
 *
 * @param collectedAt our clock when it was asked for
 * @throws AgentError "malformed" when lengths, rows or numbers are not what the wire allows
 */
export function readFacts(answer: Answer, collectedAt: Date): FactsReading {
  const head = parseHeaders(FactsHeaders, answer);
  const changed = head.unchanged ? undefined : parseHeaders(ChangedHeaders, answer);
  const tableBytes = changed?.["table.bytes"] ?? 0;
  const contentsBytes = changed?.["contents.bytes"] ?? 0;
  const loginsAt = tableBytes + contentsBytes;
  if (loginsAt + head["logins.bytes"] !== answer.body.length) throw malformed("lengths that do not add up");
  const since = head["logins.since"];
  const reading = {
    hash: head.hash,
    isConsistent: !head.moved,
    logins: readLogins(answer.body.subarray(loginsAt)),
    loginsSince: since === "" ? undefined : moment(since),
  };
  if (!changed) return { ...reading, facts: undefined };
  const table = new FactsTable(answer.body.subarray(tableBytes, loginsAt), changed.hostname);
  table.read(answer.body.subarray(0, tableBytes));
  const facts: HostFacts = {
    format: 1,
    collectedAt: collectedAt.toISOString(),
    isConsistent: reading.isConsistent,
    cuts: [...listOf(answer, "cut", largestList), ...table.cuts],
    sshd: {
      version: changed["sshd.version"],
      system: changed.system,
      configPath: changed.config,
      listeners: listOf(answer, "listener", largestList).map((line) => ({
        args: line.split(" ").filter(Boolean),
        addresses: listOf(answer, "listen", largestList),
        isSocketActivated: changed.socket,
      })),
      ...(table.dump !== undefined && { dump: table.dump }),
      hasPam: table.dump === undefined || /^usepam /im.test(table.dump),
      zoneMinutes: changed.zone,
    },
    accounts: table.accountsWithGroups(),
    groups: table.groups,
    files: table.filesWithText(),
    otp: table.otpStates(),
    sudo: table.sudoRights(),
    logins: reading.logins,
    ...(reading.loginsSince !== undefined && { loginsSince: reading.loginsSince }),
  };
  return { ...reading, facts };
}

const LoginsHeaders = z.object({
  source: z.enum(["journal", "file", "none"]),
  clock: z
    .string()
    .regex(/^\d{1,11}$/)
    .transform(Number),
});

/** Who came in of late, by the host's own records. */
export interface RecentLogins {
  /** "none": the host keeps no record of logins. */
  readonly source: "journal" | "file" | "none";
  /** The host's clock when it answered, in seconds of Unix time: its logins are told by the same clock. */
  readonly clockSeconds: number;
  /** Newest first. */
  readonly logins: readonly LoginFacts[];
}

/** Reads the answer of `logins`. @throws AgentError "malformed" */
export function readRecentLogins(answer: Answer): RecentLogins {
  const { source, clock } = parseHeaders(LoginsHeaders, answer);
  return { source, clockSeconds: clock, logins: readLogins(answer.body) };
}

function parseHeaders<Shape extends z.ZodType>(shape: Shape, answer: Answer): z.output<Shape> {
  const result = shape.safeParse(answer.headers);
  if (result.success) return result.data;
  throw malformed(`no usable "${result.error.issues[0]?.path.join(".")}"`);
}

function moment(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) throw malformed("a moment that is none");
  return date.toISOString();
}

function readLogins(bytes: Buffer): LoginFacts[] {
  const logins: LoginFacts[] = [];
  for (const [account, at, method, address, fingerprint] of rowsOf(bytes)) {
    if (!account || !at || !/^\d{1,11}$/.test(at)) throw malformed("a login without account or moment");
    logins.push({
      account,
      at: moment(at),
      ...(method && { method }),
      ...(fingerprint && { fingerprint }),
      ...(address && { address }),
    });
  }
  return logins.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}

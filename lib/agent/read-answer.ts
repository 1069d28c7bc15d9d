import { createHash } from "node:crypto";
import type { z } from "zod";
import {
  AccountLine,
  type AgentAccount,
  type AgentFile,
  type CheckHeaders,
  type CheckResult,
  FileHeaders,
  type Hello,
  HelloHeaders,
  type OwnAccount,
} from "@/lib/agent/answers";
import { AgentError } from "@/lib/agent/errors";
import type { Answer } from "@/lib/agent/wire";

const largestList = 64;

/** Values of `name.1`, `name.2`, … up to the first gap, at most `most`. */
export function listOf(answer: Answer, name: string, most = largestList): string[] {
  const values: string[] = [];
  for (let number = 1; number <= most; number++) {
    const value = answer.headers[`${name}.${number}`];
    if (value === undefined) break;
    values.push(value);
  }
  return values;
}

function malformed(verb: string, what: string): AgentError {
  return new AgentError("malformed", `The host's agent answered "${verb}" with ${what}.`);
}

/** @throws AgentError "malformed" naming the header at fault */
export function readHello(answer: Answer): Hello {
  const result = HelloHeaders.safeParse(answer.headers);
  if (!result.success) throw malformed("hello", `no usable "${result.error.issues[0]?.path.join(".")}"`);
  const h = result.data;
  return {
    agentVersion: h["agent.version"],
    agentSha256: h["agent.sha256"],
    bootId: h["boot.id"],
    uptimeSeconds: h.uptime,
    clockSeconds: h.clock,
    osId: h["os.id"],
    osVersion: h["os.version"],
    osName: h["os.name"],
    kernel: h.kernel,
    architecture: h.arch,
    hostname: h.hostname,
    init: h.init,
    sshdUnit: h["sshd.unit"],
    sshdVersion: h["sshd.version"],
    sshdPackage: h["sshd.package"],
    sshPackage: h["ssh.package"],
    listen: listOf(answer, "listen"),
    hostKeys: listOf(answer, "hostkey"),
    transaction: { state: h["tx.state"], id: h["tx.id"], left: h["tx.left"] },
    originalKept: h.original === "present",
  };
}

/** @throws AgentError "malformed" when a line is no account */
export function readAccounts(answer: Answer): AgentAccount[] {
  const lines = answer.body.toString("utf8").split("\n").filter(Boolean);
  return lines.map((line) => {
    if (!AccountLine.safeParse(line).success) throw malformed("accounts", "a line that is no account");
    const [name = "", uid, gid, shell = "", home = "", lock] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid), shell, home, lock: lock as AgentAccount["lock"] };
  });
}

/** @throws AgentError "malformed" when sizes and bytes do not agree, or a hash is not the content's */
export function readFiles(answer: Answer): AgentFile[] {
  const files: AgentFile[] = [];
  let offset = 0;
  for (let number = 1; number <= largestList; number++) {
    const prefix = `file.${number}.`;
    const own = Object.entries(answer.headers).filter(([name]) => name.startsWith(prefix));
    if (own.length === 0) break;
    const result = FileHeaders.safeParse(
      Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value])),
    );
    if (!result.success)
      throw malformed("read-config", `no usable "${prefix}${result.error.issues[0]?.path.join(".")}"`);
    const h = result.data;
    const content = Buffer.from(answer.body.subarray(offset, offset + h.bytes));
    offset += h.bytes;
    if (content.length !== h.bytes || sha256(content) !== h.sha256 || sha256(Buffer.from(h.path)) !== h.id)
      throw malformed("read-config", `a file ${number} whose size or hash is wrong`);
    files.push({
      path: h.path,
      id: h.id,
      sha256: h.sha256,
      mode: h.mode,
      owner: h.owner,
      group: h.group,
      depth: h.depth,
      includedFrom: h.from || null,
      originalSha256: h.original === "" || h.original === "absent" ? null : h.original,
      content,
    });
  }
  if (offset !== answer.body.length) throw malformed("read-config", "bytes that belong to no file");
  return files;
}

/** @throws AgentError "malformed" when the sections do not add up to the body */
export function readCheck(
  headers: z.output<typeof CheckHeaders>,
  answer: Answer,
  specCount: number,
): CheckResult {
  let offset = 0;
  const take = (length: number): string => {
    if (!Number.isSafeInteger(length) || length < 0 || offset + length > answer.body.length)
      throw malformed("check", "sections that do not add up");
    const text = answer.body.toString("utf8", offset, offset + length);
    offset += length;
    return text;
  };
  const number = (name: string): number => {
    const value = answer.headers[name];
    if (value === undefined || !/^\d{1,9}$/.test(value)) throw malformed("check", `no usable "${name}"`);
    return Number(value);
  };
  const testText = take(headers["t.bytes"]);
  const effective = Array.from({ length: specCount }, (_, index) => {
    const section = (side: "before" | "after") => ({
      code: number(`${side}.code.${index + 1}`),
      text: take(number(`${side}.bytes.${index + 1}`)),
    });
    return { before: section("before"), after: section("after") };
  });
  return { testCode: headers["t.code"], testText, own: ownAccountOf(headers), effective };
}

function ownAccountOf(headers: z.output<typeof CheckHeaders>): OwnAccount | undefined {
  const groups = headers["own.groups"]?.split(" ").filter(Boolean);
  if (!groups?.length || headers["own.key"] === undefined) return undefined;
  return { groups, keyFile: headers["own.key"] || null };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

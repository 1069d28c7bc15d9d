import { chmod, copyFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { listeners } from "@/e2e/access-worlds/collect";
import { runToEnd } from "@/e2e/lab/finished-process";
import type { HostFacts } from "@/lib/access/facts";
import { readFacts } from "@/lib/agent/read-facts";
import { AnswerParser, printRequest } from "@/lib/agent/wire";

const agent = "/usr/local/libexec/gatehouse-agent";
const mostBytes = 32 * 1024 * 1024;

/**
 * Facts of the room's host as the agent itself reads them.
 *
 * @throws with what the agent said when that is no answer
 */
export async function agentFacts(root: string): Promise<HostFacts> {
  const there = path.join(root, agent);
  await mkdir(path.dirname(there), { recursive: true });
  await copyFile(path.resolve(import.meta.dirname, "../../agent/agent.sh"), there);
  await chmod(there, 0o755);
  const input = printRequest({ verb: "facts", headers: {}, body: new Uint8Array() });
  const env = { NODE_ENV: "test", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } as const;
  const ended = await runToEnd("chroot", [root, "/bin/sh", agent, "rpc"], { input, env });
  const parser = new AnswerParser(mostBytes);
  parser.push(ended.stdout);
  const finished = parser.finish();
  if (!finished.ok || finished.error)
    throw new Error(`The agent: ${finished.ok ? finished.error?.message : finished.fault} ${ended.stderr}`);
  const { facts } = readFacts(finished.answer, new Date());
  if (!facts) throw new Error("The agent takes a host that it never read for an unchanged one.");
  // What a starved machine left out would count as what the model does not know.
  if (facts.cuts.length > 0) throw new Error(`The agent's reading is cut: ${facts.cuts.join("; ")}`);
  // Nobody listens in a room: each connection has an sshd of its own, behind our doors.
  return { ...facts, sshd: { ...facts.sshd, listeners } };
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Difference } from "@/e2e/access-worlds/try-world";
import type { World } from "@/e2e/access-worlds/world";
import { prepareSubject } from "@/e2e/oracle/trees";

export interface FoundDifference extends Difference {
  readonly kind: "difference";
  readonly id: string;
  /** The facts were those of the agent. */
  readonly isByAgent: boolean;
  /** As small as it could be made. */
  readonly world: World;
  /** What sshd wrote meanwhile. */
  readonly log: string;
}

export interface Summary {
  readonly kind: "summary";
  readonly worlds: number;
  readonly tried: number;
  readonly letIn: number;
  readonly claimed: number;
  readonly refused: number;
  readonly byAgent: number;
  readonly different: number;
}

export interface Campaign {
  readonly seed: number;
  readonly worlds: number;
  /** Differences that are made small; the others are told as they are. */
  readonly mostToMinimize: number;
  /** Every so many worlds the facts are read by the agent; 0: never. */
  readonly agentEach: number;
}

/**
 * Tries generated worlds on the real sshd of a Debian release, in a room of its own. Needs root on Linux.
 *
 * @throws when the room cannot be made, or ends before its work is done
 */
export async function tryInRoom(
  suite: string,
  { seed, worlds, mostToMinimize, agentEach }: Campaign,
): Promise<{ differences: FoundDifference[]; summary: Summary }> {
  const { tree, build } = await prepareSubject(suite);
  const here = import.meta.dirname;
  const program = [process.execPath, "--import", "tsx", path.join(here, "in-room.ts")];
  const numbers = [seed, worlds, mostToMinimize, agentEach].map(String);
  const room = ["sh", path.join(here, "room.sh"), tree, ...program, JSON.stringify(build), ...numbers];
  // With the first process of its namespace all others end, whatever becomes of us.
  const child = spawn(
    "setpriv",
    [
      "--pdeathsig",
      "KILL",
      "unshare",
      ..."--mount --net --pid --fork --kill-child --mount-proc".split(" "),
      ...room,
    ],
    { stdio: ["ignore", "pipe", "pipe"], cwd: path.resolve(here, "../..") },
  );
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  const differences: FoundDifference[] = [];
  let summary: Summary | undefined;
  const ended = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line) as FoundDifference | Summary;
    if (told.kind === "summary") summary = told;
    else differences.push(told);
  }
  const [code] = await ended;
  if (!summary) throw new Error(`The room of ${suite} ended early (${code}): ${said}`);
  return { differences, summary };
}

import type { FaultHost } from "./fault-host";
import { type CommandCounts, type Counts, type Role, type Subject, subjects } from "./fault-plan";
import { deadlineSeconds } from "./fault-trial";
import { type AppliedChange, newId } from "./managed-host";

const neverReached = 1_000_000;

/**
 * How many commands each role runs, for each subject, counted by shims that never fire.
 *
 * @throws when a change without a fault does not go through
 */
export async function measureCommands(hosts: readonly FaultHost[]): Promise<Counts> {
  const measured: Partial<Record<Subject, CommandCounts>> = {};
  const todo = [...subjects];
  const measure = async (host: FaultHost) => {
    for (let subject = todo.shift(); subject; subject = todo.shift()) {
      const { apply, rpc } = await countVerbs(host, subject);
      const undo = await countUndo(host, subject);
      measured[subject] = { apply, rpc, undo, boot: await countBoot(host, subject) };
    }
  };
  await Promise.all(hosts.slice(0, subjects.length).map(measure));
  const { config, pam, agent, keys, modes } = measured;
  if (!config || !pam || !agent || !keys || !modes) throw new Error("There is no host to measure on.");
  return { config, pam, agent, keys, modes };
}

/** Applies a harmless change whose commands are counted. */
async function applyCounted(
  host: FaultHost,
  subject: Subject,
  role: Role,
  deadline: number,
): Promise<AppliedChange> {
  await host.reset(subject);
  await host.arm([{ role, number: neverReached, kind: "kill" }]);
  const id = newId();
  const { verb, headers, body } = host.subjects[subject].propose(id, "good");
  const answer = await host.managed.ask(verb, { ...headers, deadline }, { body });
  if (answer.error)
    throw new Error(
      `The change of ${subject} to count was refused on ${host.managed.host.name}: ${answer.message}`,
    );
  return { id, content: body, answer };
}

async function countOf(host: FaultHost): Promise<number> {
  return (await host.snapshot())?.count ?? 0;
}

async function countVerbs(host: FaultHost, subject: Subject): Promise<{ apply: number; rpc: number }> {
  const change = await applyCounted(host, subject, "rpc", 60);
  const apply = await countOf(host);
  const confirmed = await host.managed.confirm(change);
  if (confirmed.error)
    throw new Error(`The change of ${subject} to count was not confirmed: ${confirmed.message}`);
  return { apply, rpc: await countOf(host) };
}

async function countUndo(host: FaultHost, subject: Subject): Promise<number> {
  await applyCounted(host, subject, "undo", deadlineSeconds);
  await host.managed.waitForEnd(60);
  return countOf(host);
}

async function countBoot(host: FaultHost, subject: Subject): Promise<number> {
  await applyCounted(host, subject, "boot", 600);
  await host.cutPower();
  await host.managed.waitForEnd(60);
  return countOf(host);
}

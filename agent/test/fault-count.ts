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
  const measured: Partial<Record<Subject, Partial<CommandCounts>>> = {};
  const note = (subject: Subject, counted: Partial<CommandCounts>) => {
    measured[subject] = { ...measured[subject], ...counted };
  };
  const counts = subjects.flatMap((subject) => [
    async (host: FaultHost) => note(subject, await countVerbs(host, subject)),
    async (host: FaultHost) => note(subject, { undo: await countUndo(host, subject) }),
    async (host: FaultHost) => note(subject, { boot: await countBoot(host, subject) }),
  ]);
  // Which host counts what is fixed: shells differ in it, and a run with the same seed must plan the same.
  await Promise.all(
    hosts.map(async (host, first) => {
      for (let index = first; index < counts.length; index += hosts.length) await counts[index]?.(host);
    }),
  );
  const of = (subject: Subject): CommandCounts => {
    const { apply, rpc, undo, boot } = measured[subject] ?? {};
    if (apply === undefined || rpc === undefined || undo === undefined || boot === undefined)
      throw new Error("There is no host to measure on.");
    return { apply, rpc, undo, boot };
  };
  return { config: of("config"), pam: of("pam"), agent: of("agent"), keys: of("keys"), modes: of("modes") };
}

/**
 * Applies a harmless change whose commands are counted. Where no answer comes, once more from the beginning: on OpenSSH 10
 * about one session in a hundred does not hand on what the agent answered, and stays open until its client gives up. So
 * where the host was too slow, with all the others booting beside it.
 */
async function applyCounted(
  host: FaultHost,
  subject: Subject,
  role: Role,
  deadline: number,
): Promise<AppliedChange> {
  const apply = () => applyOnce(host, subject, role, deadline);
  return apply().catch((error: unknown) => {
    if (!(error instanceof Error && /^No answer|in time\b/.test(error.message))) throw error;
    console.log(`counted again: ${error.message.split("\n")[0]}`);
    return apply();
  });
}

async function applyOnce(
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

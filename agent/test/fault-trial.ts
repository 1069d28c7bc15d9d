import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { type FaultHost, type Snapshot, timerSeconds } from "./fault-host";
import type { Trial } from "./fault-plan";
import type { Proposal } from "./fault-subject";
import { newId } from "./managed-host";
import { runStrangeRequests } from "./strange-requests";

/** Of every change that the harness makes. An apply on a crowded machine takes two of them. */
export const deadlineSeconds = 8;
/** How much longer we wait for the end: a hanging command, the timer's rounds, a start of sshd, a crowded machine. */
const graceSeconds = 40;
/** Requests that compete for the lock of a crowded machine want more time, and none of these changes is left open. */
const strangeDeadlineSeconds = 30;

export interface TrialResult {
  /** The roles whose fault was met. */
  readonly reached: readonly string[];
  /** The commands at which the faults were injected. */
  readonly where: string;
  readonly state: string;
  /** "I3 ..." : which invariant, what was seen. */
  readonly violations: readonly string[];
  readonly seconds: number;
}

const terminal = ["idle", "confirmed", "rolled-back"];

interface Course {
  readonly id: string;
  readonly proposal: Proposal;
  /** The roles that are no command's and whose fault was injected. */
  readonly struck: string[];
  /** What was answered that should not have been. */
  readonly wrong: string[];
  /** The dashboard was told that the change is kept. */
  acknowledged: boolean;
  /** The power was cut, and the host has booted since. */
  wasCut: boolean;
}

/**
 * One change on one host, with one fault; and whether everything that must hold held, now and later.
 *
 * @param patient later is after twice the deadline; else, where the change has ended, after a round of the timer
 */
export async function runTrial(host: FaultHost, trial: Trial, patient: boolean): Promise<TrialResult> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  await host.reset(trial.subject);
  const ofCommands = trial.faults.filter(({ role }) => role !== "moment" && role !== "request");
  if (ofCommands.length > 0) await host.arm(ofCommands);
  const id = newId();
  const proposal = host.subjects[trial.subject].propose(id, trial.content);
  const course: Course = {
    id,
    proposal,
    struck: [],
    wrong: [],
    acknowledged: false,
    wasCut: false,
  };
  const violations: string[] = [];
  let settled: Settled = { snapshot: null, generation: null };
  const cutByFault = await host.poweredBy(ofCommands, async () => {
    await Promise.all([runCourse(host, trial, course), strikeInTime(host, trial, course)]);
    if (has(trial, "full", "inodes")) violations.push(...(await checkFullDisk(host, trial, course, seconds)));
    settled = await settle(host, trial, deadlineSeconds + graceSeconds);
  });
  course.wasCut ||= cutByFault;
  // The login that ended the wait was this moment's: a second one would say the same. One that failed is tried again.
  const first = await check(host, trial, course, "", settled.generation ?? (await host.loginGeneration()));
  violations.push(...course.wrong, ...first.violations);
  const later = patient ? 2 * deadlineSeconds + 1 - seconds() : timerSeconds + 1;
  await sleep(Math.max(0, later * 1000));
  // A fault that waits for the n-th command of a request may meet one that only looked: sshd was killed by it after the end.
  if (has(trial, "sshd")) settled = await settle(host, trial, graceSeconds);
  const second = await check(host, trial, course, " (later)", await host.loginGeneration());
  violations.push(...second.violations);
  const last = second.snapshot ?? first.snapshot ?? settled.snapshot;
  return {
    reached: [...new Set([...course.struck, ...(last?.reached ?? [])])],
    where: last?.where ?? "",
    state: last?.state ?? "off",
    violations: [...new Set(violations)],
    seconds: Math.round(seconds() * 10) / 10,
  };
}

/** The fault of a moment: counted from now. */
async function strikeInTime(host: FaultHost, { faults }: Trial, course: Course): Promise<void> {
  const fault = faults.find(({ role }) => role === "moment");
  if (!fault) return;
  await sleep(fault.number);
  const kind = fault.kind === "power" ? "power" : "kill";
  if (!(await host.strike(kind))) return;
  course.struck.push("moment");
  course.wasCut ||= kind === "power";
}

const has = ({ faults }: Trial, ...kinds: readonly string[]) =>
  faults.some(({ kind }) => kinds.includes(kind));

/** What the dashboard does, lost answers included: it asks again, over a new connection. */
async function runCourse(host: FaultHost, trial: Trial, course: Course): Promise<void> {
  const { managed } = host;
  const request = trial.faults.find(({ role }) => role === "request");
  if (request) {
    const { number } = request;
    const propose = (id: string) => host.subjects[trial.subject].propose(id, trial.content);
    const strange = await runStrangeRequests(host, number, course.id, propose, strangeDeadlineSeconds);
    course.acknowledged = strange.acknowledged;
    if (strange.answered) course.struck.push("request");
    course.wrong.push(...strange.wrong);
    return;
  }
  const master = trial.course === "old-connection" ? await openMaster(host) : null;
  try {
    const ssh = master?.options;
    const { verb, headers, body } = course.proposal;
    const apply = () =>
      managed.ask(verb, { ...headers, deadline: deadlineSeconds }, { body, ssh, signal: host.signal });
    const answer = await twice(apply);
    if (answer === null || answer.error !== null) return;
    const change = { id: course.id, content: body, answer };
    if (trial.powerCutAfterApply) {
      await host.cutPower();
      course.wasCut = true;
    } else if (trial.course !== "leave") {
      const confirm = () => managed.confirm(change, { ssh, signal: host.signal });
      const confirmed = await twice(confirm);
      course.acknowledged = confirmed !== null && confirmed.error === null;
    }
  } finally {
    master?.close();
  }
}

/** The answer, or that of a second request where the first one brought none. */
async function twice<T>(request: () => Promise<T>): Promise<T | null> {
  try {
    return await request();
  } catch {
    await sleep(300);
    return request().catch(() => null);
  }
}

/** A connection from before the change, kept open for later sessions. */
async function openMaster(host: FaultHost): Promise<{ options: string[]; close: () => void }> {
  const control = `/tmp/gatehouse-fault-${newId()}`;
  const send = ["-o", "SendEnv=GATEHOUSE_CHANGE_*"];
  const child = spawn("nsenter", host.managed.sshArguments(["-M", "-N", "-S", control, ...send]), {
    stdio: "ignore",
  });
  const options = ["-S", control, "-o", "ControlMaster=no"];
  for (let tries = 0; tries < 50; tries++) {
    const alive = await host.managed
      .ask("status", {}, { ssh: options, timeoutSeconds: 10 })
      .catch(() => null);
    if (alive) break;
    await sleep(100);
  }
  return { options, close: () => child.kill("SIGKILL") };
}

/** What lies about of the change. The directory of a request that hangs is still in use: it goes when the request ends. */
function leftBehind({ strays }: Snapshot, trial: Trial): string {
  if (!has(trial, "hang")) return strays;
  return strays
    .split(" ")
    .filter((stray) => !stray.startsWith("working/"))
    .join(" ");
}

interface Settled {
  readonly snapshot: Snapshot | null;
  /** What the person who got in just now found in force; null where nobody did. */
  readonly generation: string | null;
}

/** Waits until the change has ended and a person gets in, or the time is over. */
async function settle(host: FaultHost, trial: Trial, withinSeconds: number): Promise<Settled> {
  const giveUpAt = performance.now() + withinSeconds * 1000;
  let silentSince: number | null = null;
  for (;;) {
    const now = await host.snapshot();
    const ended =
      now !== null && terminal.includes(now.state) && leftBehind(now, trial) === "" && now.watchers === 0;
    if (ended && !now.listening && has(trial, "sshd")) {
      silentSince ??= performance.now();
      if (performance.now() - silentSince > 2000) await host.superviseSshd();
    }
    const generation = ended && now.listening ? await host.loginGeneration() : null;
    if (generation !== null || performance.now() > giveUpAt) return { snapshot: now, generation };
    // The dashboard keeps asking; that is what finds a request that hangs on a host without an open change.
    // And it sweeps what a request left that died before it began anything.
    const isLeft = now !== null && terminal.includes(now.state) && now.strays.startsWith("work/");
    if (isLeft || has(trial, "hang")) await managementLogin(host, "status");
    await sleep(2000);
  }
}

/**
 * Before anybody makes room on the disk: no lock-out beyond the deadline, no file that is neither old nor new.
 *
 * Room is made after the deadline at the earliest: a disk that fills up while the change is undone would else stay full.
 */
async function checkFullDisk(
  host: FaultHost,
  trial: Trial,
  course: Course,
  seconds: () => number,
): Promise<string[]> {
  const violations: string[] = [];
  let generation: string | null = null;
  const isOver = async () => {
    if (seconds() <= deadlineSeconds + 5) return false;
    const now = await host.snapshot();
    // Killed from outside while no change was open: nobody's but its supervisor's to start again.
    if (now && terminal.includes(now.state) && !now.listening && has(trial, "sshd"))
      await host.superviseSshd();
    if ((now?.reached ?? []).length > 0) generation = await host.loginGeneration();
    return generation !== null;
  };
  while (seconds() < deadlineSeconds + graceSeconds && !(await isOver())) await sleep(2000);
  generation ??= await host.loginGeneration();
  if (generation === null) violations.push("I1 nobody gets in while the disk is full");
  const now = await host.snapshot();
  if (now && ![host.subjects[trial.subject].before, course.proposal.after].includes(now.live))
    violations.push("I2 damaged on a full disk");
  await host.managed.host.exec("rm -rf /var/tmp/full");
  return violations;
}

/** @param generation what a person who logged in just now found in force; null: nobody gets in */
async function check(
  host: FaultHost,
  trial: Trial,
  course: Course,
  when: string,
  generation: string | null,
): Promise<{ violations: string[]; snapshot: Snapshot | null }> {
  const violations: string[] = [];
  const fail = (invariant: string, seen: string) => violations.push(`${invariant} ${seen}${when}`);
  let management = await managementLogin(host);
  // A fault of the timer's may strike in this moment: sshd killed while no change is open is its supervisor's to start again.
  if (!management && has(trial, "sshd")) {
    await settle(host, trial, graceSeconds);
    management = await managementLogin(host);
  }
  const now = await host.snapshot();
  if (!now) return { violations: [`I1 the host does not run${when}`], snapshot: null };
  const { before, rights } = host.subjects[trial.subject];
  const { after } = course.proposal;
  const isAfter = now.live === after;
  const isConfig = trial.subject === "config" || trial.subject === "pam";

  if (generation === null) fail("I1", "a person cannot log in");
  if (!management) fail("I1", "the management account cannot log in");
  if (!isAfter && now.live !== before) fail("I2", `what is live is neither old nor new: ${now.live}`);
  if (now.rights !== rights) fail("I2", `its owner and mode are ${now.rights}`);
  if ((now.state === "confirmed") !== isAfter)
    fail("I3", `${now.state}, but what is live is the ${isAfter ? "new" : "old"} one`);
  if (generation !== null && generation !== (isConfig && isAfter ? "after" : "before"))
    fail("I4", `sshd runs ${generation}`);
  if (!terminal.includes(now.state)) fail("I5", `still ${now.state}`);
  const strays = leftBehind(now, trial);
  if (strays !== "") fail("I5", `left behind: ${strays}`);
  if (now.watchers !== 0) fail("I5", "a watcher is left");
  if (!now.isGuardSame) fail("I5", "the agent that watches is not the one that answers");
  if (course.acknowledged && now.state !== "confirmed") fail("I6", `acknowledged, but ${now.state}`);
  if (now.state === "confirmed" && trial.content !== "good")
    fail("I7", "a change that locks out was confirmed");
  if (now.state === "confirmed" && trial.course !== "confirm") fail("I7", "confirmed without a fresh login");
  const lines = now.history[course.id] ?? 0;
  if (lines !== (now.id === course.id ? 1 : 0)) fail("I8", `${lines} terminal lines in the history`);
  if (course.wasCut && now.state !== "confirmed" && now.seenAtStart !== before)
    fail(
      "I9",
      `sshd started at boot with ${now.seenAtStart === after ? "the new one" : `neither (${now.seenAtStart})`}`,
    );
  return { violations, snapshot: now };
}

/**
 * A login of the management account that got an answer.
 *
 * @param verb `status` makes the agent look after a change; one that it does not know lets it only say so
 */
async function managementLogin(host: FaultHost, verb: "status" | "nothing" = "nothing"): Promise<boolean> {
  return (await twice(() => host.managed.ask(verb, {}, { timeoutSeconds: 40 }))) !== null;
}

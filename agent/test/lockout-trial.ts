import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "@/e2e/lab/lab";
import type { Tree } from "@/e2e/lab/tree";
import { findLockout } from "@/lib/access/lockout";
import { addMarker, managementAccount, markerVariable } from "@/lib/change/marker";
import { readDump } from "@/lib/sshd-config/diff";
import type { LockoutCase } from "./lockout-corpus";
import { type AppliedChange, ManagedHost, mainConfig, newId, sha256, shortDeadlines } from "./managed-host";
import type { SoundCase } from "./sound-corpus";

/** What the harness gives a change, in seconds: an apply on a crowded machine takes half of it. */
export const deadlineSeconds = 8;
/** How much longer than its deadline an outage may last. */
export const graceSeconds = 5;

/** The releases of OpenSSH, as major × 100 + minor, and the systems that bring them. */
export const releases = { 804: "bullseye", 902: "bookworm", 1000: "trixie" } as const satisfies Record<
  number,
  Tree
>;
export type Release = keyof typeof releases;

export interface LockoutResult {
  readonly name: string;
  readonly release: Release;
  /** Who refused it before anything was changed, and why; null: nobody would have. */
  readonly refusedBy: "agent" | "dashboard" | null;
  readonly reason: string;
  /** From the moment at which the change was armed to the proof that sshd runs the old file again. */
  readonly outageSeconds: number;
  readonly violations: readonly string[];
}

export interface SoundResult {
  readonly name: string;
  readonly release: Release;
  /** What was held against it: must be empty. */
  readonly alarms: readonly string[];
}

/** Whether this release knows what the case is about. */
export function isFor(test: { since?: number; until?: number }, release: Release): boolean {
  return (test.since ?? 0) <= release && release <= (test.until ?? 99_999);
}

/** A host whose people have keys and no password, and what its sshd_config began with. */
export interface LockoutHost {
  readonly managed: ManagedHost;
  readonly release: Release;
  readonly base: string;
}

/** Starts a host for the corpus. */
export async function openLockoutHost(lab: Lab, release: Release): Promise<LockoutHost> {
  const host = await lab.start(releases[release]);
  await host.exec("for u in alice bob admin; do usermod -p '*' $u; done");
  const managed = await new ManagedHost(lab, host).installed([shortDeadlines]);
  // A file of an overlay's lower layer gets another inode number at its first link; this one is of the upper layer.
  await host.exec(`cp -p ${mainConfig} /etc/ssh/copy && mv /etc/ssh/copy ${mainConfig}`);
  return { managed, release, base: await host.read(mainConfig) };
}

function textOf(base: string, { top, end }: { top?: string; end?: string }): string {
  const closed = base.endsWith("\n") ? base : `${base}\n`;
  return `${top === undefined ? "" : `${top}\n`}${closed}${end === undefined ? "" : `${end}\n`}`;
}

/** One configuration that shuts out: refused beforehand or not, and undone when somebody overrides that. */
export async function tryLockout(host: LockoutHost, test: LockoutCase): Promise<LockoutResult> {
  const { managed, release } = host;
  const violations: string[] = [];
  if (test.given) await managed.host.exec(test.given);
  try {
    const text = textOf(host.base, test);
    const before = await managed.imageOf(mainConfig);
    const judged = await judge(host, text);
    if (judged.testCode !== "0") violations.push(`sshd -t does not take it: ${judged.said}`);
    const outageSeconds = await override(host, test, text, violations);
    if ((await managed.imageOf(mainConfig)) !== before) violations.push("the old bytes are not back");
    if (judged.refusedBy === null) violations.push("nobody would have refused it beforehand");
    return { name: test.name, release, ...judged, outageSeconds, violations };
  } finally {
    if (test.after) await managed.host.exec(test.after);
  }
}

interface Judgement {
  readonly testCode: string;
  readonly said: string;
  readonly refusedBy: "agent" | "dashboard" | null;
  readonly reason: string;
}

/** What agent and dashboard say before anything is changed. */
async function judge(host: LockoutHost, text: string): Promise<Judgement> {
  const id = newId();
  const { obstacles, ...common } = await askDashboard(host, text, id);
  const { answer } = await host.managed.apply(text, { id, deadline: 60 });
  if (["locks-us-out", "refused"].includes(answer.error ?? ""))
    return { ...common, refusedBy: "agent", reason: answer.message };
  if (answer.error === null) await backFrom(host.managed, id);
  if (obstacles !== "") return { ...common, refusedBy: "dashboard", reason: obstacles };
  return { ...common, refusedBy: null, reason: answer.message };
}

/** What the dashboard concludes from what the host's sshd says of the text. */
async function askDashboard(
  { managed }: LockoutHost,
  text: string,
  id: string,
): Promise<{ testCode: string; said: string; obstacles: string }> {
  const { address } = managed.host;
  const spec = `user=${managementAccount},host=${managed.gateway},addr=${managed.gateway},laddr=${address},lport=22`;
  const headers = { file: sha256(mainConfig), base: sha256(await managed.host.readBytes(mainConfig)) };
  const body = addMarker(text, id);
  const { headers: told, body: sections } = await managed.ask(
    "check",
    { ...headers, "spec.1": spec },
    { body },
  );
  let offset = 0;
  const section = (name: string) => {
    const from = offset;
    offset += Number(told[name]);
    return sections.subarray(from, offset).toString();
  };
  const [said, before, after] = [section("t.bytes"), section("before.bytes.1"), section("after.bytes.1")];
  const { obstacles } = findLockout(readDump(before), readDump(after), {
    account: managementAccount,
    port: 22,
    pinnedTypes: managed.host.hostKeys.map((line) => line.split(" ")[0] ?? ""),
    markerVariable: markerVariable(id),
    groups: told["own.groups"]?.split(" "),
    keyFile: told["own.key"] || null,
  });
  return { testCode: told["t.code"] ?? "", said, obstacles: obstacles.map(({ text: why }) => why).join(" ") };
}

/** Takes a change back from the host's own side, since the network may lead nowhere. */
async function backFrom(managed: ManagedHost, id: string): Promise<void> {
  await managed.host.exec("sed -i 's/^deadline=.*/deadline=1/' /var/lib/gatehouse/state");
  await managed.waitForEnd(60);
  const { state } = await managed.state();
  if (state !== "rolled-back") throw new Error(`The change ${id} ended as ${state}.`);
}

/** Applies it all the same, and looks at the host until people get in again. @returns the outage's length */
async function override(
  { managed }: LockoutHost,
  test: LockoutCase,
  text: string,
  violations: string[],
): Promise<number> {
  const sentAt = await uptimeOf(managed);
  const change = await managed.apply(text, { deadline: deadlineSeconds, override: 1 });
  const isOpen = change.answer.error === null;
  if (!isOpen && change.answer.error !== "no-reload")
    violations.push(
      `with the check overridden it was answered ${change.answer.error}: ${change.answer.message}`,
    );
  const armedAt = isOpen ? Number(change.answer.headers.deadline) - deadlineSeconds : sentAt;
  // Looked at from both sides at once: what is tried from outside must not hold up the watch for the end.
  const tried = isOpen ? tryToGetIn(managed, test, change, violations) : Promise.resolve();
  await managed.waitForEnd(60).catch((error: unknown) => violations.push(String(error)));
  // The record of the end is written once the reload of the old file is proved; a login shows that it is true.
  const outage = (await endOf(managed)) - armedAt;
  await tried;
  if (!(await getsIn(managed))) violations.push("nobody gets in afterwards");
  if (outage > deadlineSeconds + graceSeconds) violations.push(`the outage took ${outage.toFixed(1)} s`);
  const { state } = await managed.state();
  if (state !== "rolled-back") violations.push(`it ended as ${state}`);
  return Math.round(outage * 10) / 10;
}

/** What a person and the dashboard meet while the change is open. */
async function tryToGetIn(
  managed: ManagedHost,
  test: LockoutCase,
  change: AppliedChange,
  violations: string[],
): Promise<void> {
  // Only a login that began before the end tells something: it says whether the change was still open then.
  const look =
    "grep -q '^state=applied' /var/lib/gatehouse/state 2>/dev/null || sudo -n grep -q '^state=applied' /var/lib/gatehouse/state && echo open";
  const [person, confirmed] = await Promise.all([
    managed.host.login("admin", { command: look }),
    managed.confirm(change).catch(() => null),
  ]);
  if (test.letsIn !== "people" && person.stdout.includes("open")) violations.push("a person got in");
  if (confirmed?.error === null) violations.push("it was confirmed");
}

/** A login of a person and one of the management account, without a second try: sshd counts failures of an address. */
async function getsIn(managed: ManagedHost): Promise<boolean> {
  const person = await managed.host.login("alice", { timeoutSeconds: 40 });
  if (!person.ok) return false;
  return managed.ask("nothing").then(
    () => true,
    () => false,
  );
}

/** The host's uptime when the state file was written for the last time, in seconds. */
async function endOf(managed: ManagedHost): Promise<number> {
  const script = "echo $(stat -c %.2Y /var/lib/gatehouse/state) $(date +%s.%N) $(cut -d' ' -f1 /proc/uptime)";
  const [written = 0, now = 0, uptime = 0] = (await managed.host.exec(script)).stdout.split(" ").map(Number);
  return uptime - (now - written);
}

async function uptimeOf(managed: ManagedHost): Promise<number> {
  return Number((await managed.host.exec("cut -d' ' -f1 /proc/uptime")).stdout);
}

/** One configuration that shuts out nobody: the checks must let it pass, and it must be possible to keep it. */
export async function trySound(host: LockoutHost, test: SoundCase): Promise<SoundResult> {
  const { managed, release } = host;
  const alarms: string[] = [];
  if (test.given) await managed.host.exec(test.given);
  try {
    const text = textOf(host.base, test);
    const id = newId();
    const { testCode, said, obstacles } = await askDashboard(host, text, id);
    if (testCode !== "0") alarms.push(`sshd -t does not take it: ${said}`);
    if (obstacles !== "") alarms.push(`the dashboard refuses it: ${obstacles}`);
    const change = await managed.apply(text, { id, deadline: 60 });
    if (change.answer.error !== null) alarms.push(`the agent refuses it: ${change.answer.message}`);
    else if ((await managed.confirm(change)).error !== null) alarms.push("it could not be confirmed");
    await managed.host.write(mainConfig, host.base);
    await reload(managed);
    return { name: test.name, release, alarms };
  } finally {
    if (test.after) await managed.host.exec(test.after);
  }
}

/** Has sshd read the file that the test wrote, and waits until it has. */
async function reload(managed: ManagedHost): Promise<void> {
  await managed.host.exec("kill -HUP $(pgrep -f '^sshd: .*\\[listener\\]')");
  for (let tries = 0; tries < 100; tries++) {
    const { stdout } = await managed.host.exec("grep -c ':0016 [0-9A-F]*:0000 0A ' /proc/net/tcp");
    if (stdout.trim() !== "0") return;
    await sleep(50);
  }
}

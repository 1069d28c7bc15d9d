import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Lab, openLab } from "@/e2e/lab/lab";
import { printRequest } from "@/lib/agent/wire";
import { markerVariable } from "@/lib/change/marker";
import {
  type AgentAnswer,
  type AppliedChange,
  ManagedHost,
  mainConfig,
  newId,
  shortDeadlines,
} from "./managed-host";

/**
 * Confirms that prove nothing: each must be refused, however right its nonce is, and the change must be undone all the
 * same. The figures of docs/safety.md come from test-results/false-confirms-summary.json.
 */

// Two hundred logins, on a machine that may do other things.
vi.setConfig({ testTimeout: 600_000 });

let lab: Lab;
let managed: ManagedHost;
let other: ManagedHost;
let original: string;
const startedAt = new Date().toISOString();
const tried: Record<string, { tries: number; accepted: number; answers: Record<string, number> }> = {};

beforeAll(async () => {
  lab = await openLab();
  const open = async (tree: "bookworm" | "trixie") =>
    new ManagedHost(lab, await lab.start(tree)).installed([shortDeadlines]);
  [managed, other] = await Promise.all([open("bookworm"), open("trixie")]);
  original = await managed.host.read(mainConfig);
});
afterAll(async () => {
  managed?.forget();
  other?.forget();
  await lab?.close();
});

// One test's change must not stand in the way of the next test's.
afterEach(async () => {
  for (const on of [managed, other]) {
    const { state, id = "" } = await on.state();
    if (state === "applied") await on.ask("cancel", { id });
  }
});

/** Counts the answer to a false confirm. */
function note(kind: string, answer: Pick<AgentAnswer, "error"> | string): void {
  const seen = tried[kind] ?? { tries: 0, accepted: 0, answers: {} };
  tried[kind] = seen;
  const word = typeof answer === "string" ? answer : (answer.error ?? "accepted");
  seen.tries += 1;
  if (word === "accepted") seen.accepted += 1;
  seen.answers[word] = (seen.answers[word] ?? 0) + 1;
}

/** A fifth of the tries for each commit; all of them: `npm run test:false-confirms`. */
const isWhole = Boolean(process.env.GATEHOUSE_ALL_FALSE_CONFIRMS);

const times = <T>(count: number, act: (index: number) => Promise<T>) =>
  Array.from({ length: isWhole ? count : Math.ceil(count / 5) }, (_, index) => index).reduce(
    (before, index) => before.then(() => act(index)).then(() => undefined),
    Promise.resolve<undefined>(undefined),
  );

/** A harmless change that stays open for five minutes. */
async function open(on = managed, ssh: readonly string[] = []): Promise<AppliedChange> {
  const change = await on.apply(`${await on.host.read(mainConfig)}# ${newId()}\n`, { deadline: 300, ssh });
  expect(change.answer.message).toBe("");
  return change;
}

/** Nothing of what was tried counted: the change is still open, and is taken back. */
async function expectStillOpen(change: AppliedChange, on = managed): Promise<void> {
  expect((await on.state()).state).toBe("applied");
  expect((await on.ask("cancel", { id: change.id })).headers).toMatchObject({ state: "rolled-back" });
}

/** Only these answers were given, and none of them accepted anything. */
function expectOnly(kind: string, ...codes: string[]): void {
  expect(tried[kind]?.accepted).toBe(0);
  expect(Object.keys(tried[kind]?.answers ?? {}).sort()).toEqual([...codes].sort());
}

/** A connection that is kept open for later sessions. */
async function openMaster(): Promise<{ options: string[]; close: () => void }> {
  const control = `/tmp/gatehouse-false-${newId()}`;
  const options = ["-S", control, "-o", "ControlMaster=no"];
  const args = ["-M", "-N", "-S", control, "-o", "SendEnv=GATEHOUSE_CHANGE_*"];
  const child = spawn("nsenter", managed.sshArguments(args), { stdio: "ignore" });
  for (;;) {
    const answer = await managed.ask("status", {}, { ssh: options }).catch(() => null);
    if (answer) return { options, close: () => child.kill("SIGKILL") };
    await sleep(50);
  }
}

test("a connection from before the change confirms nothing: another session, or the one that applied", async () => {
  const master = await openMaster();
  const change = await open();
  await times(25, async () =>
    note("ControlMaster from before", await managed.confirm(change, { ssh: master.options })),
  );
  expectOnly("ControlMaster from before", "stale-login");
  await expectStillOpen(change);

  const own = await open(managed, master.options);
  await times(25, async () =>
    note("second exec on the stale connection", await managed.confirm(own, { ssh: master.options })),
  );
  expectOnly("second exec on the stale connection", "stale-login");
  await expectStillOpen(own);
  master.close();
});

test("a nonce that is not the one confirms nothing", async () => {
  const change = await open();
  const nonce = change.answer.headers.nonce ?? "";
  const wrong = [
    "",
    "0",
    "0".repeat(64),
    "f".repeat(64),
    nonce.slice(1),
    nonce.slice(0, 63),
    `${nonce}0`,
    `0${nonce}`,
    nonce.toUpperCase().replace(/^[0-9]*$/, "X"),
    ` ${nonce}`,
    `${nonce} `,
    [...nonce].reverse().join(""),
    "*",
    "?".repeat(64),
    `${nonce}*`,
    "$TX_NONCE",
    "' -o '",
    change.id,
  ].filter((word) => word !== nonce);
  for (const guess of wrong) {
    const request = { id: change.id, nonce: guess };
    note("wrong nonce", await managed.ask("confirm", request, { env: { [markerVariable(change.id)]: "1" } }));
  }
  await times(25, async (index) => {
    const guess = `${index.toString(16).padStart(4, "0")}${nonce.slice(4)}`;
    if (guess !== nonce) note("wrong nonce", await managed.confirm(change, { nonce: guess }));
  });
  expectOnly("wrong nonce", "nonce");
  await expectStillOpen(change);
});

test("a login without the proof confirms nothing: no variable, the decoy alone, that of another change", async () => {
  const change = await open();
  const nonce = change.answer.headers.nonce ?? "";
  const ask = (env: Record<string, string>) => managed.ask("confirm", { id: change.id, nonce }, { env });
  await times(10, async () => note("no proof", await ask({})));
  await times(10, async () => note("no proof", await ask({ [markerVariable(newId())]: "1" })));
  await times(10, async () => note("no proof", await ask({ GATEHOUSE_CHANGE_: "1", LC_ALL: "C" })));
  expectOnly("no proof", "not-loaded");
  await expectStillOpen(change);
});

test("an sshd that runs the old file confirms nothing, though the new file lies there", async () => {
  const change = await open();
  const reload =
    "old=$(cat /proc/net/tcp); kill -HUP $(pgrep -f '^sshd: .*\\[listener\\]'); while [ \"$(grep ':0016 .* 0A ' /proc/net/tcp)\" = \"$(echo \"$old\" | grep ':0016 .* 0A ')\" ] || ! grep -q ':0016 .* 0A ' /proc/net/tcp; do sleep 0.1; done";
  await managed.host.write(mainConfig, original);
  await managed.host.exec(reload);
  await managed.host.write(mainConfig, change.content);
  await times(25, async () => note("old generation", await managed.confirm(change)));
  expectOnly("old generation", "not-loaded");
  await expectStillOpen(change);
});

test("what is no login of the management account confirms nothing: root at the host, another account by sudo", async () => {
  const change = await open();
  const headers = { id: change.id, nonce: change.answer.headers.nonce ?? "" };
  const request = printRequest({ verb: "confirm", headers, body: Buffer.alloc(0) }).toString("base64");
  const run = `printf %s ${request} | base64 -d | %SUDO% env ${markerVariable(change.id)}=1 /usr/local/libexec/gatehouse-agent rpc`;
  // "GATEHOUSE/1 ok" means that it was taken; what is neither that nor an error is told as it is.
  const wordOf = (stdout: string) =>
    stdout.startsWith("GATEHOUSE/1 ok ")
      ? "accepted"
      : (/^code=(.*)$/m.exec(stdout)?.[1] ?? `said ${stdout}`);
  await times(10, async () =>
    note("no login", wordOf((await managed.host.exec(run.replace("%SUDO%", ""))).stdout)),
  );
  await times(15, async () =>
    note(
      "another account's login",
      wordOf((await managed.host.login("admin", { command: run.replace("%SUDO%", "sudo -n") })).stdout),
    ),
  );
  expectOnly("no login", "stale-login");
  expectOnly("another account's login", "not-loaded");
  await expectStillOpen(change);
});

test("another host's change confirms nothing, and nor does its nonce", async () => {
  const [here, there] = [await open(), await open(other)];
  await times(10, async () => note("other host", await other.confirm(here)));
  await times(10, async () => note("other host", await managed.confirm(there)));
  const swapped = (change: AppliedChange, from: AppliedChange) => ({
    ...change,
    answer: { ...change.answer, headers: from.answer.headers },
  });
  await times(5, async () => note("other host", await managed.confirm(swapped(here, there))));
  await times(5, async () => note("other host", await other.confirm(swapped(there, here))));
  expectOnly("other host", "nonce", "not-applied");
  await expectStillOpen(here);
  await expectStillOpen(there, other);
});

test("a nonce that was used, or whose change is over, confirms nothing more", async () => {
  const kept = await open();
  expect((await managed.confirm(kept)).error).toBe(null);
  const undone = await open();
  await managed.ask("cancel", { id: undone.id });
  const change = await open();
  const nonces = [kept, undone].map(({ answer }) => answer.headers.nonce ?? "");
  for (const nonce of nonces)
    await times(5, async () => note("replayed nonce", await managed.confirm(change, { nonce })));
  await times(5, async () => note("replayed nonce", await managed.confirm(kept)));
  await times(5, async () => note("replayed nonce", await managed.confirm(undone)));
  expectOnly("replayed nonce", "nonce", "not-applied");
  await expectStillOpen(change);
});

test("a confirm that comes late, or after another boot, confirms nothing", async () => {
  const before = await managed.host.read(mainConfig);
  const late = await open();
  await managed.host.exec("sed -i 's/^deadline=.*/deadline=1/' /var/lib/gatehouse/state");
  expect(await managed.waitForEnd(60)).toBe("rolled-back");
  await times(15, async () => note("late", await managed.confirm(late)));
  expectOnly("late", "late");

  const change = await open();
  await managed.host.powerCut();
  await managed.host.boot();
  await managed.host.waitForSsh();
  await times(15, async () => note("other boot", await managed.confirm(change)));
  expectOnly("other boot", "not-applied");
  expect((await managed.state()).state).toBe("rolled-back");
  expect(await managed.host.read(mainConfig)).toBe(before);
});

test("none of all that were tried was accepted, at least two hundred in a whole run", () => {
  const sum = (of: "tries" | "accepted") => Object.values(tried).reduce((total, kind) => total + kind[of], 0);
  const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim();
  const summary = { commit, startedAt, tries: sum("tries"), accepted: sum("accepted"), kinds: tried };
  if (isWhole) {
    mkdirSync("test-results", { recursive: true });
    const file = path.join("test-results", "false-confirms-summary.json");
    writeFileSync(file, `${JSON.stringify(summary, null, 2)}\n`);
  }
  expect(summary.accepted).toBe(0);
  expect(summary.tries).toBeGreaterThanOrEqual(isWhole ? 200 : 50);
});

import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "@/e2e/lab/lab";
import type { TrialResult } from "./fault-trial";
import { InstallHost, type InstallLook, type InstallOutcome } from "./install-host";
import type { InstallCounts, InstallHostKind, InstallSubject, InstallTrial } from "./install-plan";
import { mainConfig, type Patch, sha256 } from "./managed-host";

const neverReached = 1_000_000;
const agentPath = "/usr/local/libexec/gatehouse-agent";
const guardPath = "/usr/local/libexec/gatehouse-guard";
/** What it holds depends on what was there before: its lines are looked at, not its digest. */
const record = "/var/lib/gatehouse/installed";

/**
 * Where installations of a kind of host are tried, one after the other: on a new host each, or, for upgrades, again and
 * again on one that is managed.
 *
 * What must hold after the first try, in which the fault is, and after a second one without:
 *
 * E1 a person gets in as before, and so does the management account of a host that was managed;
 * E2 each file of ours is not there, or whole (old or new) with its owner and mode;
 * E3 what says that it did not install has left the host as it was, unless it was killed; what says it did, works;
 * E4 sshd_config is what it was; sshd and sudo accept their configuration;
 * E5 the second try succeeds, and leaves nothing but what an installation without a fault leaves.
 */
export class InstallPlace {
  readonly kind: InstallHostKind;
  readonly #lab: Lab;
  readonly #patches: readonly Patch[];
  #reference: InstallLook | undefined;
  #managed: { host: InstallHost; version: number } | undefined;
  #versions = 1;

  constructor(lab: Lab, kind: InstallHostKind, patches: readonly Patch[] = []) {
    this.#lab = lab;
    this.kind = kind;
    this.#patches = patches;
  }

  /** Installs and upgrades once without a fault. @returns how many commands each runs, and which @throws when one fails */
  async measure(): Promise<{ counts: InstallCounts; names: Readonly<Record<InstallSubject, string[]>> }> {
    const host = await InstallHost.open(this.#lab, this.kind, this.#patches);
    const count = async () => {
      await host.arm({ role: "install", number: neverReached, kind: "kill" }, true);
      const { code, stderr } = await host.install(this.#versions);
      if (code !== 0) throw new Error(`The installation to count ended with ${code}: ${stderr}`);
      return host.names();
    };
    const install = await count();
    this.#reference = await host.look();
    this.#versions += 1;
    const upgrade = await count();
    this.#managed = { host, version: this.#versions };
    return {
      counts: { install: install.length, upgrade: upgrade.length },
      names: { install, upgrade },
    };
  }

  /** One trial. `measure` comes first. */
  async run(trial: InstallTrial): Promise<TrialResult> {
    const startedAt = performance.now();
    const [fault] = trial.faults;
    const isUpgrade = trial.subject === "upgrade";
    const host = isUpgrade
      ? this.#openManaged().host
      : await InstallHost.open(this.#lab, this.kind, this.#patches);
    const old = isUpgrade ? this.#openManaged().version : null;
    this.#versions += 1;
    const version = this.#versions;
    const violations: string[] = [];
    try {
      await host.arm(null);
      const config = await host.host.read(mainConfig);
      const before = await host.fingerprint();
      await host.arm(fault);
      const outcome = await host.install(version);
      await this.#waitForEnd(host);
      const first = await host.look();
      violations.push(
        ...(await this.#checkFirst(host, { outcome, look: first, config, before, old, version, trial })),
      );
      await host.arm(null);
      const second = await host.install(version);
      violations.push(...(await this.#checkSecond(host, second, version)));
      if (isUpgrade && second.code === 0) this.#managed = { host, version };
      const reached = first.isReached ? ["install"] : [];
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      const state = outcome.wasCut ? "cut" : String(outcome.code ?? "lost");
      return { reached, where: first.where, state, violations, seconds };
    } finally {
      if (!isUpgrade) await host.close();
    }
  }

  async close(): Promise<void> {
    await this.#managed?.host.close();
  }

  #openManaged(): { host: InstallHost; version: number } {
    if (!this.#managed) throw new Error("Nothing was measured at this place.");
    return this.#managed;
  }

  /** What goes on after its connection is lost comes to an end by itself. */
  async #waitForEnd(host: InstallHost): Promise<void> {
    const giveUpAt = performance.now() + 60_000;
    while ((await host.look()).isRunning && performance.now() < giveUpAt) await sleep(300);
  }

  async #checkFirst(
    host: InstallHost,
    after: {
      outcome: InstallOutcome;
      look: InstallLook;
      config: string;
      before: string;
      old: number | null;
      version: number;
      trial: InstallTrial;
    },
  ): Promise<string[]> {
    const { outcome, look, config, before, old, version, trial } = after;
    const violations = look.broken.map((what) => `E4 ${what} fails`);
    if (look.isRunning) violations.push("E3 the installation has not ended");
    const digests = [...(old === null ? [] : [old]), version].map((one) => sha256(host.agentOf(one)));
    violations.push(...this.#checkFiles(host, look, digests, config));
    if (!(await host.host.login("alice", { timeoutSeconds: 40 })).ok)
      violations.push("E1 a person cannot log in");
    const answering = await host.answeringAgent();
    if (old !== null && answering === null)
      violations.push("E1 the management account gets no answer any more");
    if (answering !== null && !digests.includes(answering))
      violations.push(`E2 another agent answers: ${answering}`);
    const isKilled = outcome.wasCut || trial.faults[0].kind === "kill";
    if (outcome.code === 0 && answering !== sha256(host.agentOf(version)))
      violations.push(`E3 it says that it is installed, and ${answering ?? "nothing"} answers`);
    if (outcome.code !== 0 && !isKilled) {
      // Whoever lost the connection was not told; then it may have been finished, too.
      const isDone = outcome.code === null && answering === sha256(host.agentOf(version));
      // Without a block or an inode userdel cannot work; then it must have been said.
      const isTold = /account gatehouse could not be taken away/.test(outcome.stderr);
      const isAccount = (line: string) => isTold && / \/etc\/(passwd|shadow|group|gshadow)$/.test(line);
      const now = difference(before, await host.fingerprint(), isAccount);
      if (!isDone && now !== "")
        violations.push(`E3 it did not install, and left: ${now} [${outcome.stderr.slice(-300)}]`);
    }
    return violations;
  }

  #checkFiles(host: InstallHost, look: InstallLook, digests: readonly string[], config: string): string[] {
    const violations: string[] = [];
    const whole = this.#reference?.files ?? {};
    for (const [path, image] of Object.entries(look.files)) {
      const [rights, digest = ""] = image.split(" ");
      const isAgent = path === agentPath || path === guardPath;
      const expected = path.endsWith("/authorized_keys") ? `0:0:644 ${sha256(host.keyLine)}` : whole[path];
      const isWhole = isAgent ? digests.includes(digest) && rights === "0:0:755" : image === expected;
      if (path === mainConfig) {
        if (digest !== sha256(config)) violations.push("E4 sshd_config is another");
      } else if (path === record) {
        if (rights !== "0:0:600") violations.push(`E2 ${path} is ${rights}`);
      } else if (whole[path] === undefined) violations.push(`E2 ${path} is none of an installation's`);
      else if (!isWhole) violations.push(`E2 ${path} is not whole: ${image}`);
    }
    return violations;
  }

  async #checkSecond(host: InstallHost, outcome: InstallOutcome, version: number): Promise<string[]> {
    const violations: string[] = [];
    if (outcome.code !== 0)
      violations.push(`E5 the second try ended with ${outcome.code}: ${outcome.stderr.slice(-300)}`);
    const look = await host.look();
    const digest = sha256(host.agentOf(version));
    violations.push(...look.broken.map((what) => `E5 ${what} fails`));
    violations.push(...look.strays.map((path) => `E5 left behind: ${path}`));
    for (const path of Object.keys(this.#reference?.files ?? {})) {
      if (look.files[path] === undefined) violations.push(`E5 ${path} is missing`);
    }
    for (const path of [agentPath, guardPath])
      if (look.files[path] !== `0:0:755 ${digest}`) violations.push(`E5 ${path} is not the new one`);
    if ((await host.answeringAgent()) !== digest) violations.push("E5 the new agent does not answer");
    if (!(await host.host.login("alice", { timeoutSeconds: 40 })).ok)
      violations.push("E5 a person cannot log in");
    return violations;
  }
}

/** Some lines that only one of the two has, but for those that do not matter; empty where there are none. */
function difference(before: string, now: string, isIgnored: (line: string) => boolean): string {
  const [old, young] = [before.split("\n"), now.split("\n")];
  const lines = [
    ...young.filter((line) => !old.includes(line) && !isIgnored(line)).map((line) => `+${line}`),
    ...old.filter((line) => !young.includes(line) && !isIgnored(line)).map((line) => `-${line}`),
  ];
  return lines.slice(0, 6).join("; ");
}

import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab, LabHost } from "@/e2e/lab/lab";
import { hasSystemd } from "@/e2e/lab/tree";
import { type Fault, type HostKind, type Subject, subjects } from "./fault-plan";
import { resetScript, snapshotScript, strikeScript } from "./fault-scripts";
import { keyFile, type SubjectOnHost, subjectsOf } from "./fault-subject";
import {
  agentText,
  giveBusybox,
  inShell,
  ManagedHost,
  mainConfig,
  newId,
  type Patch,
  pamFile,
  shortDeadlines,
} from "./managed-host";

/** Puts the shims in front of everything the agent runs. The agent's own text has no hook for it. */
export const shimmedPath: Patch = ["\nPATH=/", "\nPATH=/opt/faults/bin:/"];

/** A hanging command is given up on in seconds, not minutes. */
const impatient: Patch = ["\nLOCK_SECONDS=120 ", "\nLOCK_SECONDS=12 "];

/** What the agent runs. A command that is missing here is not a fault point; sh, unshare and mount are left alone. */
export const shimmedCommands = `awk cat chmod chown cp cut date df find flock getent grep head id ln logger ls
  mkdir mv od printf readlink rm rmdir sed sha256sum
  sleep sort sshd stat sync systemctl tail timeout tr uniq wc xargs setsid`.split(/\s+/);

/** How often the host's timer looks after a change. */
export const timerSeconds = 5;

/**
 * Debian's busybox runs its own applets without looking at PATH; functions of their names lead to the shims all the same.
 * Not for what is no applet, what must be an absolute path, and what is left running.
 */
const applets = shimmedCommands.filter(
  (name) => !["getent", "logger", "printf", "setsid", "sshd", "systemctl"].includes(name),
);
function shimFunction(name: string): string {
  return `${name}() { if [ -e /opt/faults/on ]; then /opt/faults/bin/${name} "$@"; else command ${name} "$@"; fi; }\n`;
}
const shimmedApplets: Patch = [
  "\nREQUEST_MAX_BYTES=",
  `\n${applets.map(shimFunction).join("")}REQUEST_MAX_BYTES=`,
];

/** Puts a shim for each of the commands into /opt/faults/bin of a host (fault-shim.sh). */
export async function putShims(host: LabHost, commands: readonly string[]): Promise<void> {
  await host.exec("mkdir -p /opt/faults/bin; chmod 0777 /opt/faults");
  const shim = readFileSync(path.join(import.meta.dirname, "fault-shim.sh"));
  await host.write("/opt/faults/shim", shim, "755");
  await host.exec(`for name in ${commands.join(" ")}; do ln -sf ../shim /opt/faults/bin/$name; done`);
}

/** What the host looks like at one moment. */
export interface Snapshot {
  readonly state: string;
  readonly id: string;
  /** What the subject of the trial looks like. */
  readonly live: string;
  /** Owner and mode, as the subject shows them. */
  readonly rights: string;
  /** Files of ours beside what is changed, transactions and work directories. */
  readonly strays: string;
  readonly watchers: number;
  readonly listening: boolean;
  /** For each id of a change, how many terminal lines the host's history has. */
  readonly history: Readonly<Record<string, number>>;
  /** The agent that watches is the one that answers. */
  readonly isGuardSame: boolean;
  /** What the subject looked like when sshd was last started by the host's init. */
  readonly seenAtStart: string;
  /** The roles whose fault was injected. */
  readonly reached: readonly string[];
  readonly where: string;
  readonly count: number;
}

/** A managed host whose agent runs under the shims, and that can be put back to where it began. */
export class FaultHost {
  readonly managed: ManagedHost;
  readonly kind: HostKind;
  readonly subjects: Readonly<Record<Subject, SubjectOnHost>>;
  #cutting: Promise<void> | undefined;
  #abort = new AbortController();

  private constructor(
    managed: ManagedHost,
    kind: HostKind,
    ofSubjects: Readonly<Record<Subject, SubjectOnHost>>,
  ) {
    this.managed = managed;
    this.kind = kind;
    this.subjects = ofSubjects;
  }

  /** Starts a host with the agent, patched as asked, and the shims. */
  static async open(lab: Lab, kind: HostKind, patches: readonly Patch[] = []): Promise<FaultHost> {
    const host = await lab.start(kind.tree, { init: kind.init, diskMiB: 48, diskInodes: 4000 });
    const isBusybox = kind.shell === "busybox";
    if (isBusybox) await giveBusybox(host);
    const all = [
      ...inShell(kind.shell),
      ...(isBusybox ? [shimmedApplets] : []),
      ...[shortDeadlines, shimmedPath, impatient],
      ...patches,
    ];
    await putShims(host, shimmedCommands); // before the agent, whose text names them
    const managed = await new ManagedHost(lab, host).installed(all);
    const bases = {
      config: `SetEnv LAB_GENERATION=before\n${await host.read(mainConfig)}`,
      pam: await host.read(pamFile),
      agent: agentText(all),
      keys: await host.read(keyFile),
      otherKey: `${managed.publicKey} of ${newId()}\n`,
    };
    await host.write("/root/base", bases.config);
    await host.write("/root/pam.base", bases.pam);
    await host.write("/root/keys.base", bases.keys);
    await host.write("/root/agent.base", bases.agent, "755");
    const ofSubjects = subjectsOf(bases);
    for (const name of subjects) {
      await host.write(`/root/look.${name}`, `${ofSubjects[name].look}\n`);
      await host.write(`/root/rights.${name}`, `${ofSubjects[name].lookAtRights}\n`);
    }
    if (kind.shell === "dash") await host.exec(": >/opt/faults/movable");
    await host.write("/opt/faults/witness", "sh /opt/faults/look >/run/seen-by-sshd || :\n");
    if (hasSystemd(kind.tree)) {
      await host.exec("mkdir -p /etc/systemd/system/ssh.service.d");
      const witness = "[Service]\nExecStartPre=-/bin/sh /opt/faults/witness\n";
      await host.write("/etc/systemd/system/ssh.service.d/witness.conf", witness);
      await host.exec("systemctl daemon-reload");
    } else {
      await host.exec("printf 'sh /opt/faults/witness\n' >>/etc/default/ssh"); // the init script sources it
    }
    return new FaultHost(managed, kind, ofSubjects);
  }

  /** The signal that ends requests to a host whose power is cut. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** As at the beginning: the base configuration in force, no state, no fault, the timer running. */
  async reset(subject: Subject): Promise<void> {
    await this.#cutting;
    this.#abort = new AbortController();
    if (!this.managed.host.isRunning) await this.managed.host.boot();
    const { code, stderr } = await this.managed.host.exec(`set -- ${subject}\n${resetScript}`);
    if (code !== 0) throw new Error(`${this.managed.host.name} could not be reset: ${stderr}`);
    await this.#startTimer();
  }

  /** Sets the faults for the commands from now on, at most one for each role. */
  async arm(faults: readonly Fault[]): Promise<void> {
    const plans = faults.map(
      ({ role, number, kind }) => `echo '${number} ${kind}' >/opt/faults/plan.${role}`,
    );
    await this.managed.host.exec([...plans, ": >/opt/faults/on"].join("\n"));
  }

  /** Kills all of the agent, or cuts the power, now. @returns whether there was anything to strike */
  async strike(kind: "kill" | "power"): Promise<boolean> {
    const script = `set -- ${kind === "kill" ? "kill" : "look"}\n${strikeScript}`;
    const struck = await this.managed.host.exec(script).catch(() => null);
    if (struck?.code !== 0) return false;
    if (kind === "power") await this.cutPower();
    return true;
  }

  /** Null while the host is off. */
  async snapshot(): Promise<Snapshot | null> {
    await this.#cutting;
    const { code, stdout } = await this.managed.host
      .exec(snapshotScript)
      .catch(() => ({ code: 1, stdout: "" }));
    if (code !== 0) return null;
    const facts: Record<string, string> = {};
    let name = "";
    for (const line of stdout.split("\n")) {
      const found =
        /^(state|id|live|rights|strays|watchers|listening|history|guard|seen|reached|where|count)=(.*)$/.exec(
          line,
        );
      if (found?.[1]) name = found[1];
      if (name) facts[name] = `${facts[name] ?? ""}${found ? found[2] : ` ${line}`}`.trim();
    }
    const history: Record<string, number> = {};
    for (const entry of (facts.history ?? "").split(",").filter(Boolean)) {
      const id = entry.split(" ")[0] ?? "";
      history[id] = (history[id] ?? 0) + 1;
    }
    return {
      state: facts.state ?? "idle",
      id: facts.id ?? "",
      live: facts.live ?? "",
      rights: facts.rights ?? "",
      strays: facts.strays ?? "",
      watchers: Number(facts.watchers ?? 0),
      listening: Number(facts.listening ?? 0) > 0,
      history,
      isGuardSame: facts.guard === "same",
      seenAtStart: facts.seen ?? "",
      reached: (facts.reached ?? "").split(" ").filter(Boolean),
      where: facts.where ?? "",
      count: Number(facts.count ?? 0),
    };
  }

  /** Cuts the power and boots again; requests in flight end. A fault that wants the power cut at boot gets it. */
  cutPower(): Promise<void> {
    this.#cutting ??= (async () => {
      await this.managed.host.powerCut();
      this.#abort.abort();
      await this.#boot();
      this.#abort = new AbortController();
      await this.#startTimer();
    })().finally(() => {
      this.#cutting = undefined;
    });
    return this.#cutting;
  }

  async #boot(): Promise<void> {
    const { host } = this.managed;
    let booted = false;
    const booting = host.boot().then(() => {
      booted = true;
    });
    // Where the fault stops the boot, this boot never ends by itself; the next one is what counts.
    booting.catch(() => undefined);
    while (!booted) {
      await Promise.race([booting, sleep(300)]);
      if (booted || !(await this.#wantsPowerCut())) continue;
      await host.powerCut();
      return host.boot();
    }
  }

  async #wantsPowerCut(): Promise<boolean> {
    const wanted = await this.managed.host.exec("test -e /run/faults/power").catch(() => null);
    return wanted?.code === 0;
  }

  /** Runs `during`; where a fault wants the power cut, watches for that moment. @returns whether it came */
  async poweredBy(faults: readonly Fault[], during: () => Promise<void>): Promise<boolean> {
    if (faults.every(({ kind }) => kind !== "power")) {
      await during();
      return false;
    }
    let done = false;
    let cut = false;
    const watch = async () => {
      while (!done) {
        await sleep(150);
        if (cut || done) continue;
        if (this.#cutting || !(await this.#wantsPowerCut())) continue;
        cut = true;
        await this.cutPower();
      }
    };
    const watching = watch();
    try {
      await during();
    } finally {
      done = true;
      await watching;
    }
    return cut;
  }

  /** What a supervisor does with an sshd that was killed from outside while no change was open. */
  async superviseSshd(): Promise<void> {
    await this.managed.host.exec("service ssh start");
  }

  /** A fresh login of a person. @returns the generation that sshd runs, or null */
  async loginGeneration(): Promise<string | null> {
    const options = { command: 'printf %s "$LAB_GENERATION"', timeoutSeconds: 40 };
    const login = await this.managed.host.login("alice", options);
    return login.ok ? login.stdout : null;
  }

  /**
   * The host's timer or cron, every `timerSeconds` instead of thirty or sixty. As there, a look that hangs does not keep the
   * next one from beginning.
   */
  async #startTimer(): Promise<void> {
    await this.managed.host.exec(
      `for pid in $(pgrep -f '^sh -c : lab timer'); do kill -9 "$pid"; done
       setsid sh -c ': lab timer; while sleep ${timerSeconds}; do /usr/local/libexec/gatehouse-guard tick & done' </dev/null >/dev/null 2>&1 &`,
    );
  }
}

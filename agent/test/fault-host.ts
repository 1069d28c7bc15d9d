import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "@/e2e/lab/lab";
import { hasSystemd } from "@/e2e/lab/tree";
import type { Fault, HostKind } from "./fault-plan";
import { ManagedHost, mainConfig, type Patch, sha256, shortDeadlines } from "./managed-host";

/** Puts the shims in front of everything the agent runs. The agent's own text has no hook for it. */
const shimmedPath: Patch = [
  "\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n",
  "\nPATH=/opt/faults/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
];

/** A hanging command is given up on in seconds, not minutes. */
const impatient: Patch = ["\nLOCK_SECONDS=120 ", "\nLOCK_SECONDS=12 "];

/** What the agent runs. A command that is missing here is not a fault point; sh, unshare and mount are left alone. */
const commands = `awk cat chmod cp cut date df flock grep head id ln logger ls
  mkdir mv od printf readlink rm sed sha256sum
  sleep sort sshd stat sync systemctl tail timeout tr uniq wc setsid`.split(/\s+/);

/** What the host looks like at one moment. */
export interface Snapshot {
  readonly state: string;
  readonly id: string;
  readonly live: string;
  /** "uid:gid mode" */
  readonly rights: string;
  /** Files of ours beside sshd_config, transactions and work directories. */
  readonly strays: string;
  readonly watchers: number;
  readonly listening: boolean;
  /** For each id of a change, how many terminal lines the host's history has. */
  readonly history: Readonly<Record<string, number>>;
  /** The configuration that stood there when sshd was last started by the host's init. */
  readonly seenAtStart: string;
  readonly reached: boolean;
  readonly where: string;
  readonly count: number;
}

const snapshotScript = `
say() { printf '%s=%s\\n' "$1" "$2"; }
while IFS= read -r line; do case $line in state=* | id=*) printf '%s\\n' "$line" ;; esac; done 2>/dev/null </var/lib/gatehouse/state
say live "$(sha256sum <${mainConfig} | cut -c 1-64)"
say rights "$(stat -c '%u:%g %a' ${mainConfig})"
say strays "$(cd /var/lib/gatehouse && find /etc/ssh -name '.gatehouse*'; find tx work -mindepth 1 -maxdepth 1 2>/dev/null; find . -name '*.new.*')"
say watchers "$(ps -eo args | grep -c '^/bin/sh /usr/local/libexec/gatehouse-guard watch')"
say listening "$(cat /proc/net/tcp /proc/net/tcp6 | grep -c ':0016 [0-9A-F]*:0000 0A ')"
say history "$(cut -d' ' -f2,3 /var/lib/gatehouse/history 2>/dev/null | tr '\\n' ',')"
say seen "$(sha256sum </run/seen-by-sshd 2>/dev/null | cut -c 1-64)"
say reached "$([ -d /opt/faults/hit ] && echo yes)"
say where "$(cat /run/faults/where 2>/dev/null)"
say count "$(cat /run/faults/count 2>/dev/null | wc -c)"
`;

const resetScript = `
for pid in $(pgrep -x -f '/bin/sleep 600'); do kill -9 "$pid"; done
rm -rf /opt/faults/plan /opt/faults/hit /run/faults /var/tmp/full
for dir in /proc/[0-9]*; do
  line=; { IFS= read -r line <"$dir/cmdline"; } 2>/dev/null
  case $line in /bin/sh/usr/local/libexec/gatehouse-*) kill -9 "\${dir#/proc/}" ;; esac
done
cd /var/lib/gatehouse && rm -rf state state.* history history.* tx work kept
rm -f /run/gatehouse/* /etc/ssh/.gatehouse* /run/seen-by-sshd
cp -p /root/base ${mainConfig}.base && mv -f ${mainConfig}.base ${mainConfig}
if [ -d /run/systemd/system ]; then
  systemctl reset-failed ssh.service; systemctl restart ssh.service || exit 1
else
  listener() { pgrep -f '^sshd: .*\\[listener\\]'; }
  for pid in $(listener); do kill "$pid"; done
  while listener >/dev/null; do sleep 0.05; done
  mkdir -p /run/sshd; /usr/sbin/sshd || exit 1
  until listener >/dev/null; do sleep 0.05; done
fi
rm -f /run/seen-by-sshd
`;

/** A managed host whose agent runs under the shims, and that can be put back to where it began. */
export class FaultHost {
  readonly managed: ManagedHost;
  readonly kind: HostKind;
  /** The configuration at the beginning of every trial. */
  readonly base: string;
  #cutting: Promise<void> | undefined;
  #abort = new AbortController();

  private constructor(managed: ManagedHost, kind: HostKind, base: string) {
    this.managed = managed;
    this.kind = kind;
    this.base = base;
  }

  /** Starts a host with the agent, patched as asked, and the shims. */
  static async open(lab: Lab, kind: HostKind, patches: readonly Patch[] = []): Promise<FaultHost> {
    const host = await lab.start(kind.tree, { init: kind.init, diskMiB: 48 });
    const managed = await new ManagedHost(lab, host).installed([
      shortDeadlines,
      shimmedPath,
      impatient,
      ...patches,
    ]);
    const base = `SetEnv LAB_GENERATION=before\n${await host.read(mainConfig)}`;
    await host.write("/root/base", base);
    await host.exec("mkdir -p /opt/faults/bin");
    await host.write(
      "/opt/faults/shim",
      readFileSync(path.join(import.meta.dirname, "fault-shim.sh")),
      "755",
    );
    await host.exec(`for name in ${commands.join(" ")}; do ln -s ../shim /opt/faults/bin/$name; done`);
    const copy = `cp ${mainConfig} /run/seen-by-sshd`;
    if (hasSystemd(kind.tree)) {
      await host.exec("mkdir -p /etc/systemd/system/ssh.service.d");
      const witness = `[Service]\nExecStartPre=-/bin/${copy}\n`;
      await host.write("/etc/systemd/system/ssh.service.d/witness.conf", witness);
      await host.exec("systemctl daemon-reload");
    } else {
      await host.exec(`printf '%s || :\\n' '${copy}' >>/etc/default/ssh`); // the init script sources it
    }
    return new FaultHost(managed, kind, base);
  }

  /** The signal that ends requests to a host whose power is cut. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** As at the beginning: the base configuration in force, no state, no fault, the timer running. */
  async reset(): Promise<void> {
    await this.#cutting;
    this.#abort = new AbortController();
    if (!this.managed.host.isRunning) await this.managed.host.boot();
    const { code, stderr } = await this.managed.host.exec(resetScript);
    if (code !== 0) throw new Error(`${this.managed.host.name} could not be reset: ${stderr}`);
    await this.#startTimer();
  }

  /** Sets the fault for the commands from now on. */
  async arm(fault: Fault): Promise<void> {
    await this.managed.host.write("/opt/faults/plan", `${fault.role} ${fault.number} ${fault.kind}\n`);
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
        /^(state|id|live|rights|strays|watchers|listening|history|seen|reached|where|count)=(.*)$/.exec(line);
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
      seenAtStart: facts.seen ?? "",
      reached: facts.reached === "yes",
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

  /** Runs `during`; where the fault wants the power cut, watches for that moment. @returns whether it came */
  async poweredBy(fault: Fault | null, during: () => Promise<void>): Promise<boolean> {
    if (fault?.kind !== "power") {
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
    const options = { command: 'printf %s "$LAB_GENERATION"', timeoutSeconds: 10 };
    const login = await this.managed.host.login("alice", options);
    return login.ok ? login.stdout : null;
  }

  get baseSha256(): string {
    return sha256(this.base);
  }

  /** The host's timer or cron, every two seconds instead of thirty or sixty. */
  async #startTimer(): Promise<void> {
    await this.managed.host.exec(
      `for pid in $(pgrep -f '^sh -c : lab timer'); do kill -9 "$pid"; done
       setsid sh -c ': lab timer; while sleep 2; do /usr/local/libexec/gatehouse-guard tick; done' </dev/null >/dev/null 2>&1 &`,
    );
  }
}

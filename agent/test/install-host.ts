import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab, LabHost } from "@/e2e/lab/lab";
import { renderInstallScript } from "@/lib/agent/install-script";
import { putShims, shimmedCommands, shimmedPath } from "./fault-host";
import type { InstallFault, InstallHostKind } from "./install-plan";
import { agentText, ManagedHost, mainConfig, type Patch, sha256, shortDeadlines } from "./managed-host";

/** What an installation runs besides what the agent does. */
const installerCommands = `chpasswd cmp mktemp sudo tee touch update-rc.d useradd userdel visudo`.split(" ");
const agentPatches: readonly Patch[] = [shimmedPath, shortDeadlines];
/** In front of both PATHs: of the script that the dashboard sends, and of the installer in it. */
const shimmed = (text: string) => text.replaceAll("\nPATH=/", "\nPATH=/opt/faults/bin:/");

/** Where the installer puts things: content, owner and mode of each, or nothing where it is absent. */
const lookScript = `
cd / && umask 022
for path in /usr/local/libexec/gatehouse-agent /usr/local/libexec/gatehouse-guard /etc/sudoers.d/gatehouse \\
  /var/lib/gatehouse-login/.ssh/authorized_keys /var/lib/gatehouse/installed ${mainConfig} ${mainConfig}.original \\
  /etc/cron.d/gatehouse /etc/init.d/gatehouse-agent /etc/rcS.d/*gatehouse-agent \\
  /etc/systemd/system/gatehouse-*; do
  case $path in *.gatehouse-new) continue ;; esac # half written, and under a name that nobody reads
  [ -e "$path" ] || continue
  set -- $(sha256sum <"$path")
  case $path in /etc/rcS.d/*) name=/etc/rcS.d/gatehouse-agent ;; *) name=$path ;; esac # update-rc.d numbers it, or we do
  printf 'file=%s %s %s\\n' "$name" "$(stat -L -c %u:%g:%a "$path")" "$1"
done
for path in $(find / -xdev -name '*gatehouse-new*' -o -xdev -name '*gatehouse-old*' -o -xdev -path '*gatehouse*' -name '*.new*'); do printf 'stray=%s\\n' "$path"; done
[ -d /run/sshd ] || mkdir -p /run/sshd
sshd -t 2>/dev/null || printf 'broken=sshd -t\\n'
visudo -c >/dev/null 2>&1 || printf 'broken=visudo -c\\n'
for dir in /proc/[0-9]*; do
  line=; { IFS= read -r line <"$dir/cmdline"; } 2>/dev/null
  case $line in sh-s | sh/tmp/tmp.*/install) printf 'running=%s\\n' "$line" ;; esac
done
[ ! -e /opt/faults/hit.install ] || printf 'reached=1\\n'
printf 'where='; cat /run/faults/where.install /opt/faults/where.install 2>/dev/null | head -n 1; echo
`;

/** Everything that could be ours or changed by us. Shadow's own copies and the log of packages are others'. */
const fingerprintScript = `
for dir in /etc /usr/local /var/lib/gatehouse /var/lib/gatehouse-login; do
  find "$dir" -xdev -type f -exec stat -c '%n %u:%g %a' {} + -exec sha256sum {} + 2>/dev/null
  find "$dir" -xdev ! -type f -exec stat -c '%N %u:%g %a' {} + 2>/dev/null
done | grep -v -E '^(.* )?/etc/(passwd-|shadow-|group-|gshadow-|subuid|subgid|\\.pwd\\.lock)' | sort`;

export interface InstallLook {
  /** By path: owner, mode and digest as one word. */
  readonly files: Readonly<Record<string, string>>;
  readonly strays: readonly string[];
  readonly broken: readonly string[];
  readonly isRunning: boolean;
  readonly isReached: boolean;
  readonly where: string;
}

export interface InstallOutcome {
  /** Null: the connection was lost, or the power. */
  readonly code: number | null;
  readonly stderr: string;
  readonly wasCut: boolean;
}

/** A host on which the dashboard's own script is run over SSH, by somebody with sudo, under shims. */
export class InstallHost {
  readonly managed: ManagedHost;
  readonly kind: InstallHostKind;
  readonly #lab: Lab;
  readonly #patches: readonly Patch[];

  private constructor(lab: Lab, kind: InstallHostKind, managed: ManagedHost, patches: readonly Patch[]) {
    this.#lab = lab;
    this.kind = kind;
    this.managed = managed;
    this.#patches = patches;
  }

  /** @param patches of install.sh */
  static async open(lab: Lab, kind: InstallHostKind, patches: readonly Patch[] = []): Promise<InstallHost> {
    const host = await lab.start(kind.tree, { init: kind.init, diskMiB: 48, diskInodes: 4000 });
    await putShims(host, [...shimmedCommands, ...installerCommands]);
    return new InstallHost(lab, kind, new ManagedHost(lab, host), patches);
  }

  get host(): LabHost {
    return this.managed.host;
  }

  /** The text of an agent that differs from others by a comment. */
  agentOf(version: number): string {
    return `${agentText(agentPatches)}# ${version}\n`;
  }

  /** The file that holds our key, whole. */
  get keyLine(): string {
    const words = this.managed.publicKey.split(" ").slice(0, 2).join(" ");
    return `restrict,command="sudo -n /usr/local/libexec/gatehouse-agent rpc" ${words} gatehouse:lab\n`;
  }

  #script(version: number): string {
    const content = Buffer.from(this.agentOf(version));
    const installer = this.#patches.reduce(
      (text, [found, replacement]) => {
        if (text.split(found).length !== 2)
          throw new Error(`The patch does not fit install.sh once: ${found}`);
        return text.replace(found, () => replacement);
      },
      readFileSync(path.join(import.meta.dirname, "..", "install.sh"), "utf8"),
    );
    const agent = {
      version: String(version),
      sha256: sha256(content),
      content,
      installer: shimmed(installer),
    };
    const options = { hostId: "lab", publicKey: this.managed.publicKey, reportUrl: null };
    const script = renderInstallScript(agent, options);
    // Not the agent's own text, which stands in it and has its patch already.
    return script.replace("\nPATH=/usr/local/", "\nPATH=/opt/faults/bin:/usr/local/");
  }

  /** Sets the fault for the next installation, or takes away the last one and what it did. */
  async arm(fault: InstallFault | null, withNames = false): Promise<void> {
    const plan = fault
      ? `echo '${fault.number} ${fault.kind}' >/opt/faults/plan.install; : >/opt/faults/on`
      : "";
    await this.host.exec(`
      for pid in $(pgrep -x -f '/bin/sleep 600'); do kill -9 "$pid"; done
      rm -rf /opt/faults/on /opt/faults/plan.* /opt/faults/hit.* /opt/faults/names /run/faults /var/tmp/full
      mkdir -p /run/faults && chmod 0777 /run/faults
      ${withNames ? ": >/opt/faults/names" : ":"}
      ${plan}`);
  }

  /** The names of the commands that were run since `arm` with names. */
  async names(): Promise<string[]> {
    return (await this.host.read("/opt/faults/names")).split("\n").filter(Boolean);
  }

  /** Runs the script of agent `version`, as the worker does after a login by password or key. */
  async install(version: number): Promise<InstallOutcome> {
    const ssh = [
      ...["--target", String(this.#lab.namespacePid), "--net", "--", "ssh", "-F", "none", "-T"],
      ...["BatchMode=yes", "KexAlgorithms=^curve25519-sha256", "StrictHostKeyChecking=no"].flatMap(asOption),
      ...[
        "UserKnownHostsFile=/dev/null",
        "LogLevel=ERROR",
        "IdentityAgent=none",
        "ConnectTimeout=20",
      ].flatMap(asOption),
      ...["-i", this.#lab.keyPath, `admin@${this.host.address}`, "sudo -n sh -s"],
    ];
    const child = spawn("nsenter", ssh, { stdio: ["pipe", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(this.#script(version));
    let isOver = false;
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve)).then((code) => {
      isOver = true;
      return code;
    });
    let wasCut = false;
    const giveUpAt = performance.now() + 120_000;
    while (!isOver) {
      await Promise.race([ended, sleep(200)]);
      if (isOver) break;
      const isWanted = await this.host.exec("test -e /run/faults/power").catch(() => null);
      if (isWanted?.code === 0) {
        wasCut = true;
        await this.host.powerCut();
        child.kill("SIGKILL");
        await ended;
        await this.host.boot();
        await this.host.waitForSsh();
      } else if (performance.now() > giveUpAt) {
        stderr += "\nended after 120 s";
        child.kill("SIGKILL");
      }
    }
    const code = await ended;
    return { code: wasCut || code === 255 ? null : code, stderr: stderr.trim(), wasCut };
  }

  async look(): Promise<InstallLook> {
    const { stdout } = await this.host.exec(lookScript);
    const lines = stdout.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2));
    const all = (name: string) => lines.filter(([key]) => key === name).map(([, value]) => value ?? "");
    const files = all("file").map((line) => line.split(/ (.*)/s).slice(0, 2) as [string, string]);
    return {
      files: Object.fromEntries(files),
      strays: all("stray"),
      broken: all("broken"),
      isRunning: all("running").length > 0,
      isReached: all("reached").length > 0,
      where: all("where")[0] ?? "",
    };
  }

  async fingerprint(): Promise<string> {
    return (await this.host.exec(fingerprintScript)).stdout;
  }

  /** The digest of the agent that answers the management account, or null where none does. */
  async answeringAgent(): Promise<string | null> {
    const answer = await this.managed.ask("hello", {}, { timeoutSeconds: 40 }).catch(() => null);
    return answer && answer.error === null ? (answer.headers["agent.sha256"] ?? null) : null;
  }

  async close(): Promise<void> {
    this.managed.forget();
    await this.host.stop();
  }
}

const asOption = (option: string) => ["-o", option];

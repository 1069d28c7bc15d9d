import type { ChildProcess } from "node:child_process";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { ProcessGroup } from "@/bench/push/process-group";
import type { Lab, LabHost } from "@/e2e/lab/lab";
import { stripMarker } from "@/lib/change/marker";

/** One push of one file to some hosts, as a tool does it. */
export interface Pushed {
  readonly seconds: number;
  /** Of a tool that plans before somebody decides; not in `seconds`. */
  readonly planSeconds?: number;
  /** Processor time of the tool itself and of all that it started on the controller. */
  readonly processorMilliseconds: number;
  readonly mebibytes: number;
}

export interface Peer {
  readonly name: string;
  /** What has to be done before, and is not measured: somebody else has written the file. */
  prepare?(hosts: readonly LabHost[]): Promise<void>;
  /** @param edit the new text from that of sshd_config as it is */
  push(hosts: readonly LabHost[], edit: (text: string) => string): Promise<Pushed>;
  close(): Promise<void>;
}

/** The Debian package of each program. */
const packages = { "ansible-playbook": "ansible-core", "parallel-ssh": "pssh" } as const;

/** Whether the program can be run here; if not, says what would install it. */
export function isThere(program: keyof typeof packages): boolean {
  const found = spawnSync("sh", ["-c", 'command -v "$1"', "sh", program]).status === 0;
  if (!found) console.log(`skipped: ${program} is missing. On Debian: apt-get install ${packages[program]}`);
  return found;
}

const sshOptions = (folder: string) => [
  "StrictHostKeyChecking=yes",
  `UserKnownHostsFile=${folder}/known_hosts`,
  "GlobalKnownHostsFile=/dev/null",
  "IdentitiesOnly=yes",
  "BatchMode=yes",
];

function writeKnownHosts(folder: string, hosts: readonly LabHost[]): void {
  const lines = hosts.flatMap(({ address, hostKeys }) => hostKeys.map((line) => `${address} ${line}\n`));
  writeFileSync(path.join(folder, "known_hosts"), lines.join(""));
}

/** The text that the tool writes: the same for all, as of a template. */
async function newText(hosts: readonly LabHost[], edit: (text: string) => string): Promise<string> {
  const text = (await hosts[0]?.read("/etc/ssh/sshd_config")) ?? "";
  return edit(stripMarker(text));
}

/** Runs a tool to its end inside the lab and measures it. @throws with what it said when it fails */
async function measure(lab: Lab, group: ProcessGroup, args: readonly string[], env: Record<string, string>) {
  const before = group.processorMilliseconds;
  group.watchMemory();
  const from = performance.now();
  const [command = "", ...rest] = args;
  const child = lab.spawnInside("sh", group.inside(command, rest), {
    env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8", NODE_ENV: "test", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
  // "exit": a connection that ssh keeps open in the background holds its ends of the pipes for a minute.
  const [code] = await once(child, "exit");
  const seconds = (performance.now() - from) / 1000;
  const mebibytes = group.mostMebibytes();
  const processorMilliseconds = group.processorMilliseconds - before;
  await group.endAll();
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${said}`);
  return { seconds, processorMilliseconds, mebibytes };
}

const playbook = `- hosts: all
  gather_facts: false
  become: true
  tasks:
    - name: sshd_config
      ansible.builtin.template:
        src: sshd_config.j2
        dest: /etc/ssh/sshd_config
        validate: /usr/sbin/sshd -t -f %s
      notify: reload
  handlers:
    - name: reload
      ansible.builtin.command: service ssh reload
`;

/** Ansible at its quickest: no facts, pipelining, 50 forks, connections that are kept through the play. */
export function ansible(lab: Lab, folder: string): Peer {
  const group = new ProcessGroup("ansible");
  return {
    name: "Ansible (template, validate, reload; 50 forks, pipelining, no facts)",
    async push(hosts, edit) {
      const content = await newText(hosts, edit);
      const own = mkdtempSync(path.join(folder, "ansible-"));
      writeKnownHosts(own, hosts);
      const options = sshOptions(own).map((option) => `-o ${option}`);
      const settings = [
        "[defaults]\nforks = 50\ngathering = explicit\ninterpreter_python = /usr/bin/python3\nremote_user = admin",
        `private_key_file = ${lab.keyPath}\nlocal_tmp = ${own}/tmp`,
        `[ssh_connection]\npipelining = True\ncontrol_path_dir = ${own}/cp`,
        `ssh_args = -F none -C -o ControlMaster=auto -o ControlPersist=60s ${options.join(" ")}\n`,
      ];
      writeFileSync(path.join(own, "ansible.cfg"), settings.join("\n"));
      writeFileSync(path.join(own, "hosts"), hosts.map(({ address }) => `${address}\n`).join(""));
      writeFileSync(path.join(own, "push.yml"), playbook);
      writeFileSync(path.join(own, "sshd_config.j2"), `{% raw %}${content}{% endraw %}\n`);
      mkdirSync(path.join(own, "cp"));
      const env = { ANSIBLE_CONFIG: path.join(own, "ansible.cfg"), HOME: own };
      const args = ["ansible-playbook", "-i", path.join(own, "hosts"), path.join(own, "push.yml")];
      return measure(lab, group, args, env);
    },
    close: () => group.remove(),
  };
}

/** parallel-scp and then parallel-ssh, 50 at once. */
export function pssh(lab: Lab, folder: string): Peer {
  const group = new ProcessGroup("pssh");
  const script = `set -e
for option; do set -- "$@" -O "$option"; shift; done
parallel-scp -h "$HOSTS" -l admin -p 50 -t 300 "$@" "$NEW" /tmp/sshd_config.new
parallel-ssh -h "$HOSTS" -l admin -p 50 -t 300 "$@" \
    "sudo sh -c 'sshd -t -f /tmp/sshd_config.new && cat /tmp/sshd_config.new >/etc/ssh/sshd_config && service ssh reload'"
`;
  return {
    name: "pssh (copy, validate, reload; 50 at once)",
    async push(hosts, edit) {
      const content = await newText(hosts, edit);
      const own = mkdtempSync(path.join(folder, "pssh-"));
      writeKnownHosts(own, hosts);
      writeFileSync(path.join(own, "hosts"), hosts.map(({ address }) => `${address}\n`).join(""));
      writeFileSync(path.join(own, "new"), content);
      const args = ["sh", "-c", script, "sh", ...sshOptions(own), `IdentityFile=${lab.keyPath}`];
      return measure(lab, group, args, {
        HOSTS: path.join(own, "hosts"),
        NEW: path.join(own, "new"),
        HOME: own,
      });
    },
    close: () => group.remove(),
  };
}

/** The unsafe push of lib/testing/unsafe-push.ts, in a process that is warm as our worker is. */
export async function unsafe(lab: Lab): Promise<Peer> {
  const group = new ProcessGroup("unsafe");
  const program = ["--import", "tsx", path.resolve(import.meta.dirname, "../../lib/testing/unsafe-push.ts")];
  const child: ChildProcess = lab.spawnInside("sh", group.inside(process.execPath, program), {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (!child.stdout || !child.stdin) throw new Error("no pipes to the unsafe push");
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    name: "unsafe ssh2 push (write, sshd -t, reload in one exec; no undoing, no proof)",
    async push(hosts, edit) {
      const content = await newText(hosts, edit);
      const round = hosts.map(({ address, hostKeys }) => ({ address, hostKeys }));
      const before = group.processorMilliseconds;
      group.watchMemory();
      stdin.write(`${JSON.stringify({ keyPath: lab.keyPath, content, hosts: round })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("The unsafe push has ended.");
      const { seconds }: { seconds: number } = JSON.parse(value);
      return {
        seconds,
        processorMilliseconds: group.processorMilliseconds - before,
        mebibytes: group.mostMebibytes(),
      };
    },
    close: () => group.remove(),
  };
}

import type { ExecResult } from "./host";

/** What the functions below need of a host. */
interface Shell {
  readonly name: string;
  exec(script: string): Promise<ExecResult>;
}

/** Where the true keys wait while others are in their place; no sshd looks there. */
const KEPT = "/root/true-host-keys";

const RESTART_SSHD = `
  if [ -d /run/systemd/system ]; then systemctl restart ssh.service; else service ssh restart; fi >&2`;

/** The host's public key lines, in the order of their files' names; none where sshd was never installed. */
export async function readPublicKeys(host: Shell): Promise<string[]> {
  const { stdout } = await host.exec("cat /etc/ssh/ssh_host_*_key.pub");
  return stdout.split("\n").filter((line) => line !== "");
}

/** New keys of the same types in the place of the true ones, and sshd restarted. @returns their public key lines */
export async function replace(host: Shell): Promise<string[]> {
  await succeed(
    host,
    `set -e
     if [ ! -d ${KEPT} ]; then mkdir -m 700 ${KEPT}; cp -p /etc/ssh/ssh_host_* ${KEPT}/; fi
     for key in /etc/ssh/ssh_host_*_key; do
       type=\${key#/etc/ssh/ssh_host_}
       rm "$key"
       ssh-keygen -q -t "\${type%_key}" -N '' -C impostor -f "$key" </dev/null
     done
     ${RESTART_SSHD}`,
  );
  return readPublicKeys(host);
}

/** The true keys in their place again, and sshd restarted. @throws when they were never replaced */
export async function restore(host: Shell): Promise<string[]> {
  await succeed(host, `set -e; cp -p ${KEPT}/* /etc/ssh/; rm -r ${KEPT}; ${RESTART_SSHD}`);
  return readPublicKeys(host);
}

async function succeed(host: Shell, script: string): Promise<void> {
  const { code, stderr } = await host.exec(script);
  if (code !== 0) throw new Error(`Could not change the host keys of ${host.name}: ${stderr.trim()}`);
}

import type { Lab, LabHost } from "@/e2e/lab/lab";
import type { Tree } from "@/e2e/lab/tree";
import { Problem } from "@/lib/db/problem.mjs";
import { addHost } from "@/lib/features/hosts/commands";
import { enrolByLogin } from "@/lib/features/hosts/enrol-commands";
import { getHost } from "@/lib/features/hosts/queries";
import type { HostView } from "@/lib/features/hosts/views";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { fingerprintOf } from "@/lib/ssh/keys";
import { act, read } from "@/lib/usecase";
import { demoOrigin, type Owner } from "@/scripts/demo/owner";
import type { Until } from "@/scripts/demo/until";

/** A server of the demo, before Gatehouse knows it. */
export interface DemoHost {
  readonly name: "web-1" | "db-1" | "old-1";
  readonly tree: Tree;
  readonly tags: readonly string[];
  /** What its former admin did, as root. */
  readonly past?: string;
}

/** On db-1 the admin turned passwords off, and cloud-init's file, which sshd reads first, has them on. */
const overruledByCloudInit = `
cat >/etc/ssh/sshd_config.d/50-cloud-init.conf <<'END'
PasswordAuthentication yes
PermitRootLogin yes
END
cat >>/etc/ssh/sshd_config <<'END'

# Keys only.
PasswordAuthentication no
PermitRootLogin prohibit-password
END
systemctl reload ssh.service`;

export const demoHosts: readonly DemoHost[] = [
  { name: "web-1", tree: "trixie", tags: ["web", "prod"] },
  { name: "db-1", tree: "bookworm-systemd", tags: ["database", "prod"], past: overruledByCloudInit },
  { name: "old-1", tree: "bullseye", tags: ["legacy"] },
];

/** Starts a server with its past. */
export async function startHost(
  lab: Lab,
  demoHost: DemoHost,
): Promise<{ host: LabHost; demoHost: DemoHost }> {
  const host = await lab.start(demoHost.tree, { name: demoHost.name });
  if (demoHost.past) await runAsRoot(host, demoHost.past);
  return { host, demoHost };
}

/** Does something on a server without Gatehouse. @throws Error with what it said */
export async function runAsRoot(host: LabHost, script: string): Promise<void> {
  const { code, stderr } = await host.exec(`set -e\n${script}`);
  if (code !== 0) throw new Error(`On ${host.name}, this ended with ${code}: ${script}\n${stderr}`);
  await host.waitForSsh();
}

/**
 * Adds a server by one login with a password, as a person does, and waits until Gatehouse has read its configuration.
 *
 * @returns the host's id
 */
export async function enrol(
  host: LabHost,
  tags: readonly string[],
  owner: Owner,
  until: Until,
): Promise<string> {
  const { name, address, port } = host;
  const { actor } = owner;
  const request = { name, address, port, tags, way: "login" };
  const { hostId, enrolmentId } = await act(addHost, request, actor, demoOrigin);
  const offered = await until(`${name} shows its host keys`, async () => {
    const { enrolment, managementFingerprint } = await see(hostId, owner);
    refuseFailure(name, enrolment);
    return enrolment?.state === "compare" && managementFingerprint ? enrolment.offeredKeys : undefined;
  });
  const fingerprint = ownFingerprints(host).find((own) => offered.some((key) => key.fingerprint === own));
  if (!fingerprint) throw new Error(`${name} showed host keys that are not its own`);
  const credential = { kind: "password", password: "admin-pw" };
  await act(
    enrolByLogin,
    { hostId, enrolmentId, fingerprint, username: "admin", credential },
    actor,
    demoOrigin,
  );
  await until(`${name} is managed`, async () => {
    const { enrolment, condition } = await see(hostId, owner);
    refuseFailure(name, enrolment);
    return condition === "ready" || undefined;
  });
  return hostId;
}

/** What a person sees on the host's page. */
export function see(hostId: string, { actor }: Owner): Promise<HostView> {
  return read(getHost, { hostId }, actor, demoOrigin);
}

/** What a person would compare, from the server's own console. */
function ownFingerprints(host: LabHost): string[] {
  return host.hostKeys.flatMap((line) => {
    const key = parsePublicKey(line);
    return key ? [fingerprintOf(key.blob)] : [];
  });
}

function refuseFailure(name: string, enrolment: HostView["enrolment"]): void {
  if (enrolment?.state === "failed")
    throw new Problem(`${name} could not be added: ${enrolment.error ?? ""}\n${enrolment.log}`);
}

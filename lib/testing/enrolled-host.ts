import { readFileSync } from "node:fs";
import type { LabHost } from "@/e2e/lab/lab";
import { renderInstallScript } from "@/lib/agent/install-script";
import { shippedAgent } from "@/lib/agent/shipped-agent";
import type { Db } from "@/lib/db/client";
import { managementKeyPlace } from "@/lib/features/hosts/reach";
import { enqueue } from "@/lib/jobs/enqueue";
import { parsePublicKey } from "@/lib/openssh-keys/public-key";
import { sealingKeyOf } from "@/lib/secrets/key-file";
import { sealerOf } from "@/lib/secrets/sealer";
import { fingerprintOf, generateManagementKey } from "@/lib/ssh/keys";

/**
 * Makes a lab host a managed one, as an enrolment would leave it: agent installed, key sealed, host keys pinned.
 *
 * Its first reading is queued.
 *
 * @param place where a worker reaches it; a forward when left out, so that a worker need not be in the lab's network
 * @returns the host's id
 */
export async function enrolLabHost(
  db: Db,
  host: LabHost,
  place?: { address: string; port: number },
): Promise<string> {
  const key = generateManagementKey("gatehouse:test");
  const { address, port } = place ?? (await host.forward());
  const { id } = await db.host.create({
    data: { name: host.name, address, port, managementPublicKey: key.publicKey },
  });
  const script = renderInstallScript(shippedAgent(), {
    hostId: id,
    publicKey: key.publicKey,
    reportUrl: null,
  });
  const { code, stdout, stderr } = await host.exec("sh -s", { input: script, timeoutSeconds: 300 });
  if (code !== 0) throw new Error(`the installer ended with ${code} on ${host.name}:\n${stderr}`);
  const pins = [...stdout.matchAll(/^hostkey\.[0-9]+=(.*)$/gm)].flatMap(
    (match) => parsePublicKey(match[1] ?? "") ?? [],
  );
  const keyFile = process.env.GATEHOUSE_WORKER_KEY_FILE;
  if (!keyFile) throw new Error("openDatabase() names the worker's key file; call it first");
  const sealed = sealerOf(sealingKeyOf(readFileSync(keyFile))).sealText(
    managementKeyPlace(id),
    key.privateKey,
  );
  await db.$transaction(async (tx) => {
    await tx.hostKeyPin.createMany({
      data: pins.map(({ type, blob }) => ({
        hostId: id,
        type,
        blob: Buffer.from(blob),
        fingerprint: fingerprintOf(blob),
        origin: "install report",
      })),
    });
    await tx.host.update({
      where: { id },
      data: { state: "managed", managementKeySealed: Buffer.from(sealed) },
    });
    await enqueue(tx, "config.read", { hostId: id });
  });
  return id;
}

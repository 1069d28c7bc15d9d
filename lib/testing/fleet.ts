import { createHash, randomUUID } from "node:crypto";
import type { LoginFacts } from "@/lib/access/facts";
import { hostWith, type TestAccount } from "@/lib/access/testing/host";
import { now } from "@/lib/clock";
import type { Db } from "@/lib/db/client";
import { type DerivedPath, deriveAccess, modelVersion } from "@/lib/features/access/derive";
import { packFacts } from "@/lib/features/access/stored-facts";
import { ed25519PublicKey, printPublicKey } from "@/lib/openssh-keys/public-key";

// A fleet whose readings are there already: what the pages of access are tested and measured with.

/** Any 32 bytes are an Ed25519 key to whoever only reads it. */
export function publicKeyOf(seed: string, comment = `${seed}@example.org`): string {
  return printPublicKey(ed25519PublicKey(createHash("sha256").update(seed).digest(), comment));
}

/** What one kind of host of the fleet is like; its ways are worked out by the model. */
function kindOfHost(kind: number, accounts: number, at: Date) {
  const config = `PermitRootLogin ${kind % 4 === 1 ? "yes" : "prohibit-password"}
PasswordAuthentication ${kind % 4 === 1 ? "yes" : "no"}
KbdInteractiveAuthentication no
UsePAM yes
AllowUsers * gone${kind}
Match Address 10.${kind}.0.0/16
    PasswordAuthentication yes
Match Group admins Address !10.${kind}.0.0/16,*
    AuthenticationMethods publickey,password
`;
  const known = Array.from({ length: accounts }, (_, index): TestAccount => {
    const name = index === 0 ? "root" : `user${index}`;
    const from = index % 10 === 3 ? `from="10.${kind}.${index}.0/24,192.0.2.${index}" ` : "";
    const command = index % 12 === 5 ? 'command="/usr/local/bin/report --all",restrict ' : "";
    return {
      name,
      keys: `${from}${command}${publicKeyOf(`${kind}-${index}`)}\n`,
      groups: index % 5 === 4 ? [name, "admins"] : [name],
      password: index % 2 === 0 ? "usable" : "locked",
    };
  });
  const facts = hostWith({ config, accounts: known });
  const logins = Array.from({ length: 20 }, (_, index): LoginFacts => {
    const moment = new Date(at.getTime() - index * 9 * 86_400_000);
    return { account: `user${index + 1}`, at: moment.toISOString(), method: "publickey" };
  });
  const ways = deriveAccess(facts, [], at);
  const printOf = new Map(ways.paths.map((path) => [path.account, path.fingerprint] as const));
  const used = logins.map((login) => {
    const fingerprint = printOf.get(login.account);
    return fingerprint ? { ...login, fingerprint } : login;
  });
  return { facts, logins: used, derived: deriveAccess(facts, used, at) };
}

/** The key of one kind of host, as another one on this host. */
function ownKeys(path: DerivedPath, host: number): DerivedPath {
  const own = (print: string) =>
    `SHA256:${createHash("sha256").update(`${print} ${host}`).digest("base64").replace(/=+$/, "")}`;
  const fingerprints = path.fingerprints.map(own);
  const steps = path.view.steps.map((step) => ({
    ...step,
    key: step.key && { ...step.key, fingerprint: step.key.fingerprint && own(step.key.fingerprint) },
  }));
  return {
    ...path,
    fingerprints,
    fingerprint: fingerprints[0] ?? null,
    words: [path.words, ...fingerprints].join("\n").toLowerCase(),
    view: { ...path.view, steps },
  };
}

export interface Fleet {
  readonly hostIds: readonly string[];
  /** Fingerprints of keys on it: each opens one account of one host. */
  readonly fingerprints: readonly string[];
  readonly ways: number;
}

/**
 * Hosts with readings and rows of ways, of twenty kinds; every host has keys of its own.
 *
 * @param prefix of their names: "web" gives "web-0001"
 */
export async function addFleet(
  db: Db,
  { hosts, accounts, prefix = "web" }: { hosts: number; accounts: number; prefix?: string },
): Promise<Fleet> {
  const at = now();
  const kinds = Array.from({ length: Math.min(20, hosts) }, (_, kind) => kindOfHost(kind, accounts, at));
  const ids = Array.from({ length: hosts }, () => randomUUID());
  await db.host.createMany({
    data: ids.map((id, index) => ({
      id,
      name: `${prefix}-${String(index + 1).padStart(4, "0")}`,
      address: `192.0.2.${index % 250}`,
      state: "managed" as const,
      reachable: true,
      tags: [index % 3 === 0 ? "prod" : "stage", `site-${index % 7}`],
    })),
  });
  const fingerprints: string[] = [];
  let ways = 0;
  for (const [index, hostId] of ids.entries()) {
    const kind = kinds[index % kinds.length];
    if (!kind) continue;
    const paths = kind.derived.paths.map((path) => ownKeys(path, index));
    ways += paths.length;
    fingerprints.push(...new Set(paths.flatMap((path) => path.fingerprints)));
    await db.accessReading.create({
      data: {
        hostId,
        hash: "a".repeat(64),
        facts: packFacts(kind.facts),
        logins: kind.logins.map((login) => ({ ...login })),
        loginsSince: new Date(at.getTime() - 200 * 86_400_000),
        readAt: index % 50 === 49 ? new Date(at.getTime() - 40 * 3_600_000) : at,
        changedAt: at,
        modelVersion,
      },
    });
    await db.accessPath.createMany({
      data: paths.map((path) => ({
        hostId,
        ...path,
        firstSeenAt: at,
        view: JSON.parse(JSON.stringify(path.view)),
      })),
    });
    await db.accessFindingRow.createMany({
      data: kind.derived.findings.map((finding) => ({
        hostId,
        ...finding,
        firstSeenAt: at,
        view: JSON.parse(JSON.stringify(finding.view)),
      })),
    });
  }
  return { hostIds: ids, fingerprints, ways };
}

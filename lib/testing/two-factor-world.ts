import { createHash } from "node:crypto";
import { hostWith, type TestHost } from "@/lib/access/testing/host";
import type { CodeFile, HostCodes } from "@/lib/agent/read-codes";
import type { TwoFactorReading } from "@/lib/features/changes/two-factor-reading";
import { agentFile } from "@/lib/testing/arrange";
import { setPamStep } from "@/lib/two-factor/pam-step";

const main = "/etc/ssh/sshd_config";
/** As on a plain Debian. */
export const plainPam = "@include common-auth\naccount required pam_unix.so\n";
/** A public key of this name: a blob of the right shape. */
export const key = (name: string) => {
  const head = Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0 ", "latin1");
  const blob = Buffer.concat([head, createHash("sha256").update(name).digest()]);
  return `ssh-ed25519 ${blob.toString("base64")} ${name}\n`;
};
const place = { kind: "directory", path: "/var/lib/google-authenticator" } as const;
const pattern = `/var/lib/google-authenticator/$${"{USER}"}`;
/** The same with a step in force. */
export const pamWith = (step: "optional" | "required") => setPamStep(plainPam, step, place).text ?? "";

/** A state file that the module takes. */
export function stateFile(account: string, more: Partial<CodeFile> = {}): CodeFile {
  return {
    ...{ account, uid: 1001, path: `/var/lib/google-authenticator/${account}`, state: "file", mode: "400" },
    ...{ owner: 0, bytes: 120, isWritable: true, reason: "", kind: "totp", hasSecret: true, counter: null },
    ...{ windowSize: 3, refusesReuse: true, hasRateLimit: true, scratchCodes: 5, writtenBy: null },
    ...more,
  };
}

/** A host in the words of a test. */
export interface World extends Partial<Omit<TestHost, "config">> {
  config?: string;
  pam?: string;
  secrets?: readonly CodeFile[];
  codes?: Partial<HostCodes>;
  hasModule?: boolean;
  source?: "journal" | "file" | "none";
}

/** What the worker would have read there. */
export function readingOf({
  config = "",
  pam = plainPam,
  secrets = [],
  codes = {},
  ...world
}: World): TwoFactorReading {
  const facts = hostWith({
    accounts: world.accounts ?? [
      { name: "alice", keys: key("alice") },
      { name: "bob", keys: key("bob") },
      { name: "gatehouse", keys: key("gatehouse"), password: "star" },
    ],
    config,
    files: {
      "/etc/pam.d/sshd": { kind: "file", uid: 0, gid: 0, mode: 0o644, text: pam },
      "/etc/pam.d/common-auth": {
        ...{ kind: "file", uid: 0, gid: 0, mode: 0o644 },
        text: "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n",
      },
      ...world.files,
    },
    ...(world.more && { more: world.more }),
    ...(world.version !== undefined && { version: world.version }),
  });
  const at = new Date("2026-11-23T12:00:00Z");
  const content = Buffer.from(pam);
  return {
    at,
    facts,
    config: { at, files: [agentFile(main, config)], originals: new Map() },
    pam: {
      path: "/etc/pam.d/sshd",
      sha256: createHash("sha256").update(content).digest("hex"),
      hasModule: world.hasModule ?? true,
      content,
    },
    codes: {
      ...{ pattern, readAs: "root", isInForce: false, isOptional: false, reason: "", moduleVersion: "" },
      ...{ hasModule: true, isCut: false, files: [...secrets], ...codes },
    },
    logins: { source: world.source ?? "file", clockSeconds: at.getTime() / 1000, logins: [] },
  };
}

import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { runOrThrow } from "@/e2e/lab/finished-process";

/** What ssh-keygen is asked for; the names are those that a case may copy. */
const keys: readonly (readonly [name: string, ...args: string[]])[] = [
  ["ssh_host_rsa_key", "-t", "rsa", "-b", "3072"],
  ["ssh_host_ecdsa_key", "-t", "ecdsa"],
  ["ssh_host_ed25519_key", "-t", "ed25519"],
  ["rsa1024_key", "-t", "rsa", "-b", "1024"],
  ["rsa2048_key", "-t", "rsa", "-b", "2048"],
  ["user_key", "-t", "ed25519"],
  ["ca_key", "-t", "ed25519"],
  ["enc_ed25519_key", "-t", "ed25519", "-N", "a passphrase"],
];

/**
 * Makes host keys, others that are none, and a host certificate in `directory`.
 *
 * @returns the public halves by file name
 */
export async function makeHostKeys(directory: string): Promise<ReadonlyMap<string, string>> {
  for (const [name, ...args] of keys) {
    const passphrase = args.includes("-N") ? [] : ["-N", ""];
    const file = path.join(directory, name);
    await runOrThrow("ssh-keygen", ["-q", ...args, ...passphrase, "-C", "oracle", "-f", file]);
  }
  const ca = path.join(directory, "ca_key");
  const certified = path.join(directory, "ssh_host_ed25519_key.pub");
  await runOrThrow("ssh-keygen", ["-q", "-s", ca, "-h", "-I", "oracle", certified]);
  const publicNames = (await readdir(directory)).filter((name) => name.endsWith(".pub"));
  const texts = publicNames.map(
    async (name) => [name, await readFile(path.join(directory, name), "utf8")] as const,
  );
  return new Map(await Promise.all(texts));
}

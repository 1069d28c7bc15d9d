import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { runOrThrow } from "./finished-process";

/** The systems that lab hosts can run: OpenSSH 8.4, 9.2 and 10.0, the latter two also with real systemd. */
export const TREES = ["bullseye", "bookworm", "trixie", "bookworm-systemd", "trixie-systemd"] as const;
/** A host that Ansible can work on; only benchmarks start it. */
export const PYTHON_TREE = "bookworm-python";
export type Tree = (typeof TREES)[number] | typeof PYTHON_TREE;

/** Who starts sshd: an init script, systemd's ssh.service, or systemd's ssh.socket. */
export type Init = "none" | "service" | "socket";

export function hasSystemd(tree: Tree): boolean {
  return tree.endsWith("-systemd");
}

/** Where trees, layers and the lab's key are kept between runs. */
function cacheDirectory(): string {
  return process.env.GATEHOUSE_LAB_CACHE ?? "/var/cache/gatehouse-lab";
}

/** The private key that opens admin, alice and bob on every host of this machine's labs. */
export function keyPath(): string {
  return path.join(cacheDirectory(), "key");
}

/** Makes the lab's key pair, unless this machine has it already. */
export async function prepareKey(): Promise<void> {
  await runOrThrow("sh", [path.join(import.meta.dirname, "key.sh")]);
}

/** The trees that are built already, by any recipe: a host of these starts in seconds. */
export function cachedTrees(): Tree[] {
  const entries = existsSync(cacheDirectory()) ? readdirSync(cacheDirectory()) : [];
  return TREES.filter((tree) =>
    entries.some((entry) => new RegExp(`^tree-${tree}-[0-9a-f]{8}$`).test(entry)),
  );
}

/**
 * The layers of a host's root, topmost first, joined by colons as overlayfs wants them. Builds what is missing,
 * which takes a minute or two the first time.
 *
 * @throws with the end of the build's log when a layer cannot be made
 */
export async function prepareLayers(tree: Tree, withoutSshd: boolean): Promise<string> {
  const script = path.join(import.meta.dirname, "gold.sh");
  const { stdout } = await runOrThrow("sh", [script, tree, ...(withoutSshd ? ["without-sshd"] : [])]);
  return stdout.toString().trim();
}

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { decodeBase64 } from "@/lib/openssh-keys/base64";
import { type DecodedKey, parsePublicKey } from "@/lib/openssh-keys/public-key";

/** A folder of its own with ssh-keygen at work in it. */
export interface Keygen {
  readonly folder: string;
  /** Runs ssh-keygen in the folder; its standard output. */
  run(...args: string[]): string;
  /** A fresh pair `name` and `name.pub`; the public line. */
  generate(name: string, type: string, bits?: number): string;
  write(name: string, content: string | Uint8Array): void;
  read(name: string): Uint8Array;
  /** Removes one file, or the whole folder. */
  remove(name?: string): void;
}

/** Starts with an empty folder. */
export function startKeygen(): Keygen {
  const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-keygen-"));
  const read = (name: string) => readFileSync(path.join(folder, name));
  const run = (...args: string[]) =>
    execFileSync("ssh-keygen", args, {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 2 ** 30,
      stdio: ["ignore", "pipe", "pipe"],
    });
  return {
    folder,
    run,
    generate(name, type, bits) {
      run("-q", "-t", type, ...(bits ? ["-b", String(bits)] : []), "-N", "", "-C", name, "-f", name);
      return read(`${name}.pub`).toString().trim();
    },
    write: (name, content) => writeFileSync(path.join(folder, name), content, { mode: 0o600 }),
    read,
    remove: (name) => rmSync(name ? path.join(folder, name) : folder, { recursive: true }),
  };
}

/** The blob on a line `TYPE BASE64 …`. */
export function blobOf(line: string): Uint8Array {
  const blob = decodeBase64(line.split(" ")[1] ?? "");
  if (!blob) throw new Error(`no base64: ${line}`);
  return blob;
}

/** The key on a line `TYPE BASE64 …`. */
export function keyOf(line: string): DecodedKey {
  const reading = parsePublicKey(blobOf(line));
  if (!reading.key) throw new Error(`${reading.reason}: ${line}`);
  return reading.key;
}

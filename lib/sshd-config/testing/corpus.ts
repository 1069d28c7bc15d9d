import type { Build } from "@/lib/sshd-config/build";
import type { KeyFile, KeyFiles } from "@/lib/sshd-config/host-keys";
import { normalize, type Source } from "@/lib/sshd-config/include";
import { dumpConfiguration, testConfiguration } from "@/lib/sshd-config/sshd";
import type { World } from "@/lib/sshd-config/world";
import { decodeText } from "@/lib/text";

/** A file of a case: its text, or how else it came to be. `copy` names a key file of the world. */
export type CaseFile =
  | string
  | {
      text?: string;
      b64?: string;
      copy?: string;
      dir?: boolean;
      symlink?: string;
      absent?: boolean;
      mode?: string;
    };

/** One configuration that a real sshd was asked about. */
export interface Case {
  id: string;
  files: { [path: string]: CaseFile };
  main?: string;
  args?: string[] | null;
  queries: { [name: string]: string | boolean }[];
}

/** What a sshd answered: to `-t`, and to `-T` with each of the queries. */
export interface Answer {
  id: string;
  t: { code: number; stderr: string };
  T: { query: Case["queries"][number]; code: number; stdout: string; stderr: string }[];
}

/** The accounts and services of the host on which the cases were asked, and the text of its public key files. */
export interface TestWorld {
  world: World;
  publicKeys: ReadonlyMap<string, string>;
}

/** What the model says to one case. */
export function answerCase(question: Case, build: Build, { world, publicKeys }: TestWorld): Answer {
  const files = new Map(
    Object.entries(question.files).map(([path, file]) => [normalize(path), toFile(file, publicKeys)]),
  );
  for (const type of ["rsa", "ecdsa", "ed25519"]) {
    const path = `/etc/ssh/ssh_host_${type}_key`;
    const publicText = publicKeys.get(`ssh_host_${type}_key.pub`) ?? "";
    if (!files.has(path))
      files.set(path, { text: "", mode: 0o600, key: keyFile(publicText, "private", 0o600) });
    if (!files.has(`${path}.pub`)) {
      files.set(`${path}.pub`, { text: publicText, mode: 0o644, key: keyFile(publicText, "public", 0o644) });
    }
  }
  const tested = testConfiguration({
    build,
    world,
    source: sourceOf(files),
    keys: keysOf(files),
    path: question.main ?? "/etc/ssh/sshd_config",
    args: question.args ?? [],
  });
  const { code, stderr } = tested.outcome;
  return {
    id: question.id,
    t: { code, stderr },
    T: question.queries.map((query) => ({ query, ...dumpConfiguration(tested, specificationOf(query)) })),
  };
}

/** What follows `-C` for a query; undefined when it asks about no connection. */
export function specificationOf(query: Case["queries"][number]): string | undefined {
  const items = Object.entries(query).map(([name, value]) => (value === true ? name : `${name}=${value}`));
  return items.length === 0 ? undefined : items.join(",");
}

interface File {
  text?: string;
  symlink?: string;
  directory?: boolean;
  absent?: boolean;
  mode: number;
  key?: KeyFile;
}

function toFile(file: CaseFile, publicKeys: TestWorld["publicKeys"]): File {
  if (typeof file === "string") return { text: file, mode: 0o644, key: keyFile(file, undefined, 0o644) };
  const mode = file.mode === undefined ? 0o644 : Number.parseInt(file.mode, 8);
  if (file.dir) return { directory: true, mode };
  if (file.absent) return { absent: true, mode };
  if (file.symlink !== undefined) return { symlink: file.symlink, mode };
  if (file.copy !== undefined) {
    const isPublic = file.copy.endsWith(".pub");
    const text = publicKeys.get(isPublic ? file.copy : `${file.copy}.pub`) ?? "";
    const content = file.copy.startsWith("enc_") ? "encrypted" : "private";
    return { text: isPublic ? text : "", mode, key: keyFile(text, isPublic ? undefined : content, mode) };
  }
  const text = file.text ?? decodeText(Uint8Array.from(atob(file.b64 ?? ""), (c) => c.charCodeAt(0)));
  return { text, mode, key: keyFile(text, undefined, mode) };
}

/** What a key file is, by the public key in it (or beside it, for a private one). */
function keyFile(text: string, content: KeyFile["content"] | undefined, mode: number): KeyFile {
  const [type = "", blob = ""] = text.trim().split(/\s+/);
  const isKey = /^(ssh-|ecdsa-|sk-)/.test(type);
  if (!isKey) return { mode, content: content ?? "garbage", publicKey: "" };
  const bytes = Uint8Array.from(atob(blob), (c) => c.charCodeAt(0));
  const fields = readFields(bytes);
  const isCertificate = type.includes("-cert-");
  // The certified Ed25519 key is the field behind type and nonce; a plain key is all behind its type.
  const publicKey = isCertificate ? (fields[2] ?? "") : fields.slice(1).join();
  const bits = type === "ssh-rsa" ? bitLength(fields[2] ?? "") : undefined;
  return {
    mode,
    content: content ?? (isCertificate ? "certificate" : "public"),
    publicKey,
    ...(bits && { bits }),
  };
}

function readFields(bytes: Uint8Array): string[] {
  const fields: string[] = [];
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint32(at);
    fields.push(
      Array.from(bytes.subarray(at + 4, at + 4 + length), (b) => b.toString(16).padStart(2, "0")).join(""),
    );
    at += 4 + length;
  }
  return fields;
}

function bitLength(hex: string): number {
  return BigInt(`0x${hex || "0"}`).toString(2).length;
}

function sourceOf(files: ReadonlyMap<string, File>): Source {
  const directories = new Map<string, Set<string>>();
  for (const [path, file] of files) {
    if (file.absent) continue;
    if (file.directory && !directories.has(path)) directories.set(path, new Set());
    const parts = path.split("/").slice(1);
    for (const [i, name] of parts.entries()) {
      const directory = `/${parts.slice(0, i).join("/")}`;
      directories.set(directory, (directories.get(directory) ?? new Set()).add(name));
    }
  }
  const find = (path: string): File | undefined => {
    const file = files.get(normalize(path));
    return file?.symlink === undefined ? file : find(file.symlink);
  };
  const isDirectory = (path: string) => directories.has(normalize(path));
  return {
    list: (directory) => {
      const names = directories.get(normalize(directory));
      return names && [...names];
    },
    read: (path) => (isDirectory(path) ? "" : find(path)?.text),
    exists: (path) =>
      isDirectory(path) || (files.get(normalize(path))?.absent === undefined && files.has(normalize(path))),
  };
}

function keysOf(files: ReadonlyMap<string, File>): KeyFiles {
  return (path) => {
    const file = files.get(normalize(path));
    if (!file || file.absent || file.directory) return undefined;
    return file.symlink === undefined ? file.key : keysOf(files)(file.symlink);
  };
}

import type { Build } from "@/lib/sshd-config/build";
import { firstValue, type Settings } from "@/lib/sshd-config/settings";

/** A key file as sshd finds it. */
export interface KeyFile {
  /** Permission bits. */
  mode: number;
  /** What is in it; "garbage" is neither key nor certificate. */
  content: "private" | "encrypted" | "public" | "certificate" | "garbage";
  /** The public key as its base64 blob, of a certificate that of the key it certifies; "" for garbage. */
  publicKey: string;
  /** For RSA keys. */
  bits?: number;
}

/** The key files of a host by path; undefined where there is none. */
export type KeyFiles = (path: string) => KeyFile | undefined;

const defaultKeys = ["rsa", "ecdsa", "ed25519"].map((type) => `/etc/ssh/ssh_host_${type}_key`);

/** The smallest RSA key any sshd loads. */
const minimumRsaBits = 1024;

/** What sshd prints while it loads its host keys and certificates, and whether it found one to work with. */
export interface LoadedKeys {
  lines: string[];
  usable: boolean;
}

/**
 * Loads host keys and certificates as sshd does before it would listen.
 *
 * @see OpenSSH sshd.c:main, authfile.c:sshkey_load_private, sshkey_load_public
 */
export function loadHostKeys(settings: Settings, build: Build, files: KeyFiles): LoadedKeys {
  const lines: string[] = [];
  const agent = firstValue(settings, "hostkeyagent");
  // No agent answers while a configuration is tested, and nothing sets the variable.
  if (agent !== undefined && agent !== "none") {
    const reason = agent === "SSH_AUTH_SOCK" ? "agent not present" : "No such file or directory";
    lines.push(`Could not connect to agent "${agent}": ${reason}`);
  }
  const required = Math.max(
    Number(firstValue(settings, "requiredrsasize") ?? minimumRsaBits),
    minimumRsaBits,
  );
  const given = settings.get("hostkey") ?? [];
  const keys =
    given.length > 0
      ? given.map((h) => ({ path: h.value, silent: false }))
      : defaultKeys.map((path) => ({ path, silent: true }));
  const publicKeys: string[] = [];
  for (const { path, silent } of keys) {
    if (path === "none") continue;
    const printed = silent ? [] : lines;
    const loaded = loadPrivate(path, files, build, lines, printed);
    const beside = loaded && publicBeside(path, files);
    if (beside && beside.publicKey !== loaded.publicKey) {
      lines.push(`Public key for ${path} does not match private key`);
    }
    const publicKey = loaded ?? loadPublic(path, files);
    if (publicKey?.bits !== undefined && publicKey.bits < required) {
      lines.push(`main: Host key ${path}: Invalid key length`);
      continue;
    }
    if (publicKey) publicKeys.push(publicKey.publicKey);
    if (!loaded) printed.push(`Unable to load host key: ${path}`);
  }
  const usable = keys.some(({ path }) => isUsable(path, files, required));
  const withoutKeys = firstValue(settings, "gssapikeyexchange") === "yes";
  if (!usable && !withoutKeys)
    return { lines: [...lines, "sshd: no hostkeys available -- exiting."], usable: false };
  loadCertificates(settings, files, publicKeys, lines);
  return { lines, usable: true };
}

const isOpenToOthers = (file: KeyFile) => (file.mode & 0o77) !== 0;

function isUsable(path: string, files: KeyFiles, required: number): boolean {
  const file = path === "none" ? undefined : files(path);
  return (
    file?.content === "private" && !isOpenToOthers(file) && (file.bits === undefined || file.bits >= required)
  );
}

function loadPrivate(
  path: string,
  files: KeyFiles,
  build: Build,
  lines: string[],
  printed: string[],
): KeyFile | undefined {
  const file = files(path);
  if (!file) return undefined;
  if (isOpenToOthers(file)) {
    const bar = "@".repeat(59);
    lines.push(
      bar,
      "@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @",
      bar,
      `Permissions 0${file.mode.toString(8).padStart(3, "0")} for '${path}' are too open.`,
      "It is required that your private key files are NOT accessible by others.",
      "This private key will be ignored.",
    );
    printed.push(`Unable to load host key "${path}": bad permissions`);
    return undefined;
  }
  if (file.content === "private") return file;
  const fromCrypto = build.release >= 805 && build.release < 1003;
  const reason =
    file.content === "encrypted"
      ? "incorrect passphrase supplied to decrypt private key"
      : fromCrypto
        ? "error in libcrypto"
        : "invalid format";
  printed.push(`Unable to load host key "${path}": ${reason}`);
  return undefined;
}

/** The file itself as a public key, the one beside it, or the public part of a private key, readable or not. */
function loadPublic(path: string, files: KeyFiles): KeyFile | undefined {
  const file = files(path);
  if (file?.content === "public" || file?.content === "certificate") return file;
  return publicBeside(path, files) ?? (file && file.content !== "garbage" ? file : undefined);
}

function publicBeside(path: string, files: KeyFiles): KeyFile | undefined {
  const beside = files(`${path}.pub`);
  return beside?.content === "public" || beside?.content === "certificate" ? beside : undefined;
}

function loadCertificates(
  settings: Settings,
  files: KeyFiles,
  publicKeys: readonly string[],
  lines: string[],
): void {
  for (const { value: path } of settings.get("hostcertificate") ?? []) {
    if (path === "none") continue;
    const file = loadPublic(path, files);
    if (!file) {
      // The last file that is tried is the one beside it.
      const reason = files(`${path}.pub`) ? "invalid format" : "No such file or directory";
      lines.push(`Could not load host certificate "${path}": ${reason}`);
    } else if (file.content !== "certificate") lines.push(`Certificate file is not a certificate: ${path}`);
    else if (!publicKeys.includes(file.publicKey))
      lines.push(`No matching private key for certificate: ${path}`);
  }
}

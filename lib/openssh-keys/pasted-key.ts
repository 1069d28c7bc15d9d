import { readKeyText, skipBlanks } from "@/lib/openssh-keys/key-text";
import { type DecodedKey, fingerprint } from "@/lib/openssh-keys/public-key";

/** A public key that somebody gave us, fit to be a person's. */
export interface PastedKey {
  readonly key: DecodedKey;
  /** "SHA256:…" */
  readonly fingerprint: string;
  /** Printable ASCII; may be empty. */
  readonly comment: string;
}

/** `isPrivate`: a private half. It must go nowhere, and be said loudly. */
export type PastedReading =
  | { readonly pasted: PastedKey }
  | { readonly pasted?: undefined; readonly reason: string; readonly isPrivate?: true };

/** NIST SP 800-131A: 112 bits of strength. OpenSSH itself would take 1024. */
export const fewestRsaBits = 2048;
const largestText = 16 * 1024;
const largestComment = 100;

/**
 * The one public key in a text that a person pastes or drops: what stands in a .pub file, with or without a newline.
 *
 * Says what else it is where people mistake it: a private key, a certificate, another tool's format. Runs in the browser,
 * so that a private key is never sent, and on the server all the same.
 *
 * @returns a reason in one sentence with what to do; never throws
 */
export function readPastedKey(text: string): PastedReading {
  if (holdsPrivateKey(text))
    return {
      isPrivate: true,
      reason:
        "This is a private key. It must never leave the machine it is on. Give the file beside it that ends in .pub.",
    };
  if (text.length > largestText) return { reason: "This is too long for a public key. Give one .pub file." };
  const foreign = foreignFormat(text);
  if (foreign) return { reason: foreign };
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const [line, second] = lines;
  if (line === undefined)
    return { reason: "No key stands here. A public key is one line: ssh-ed25519 AAAA… comment." };
  if (second !== undefined)
    return { reason: `${lines.length} lines stand here. A public key is one line; give one key at a time.` };
  return readLine(line);
}

/** Whether somewhere in the text a private key stands, in any format that SSH tools write. */
export function holdsPrivateKey(text: string): boolean {
  return /-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|^PuTTY-User-Key-File-\d|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY|b3BlbnNzaC1rZXktdjE/m.test(
    text,
  );
}

function foreignFormat(text: string): string | undefined {
  if (/---- BEGIN SSH2 PUBLIC KEY/.test(text))
    return "This is a key in another format (RFC 4716). Turn it into OpenSSH's: ssh-keygen -i -f FILE";
  if (/-----BEGIN (RSA )?PUBLIC KEY-----/.test(text))
    return "This is a key in PEM format. Turn it into OpenSSH's: ssh-keygen -i -m PKCS8 -f FILE (or -m PEM).";
  if (/-----BEGIN /.test(text)) return "This is no public key of SSH. Give the file that ends in .pub.";
  return undefined;
}

function readLine(raw: string): PastedReading {
  const line = raw.trimEnd();
  const reading = readKeyText(line, skipBlanks(line, 0));
  if (!reading.key)
    return {
      reason: reading.namesType
        ? `This key cannot be used: ${reading.reason}. Copy the whole line of the .pub file again.`
        : "No public key stands here, or options stand in front of it. A key begins with its type: ssh-ed25519 AAAA… comment.",
    };
  const { key } = reading;
  const weakness = findWeakness(key);
  if (weakness) return { reason: weakness };
  const comment = line
    .slice(reading.commentAt)
    .replace(/[^\x20-\x7e]/g, "")
    .trim()
    .slice(0, largestComment);
  return { pasted: { key, fingerprint: fingerprint(key.blob), comment } };
}

/** Why nobody should use such a key, with what to do; undefined for a good one. */
function findWeakness(key: DecodedKey): string | undefined {
  if (key.certificate)
    return "This is a certificate. Give the plain public key that it certifies: the file without -cert in its name.";
  if (key.keyType.family === "dsa")
    return "This is a DSA key: too short to be safe, and removed from OpenSSH. Make a new one: ssh-keygen -t ed25519";
  if (key.keyType.family === "rsa" && key.bits < fewestRsaBits)
    return `This RSA key has ${key.bits} bits; fewer than ${fewestRsaBits} can be broken. Make a new one: ssh-keygen -t ed25519`;
  return undefined;
}

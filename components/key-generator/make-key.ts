import { type GeneratedKey, type GeneratedKind, generateKey } from "@/lib/openssh-keys/generated-key";
import { printLockedPrivateKey, printPlainPrivateKey } from "@/lib/openssh-keys/private-key-file";
import { lockByPassphrase, saltBytes } from "@/lib/openssh-keys/private-key-lock";
import { fingerprint, printPublicKey } from "@/lib/openssh-keys/public-key";

/** A key pair that exists in this page only. */
export interface MadeKey {
  readonly generated: GeneratedKey;
  /** The file for ~/.ssh, in OpenSSH's format. Goes to the person's disk and nowhere else. */
  readonly privateFile: string;
  /** The line of the .pub file. */
  readonly publicLine: string;
  /** "SHA256:…" */
  readonly fingerprint: string;
}

/**
 * Makes a key pair and its files, all of it in this browser.
 *
 * @param passphrase "": the file is not locked
 * @throws the engine's error when it does not know the kind
 */
export async function makeKey(kind: GeneratedKind, comment: string, passphrase: string): Promise<MadeKey> {
  const generated = await generateKey(kind, comment);
  const [check = 0] = crypto.getRandomValues(new Uint32Array(1));
  const { privateKey } = generated;
  const privateFile =
    passphrase === ""
      ? printPlainPrivateKey(privateKey, check)
      : await printLockedPrivateKey(
          privateKey,
          check,
          lockByPassphrase(passphrase, crypto.getRandomValues(new Uint8Array(saltBytes))),
        );
  return {
    generated,
    privateFile,
    publicLine: printPublicKey(privateKey.publicKey),
    fingerprint: fingerprint(privateKey.publicKey.blob),
  };
}

/**
 * Why no key can be made here, in words; undefined when it can.
 *
 * WebCrypto is there for pages that came by https or from this very machine.
 */
export function findObstacle(): string | undefined {
  return typeof crypto === "undefined" || !("subtle" in crypto) || crypto.subtle === undefined
    ? "This page did not come by https, so the browser refuses to make keys. Open Gatehouse by https, or make the key in a terminal: ssh-keygen -t ed25519"
    : undefined;
}

/** What is printable ASCII stays: a comment is part of one line. */
export function commentOf(name: string): string {
  return name
    .replace(/[^\x20-\x7e]/g, "")
    .trim()
    .replace(/ +/g, "-");
}

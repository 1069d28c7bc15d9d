import { pbkdf } from "bcrypt-pbkdf";
import type { PrivateKeyLock } from "@/lib/openssh-keys/private-key-file";
import { concatenate, printString, printUint32 } from "@/lib/openssh-keys/wire";

/** What ssh-keygen does since 9.4; half a second in a browser, and as much for whoever guesses. */
export const derivationRounds = 24;
export const saltBytes = 16;

/** `ssh` reads a passphrase into a buffer of 1,024 bytes, of which the last is a zero. */
const mostPassphraseBytes = 1023;
const keyBytes = 32;
/** AES's block, which is the counter's length too. */
const blockBytes = 16;

/**
 * What is wrong with a passphrase that `ssh` would ask for, in words; undefined when nothing is.
 *
 * A line break ends what `ssh` reads, a zero ends what OpenSSH hashes: such a file could never be opened again.
 */
export function findPassphraseFault(passphrase: string): string | undefined {
  if (passphrase === "") return "The passphrase is empty.";
  if (/[\u0000-\u001f\u007f]/.test(passphrase))
    return "The passphrase holds a line break or another control character, which ssh cannot ask for.";
  if (!passphrase.isWellFormed()) return "The passphrase holds half a character. Type it anew.";
  if (new TextEncoder().encode(passphrase).length > mostPassphraseBytes)
    return `The passphrase is longer than the ${mostPassphraseBytes} bytes that ssh reads.`;
  return undefined;
}

/**
 * The lock that ssh-keygen puts on a private key: bcrypt-pbkdf makes key and counter, AES-256-CTR encrypts.
 *
 * @param salt 16 random bytes, never used before
 * @param rounds cost of a guess; ssh-keygen's `-a`
 * @throws RangeError for a passphrase in which `findPassphraseFault` finds something
 * @see PROTOCOL.key; sshkey.c:sshkey_private_to_blob2; openbsd-compat/bcrypt_pbkdf.c
 */
export function lockByPassphrase(
  passphrase: string,
  salt: Uint8Array,
  rounds: number = derivationRounds,
): PrivateKeyLock {
  const fault = findPassphraseFault(passphrase);
  if (fault) throw new RangeError(fault);
  if (salt.length !== saltBytes) throw new RangeError(`A salt has ${saltBytes} bytes.`);
  return {
    cipher: "aes256-ctr",
    derivation: "bcrypt",
    derivationOptions: concatenate([printString(salt), printUint32(rounds)]),
    blockBytes,
    async lock(content) {
      const derived = new Uint8Array(keyBytes + blockBytes);
      const secret = new TextEncoder().encode(passphrase);
      try {
        const failed = pbkdf(secret, secret.length, salt, salt.length, derived, derived.length, rounds);
        if (failed) throw new Error("bcrypt-pbkdf refused its input");
        const { subtle } = globalThis.crypto;
        const key = await subtle.importKey("raw", derived.slice(0, keyBytes), "AES-CTR", false, ["encrypt"]);
        const counter = derived.slice(keyBytes);
        const sealed = await subtle.encrypt(
          { name: "AES-CTR", counter, length: 128 },
          key,
          new Uint8Array(content),
        );
        return new Uint8Array(sealed);
      } finally {
        derived.fill(0);
        secret.fill(0);
      }
    },
  };
}

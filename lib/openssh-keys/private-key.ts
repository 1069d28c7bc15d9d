import { printPlainPrivateKey } from "@/lib/openssh-keys/private-key-file";
import { ed25519PublicKey } from "@/lib/openssh-keys/public-key";
import { concatenate, printString } from "@/lib/openssh-keys/wire";

/**
 * An Ed25519 key pair as OpenSSH writes it, without a passphrase.
 *
 * @param privateSeed 32 bytes, as RFC 8032 calls them
 * @param check any 32-bit number; OpenSSH uses it to notice a wrong passphrase
 */
export function printEd25519PrivateKey(
  privateSeed: Uint8Array,
  publicBytes: Uint8Array,
  comment: string,
  check: number,
): string {
  const publicKey = ed25519PublicKey(publicBytes, comment);
  const fields = [printString(publicBytes), printString(concatenate([privateSeed, publicBytes]))];
  return printPlainPrivateKey({ publicKey, fields }, check);
}

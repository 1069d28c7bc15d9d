import { fingerprint } from "@/lib/openssh-keys/public-key";

const prints = new WeakMap<Uint8Array, string>();

/** The fingerprint of a blob that is read once and asked for often. */
export function printOf(blob: Uint8Array): string {
  const known = prints.get(blob) ?? fingerprint(blob);
  prints.set(blob, known);
  return known;
}

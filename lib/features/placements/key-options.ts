import { z } from "zod";
import type { WrittenOption } from "@/lib/authorized-keys/option-list";

/** What a key may do where it is placed; sshd(8), "AUTHORIZED_KEYS FILE FORMAT". */
export const KeyOptionsInput = z.strictObject({
  /** A pattern list of names, addresses and networks. */
  from: z
    .string()
    .trim()
    .max(500)
    .regex(/^[A-Za-z0-9.,:/*?!_-]*$/, "Names, addresses and networks, with commas between and no blanks.")
    .default(""),
  /** Runs instead of what the client asks for. */
  command: z
    .string()
    .max(1000)
    .regex(/^[\x20-\x7e]*$/, "One line of printable ASCII.")
    .default(""),
  /** No forwarding, no terminal, no rc file. */
  restrict: z.boolean().default(false),
  /** The key opens nothing from then on. */
  expiresAt: z.iso.datetime().nullable().default(null),
  /** Security keys: a PIN or finger is asked for (since OpenSSH 8.4). */
  verifyRequired: z.boolean().default(false),
});
export type KeyOptionsInput = z.output<typeof KeyOptionsInput>;

/** The options as they stand in a line. Those that mean nothing for a type of key are left out. */
export function writtenOptions(options: KeyOptionsInput, keyType: string): WrittenOption[] {
  const { from, command, restrict, expiresAt, verifyRequired } = options;
  return [
    ...(restrict ? [{ name: "restrict" }] : []),
    ...(from ? [{ name: "from", value: from }] : []),
    ...(command ? [{ name: "command", value: command }] : []),
    ...(expiresAt ? [{ name: "expiry-time", value: expiryOf(expiresAt) }] : []),
    ...(verifyRequired && keyType.startsWith("sk-") ? [{ name: "verify-required" }] : []),
  ];
}

/** YYYYMMDDHHMMSSZ; sshd up to 9.0 knows no `Z` and refuses the line, which the plan says. */
function expiryOf(at: string): string {
  return `${new Date(at).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
}

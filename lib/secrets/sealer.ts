import { type Place, seal, unseal } from "@/lib/secrets/envelope";
import type { SealingKey } from "@/lib/secrets/key-file";
import { Secret } from "@/lib/secrets/secret";

/** Seals values for their place in the database and opens them there again. */
export interface Sealer {
  /** Ciphertext for exactly this table, column and row (a stable id that exists before the row is written). */
  seal(place: Place, value: Secret<Uint8Array>): Buffer;
  /** The value again, or AppError `unavailable`: another key, another place, altered. */
  open(place: Place, sealed: Uint8Array): Secret<Buffer>;
  /** The same for text. */
  sealText(place: Place, value: Secret<string>): Buffer;
  openText(place: Place, sealed: Uint8Array): Secret<string>;
}

/** A sealer that works with one key. */
export function sealerOf(key: SealingKey): Sealer {
  const open: Sealer["open"] = (place, sealed) => new Secret(unseal(key, place, sealed));
  return {
    seal: (place, value) => seal(key, place, value.reveal()),
    open,
    sealText: (place, value) => seal(key, place, Buffer.from(value.reveal(), "utf8")),
    openText: (place, sealed) => new Secret(open(place, sealed).reveal().toString("utf8")),
  };
}

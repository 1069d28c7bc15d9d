import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { readKeyFile } from "@/lib/secrets/key-file";

/** The fixed bytes in front of a raw Ed25519 key (RFC 8410, sections 4 and 7). */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** Says that a chain of activity ended in this row at this moment. */
export interface Checkpoint {
  readonly seq: string;
  /** Hex. */
  readonly hash: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface SignedCheckpoint extends Checkpoint {
  /** Ed25519, raw, hex. */
  readonly publicKey: string;
  readonly signature: string;
}

/** Whose key signs: the web process's the head of an export, the worker's what hosts keep. Each process has its own only. */
export type CheckpointSigner = "web" | "worker";

/**
 * Signs a checkpoint with a key derived from this process's key file: who has only the database cannot make one.
 *
 * @throws AppError `unavailable` when the installation is sealed
 */
export function signCheckpoint(checkpoint: Checkpoint, signer: CheckpointSigner): SignedCheckpoint {
  const privateKey = checkpointKey(signer);
  const publicKey = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    ...checkpoint,
    publicKey: publicKey.subarray(spkiPrefix.length).toString("hex"),
    signature: sign(null, bytesOf(checkpoint), privateKey).toString("hex"),
  };
}

/** Whether the checkpoint was signed by the key that it names. Whose key that is, its fingerprint tells. */
export function isSigned({ publicKey, signature, ...checkpoint }: SignedCheckpoint): boolean {
  try {
    const key = createPublicKey({
      key: Buffer.concat([spkiPrefix, Buffer.from(publicKey, "hex")]),
      format: "der",
      type: "spki",
    });
    return verify(null, bytesOf(checkpoint), key, Buffer.from(signature, "hex"));
  } catch {
    return false; // no key at all
  }
}

/** What an auditor keeps, to know the installation's key again. */
export function fingerprintOf(publicKeyHex: string): string {
  const digest = createHash("sha256").update(Buffer.from(publicKeyHex, "hex")).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}

/** A checkpoint as one line without quotes: "row hash moment key signature". What a host keeps as a witness. */
export function printCheckpoint({ seq, hash, at, publicKey, signature }: SignedCheckpoint): string {
  return [seq, hash, at, publicKey, signature].join(" ");
}

const line = /^(\d{1,18}) ([0-9a-f]{64}) ([0-9TZ:.-]{1,40}) ([0-9a-f]{64}) ([0-9a-f]{128})$/;

/** The checkpoint of such a line; undefined when it is none, or its signature is not its key's. Takes any text. */
export function parseCheckpoint(text: string): SignedCheckpoint | undefined {
  const [, seq, hash, at, publicKey, signature] = line.exec(text) ?? [];
  if (!seq || !hash || !at || !publicKey || !signature) return undefined;
  const checkpoint = { seq, hash, at, publicKey, signature };
  return isSigned(checkpoint) ? checkpoint : undefined;
}

function checkpointKey(signer: CheckpointSigner): KeyObject {
  const path = signer === "web" ? env().webKeyFile : env().workerKeyFile;
  if (!path)
    throw new AppError(
      "unavailable",
      "Gatehouse is sealed: its key file is not named. Start it by `npm start`.",
    );
  const seed = hkdfSync("sha256", readKeyFile(path).key, "", "gatehouse activity checkpoint 1", 32);
  return createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, Buffer.from(seed)]),
    format: "der",
    type: "pkcs8",
  });
}

function bytesOf({ seq, hash, at }: Checkpoint): Buffer {
  return Buffer.from(`gatehouse activity checkpoint 1\n${seq}\n${hash}\n${at}\n`);
}

import { createHash, createSecretKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { AppError } from "@/lib/errors";

const keyBytes = 32;

/** A key from a file, and the short public name that ciphertext carries of it. */
export interface SealingKey {
  readonly key: KeyObject;
  /** The first 8 bytes of SHA-256 over the key: tells a wrong key from damaged data; says nothing about the key. */
  readonly id: Buffer;
}

/**
 * The sealing key in a file of exactly 32 bytes.
 *
 * Never makes one: a new key over existing ciphertext would look healthy while every secret is lost. Key files are made
 * by the launcher, and only while the database holds nothing sealed.
 *
 * @throws AppError `unavailable` when the file is absent, unreadable or not a key: the installation is sealed
 */
export function readKeyFile(path: string): SealingKey {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new AppError(
      "unavailable",
      "Gatehouse is sealed: its key file cannot be read. Put the file back from your backup and start again; a new key could not open what the old one sealed.",
      { detail: `key file ${path}: ${cause instanceof Error ? cause.message : "unreadable"}`, cause },
    );
  }
  if (bytes.length !== keyBytes)
    throw new AppError(
      "unavailable",
      "Gatehouse is sealed: its key file is damaged. Put the file back from your backup and start again.",
      { detail: `key file ${path}: ${bytes.length} bytes instead of ${keyBytes}` },
    );
  const sealingKey = sealingKeyOf(bytes);
  bytes.fill(0);
  return sealingKey;
}

/** The sealing key of 32 raw bytes, copied. */
export function sealingKeyOf(bytes: Uint8Array): SealingKey {
  return {
    key: createSecretKey(bytes),
    id: createHash("sha256").update("gatehouse key id\0").update(bytes).digest().subarray(0, 8),
  };
}

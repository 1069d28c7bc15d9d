import { createHash, randomBytes } from "node:crypto";
import { Secret } from "@/lib/secrets/secret";

/** A random token of 256 bits, and the only form of it that is stored. */
export interface Token {
  readonly token: Secret<string>;
  readonly hash: Buffer<ArrayBuffer>;
}

/** A fresh token: base64url, safe in a cookie and in a URL's fragment. */
export function makeToken(): Token {
  const token = randomBytes(32).toString("base64url");
  return { token: new Secret(token), hash: hashToken(token) };
}

/** What is stored of a token. Random tokens need no salt and no slow hash. */
export function hashToken(token: string): Buffer<ArrayBuffer> {
  return Buffer.from(createHash("sha256").update(token).digest());
}

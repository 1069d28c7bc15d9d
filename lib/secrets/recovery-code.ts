import { createHash, randomBytes } from "node:crypto";

export const recoveryCodeCount = 10;

/** Without i, l, o and u: nothing to mistake for 1 or 0, nothing to read as a word. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Ten fresh codes of 80 bits, as people keep them: xxxx-xxxx-xxxx-xxxx. */
export function makeRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    const text = Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join("");
    return text.match(/.{4}/g)!.join("-");
  });
}

/** What is stored of a code. Spaces, dashes and case do not matter. 80 random bits need no slow hash. */
export function hashRecoveryCode(code: string): Buffer<ArrayBuffer> {
  const text = code.toLowerCase().replace(/[^a-z0-9]/g, "");
  return Buffer.from(createHash("sha256").update(`gatehouse recovery code\0${text}`).digest());
}

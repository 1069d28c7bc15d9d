import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { printBase64 } from "@/lib/openssh-keys/base64";
import { type SecurityKeyNumbers, securityKeyBlob } from "@/lib/openssh-keys/security-key";
import { concatenate, padMpint, printString, printStrings, printUint32 } from "@/lib/openssh-keys/wire";

/** A security key in software: what an authenticator would answer to ssh. */
export class SoftSecurityKey {
  readonly blob: Uint8Array;
  private counter = 0;

  constructor(
    private readonly privateKey: KeyObject,
    private readonly application: string,
  ) {
    this.blob = this.of(application);
  }

  /** The line of a .pub file. */
  get line(): string {
    const type =
      this.privateKey.asymmetricKeyType === "ed25519"
        ? "sk-ssh-ed25519@openssh.com"
        : "sk-ecdsa-sha2-nistp256@openssh.com";
    return `${type} ${printBase64(this.blob)} soft`;
  }

  /** The blob of the same numbers for another application. */
  of(application: string): Uint8Array {
    return securityKeyBlob(numbersOf(this.privateKey), application);
  }

  static generate(family: "ed25519" | "ecdsa", application: string): SoftSecurityKey {
    const { privateKey } =
      family === "ed25519"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("ec", { namedCurve: "P-256" });
    return new SoftSecurityKey(privateKey, application);
  }

  /** @param privateKey PKCS #8, as Chromium's virtual authenticator gives it */
  static fromPkcs8(privateKey: Buffer, application: string): SoftSecurityKey {
    return new SoftSecurityKey(
      createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" }),
      application,
    );
  }

  /**
   * `string algorithm`, `string signature`, flags, counter.
   *
   * @param flags 1: touched; 4: by PIN or fingerprint
   * @see PROTOCOL.u2f "SSH U2F Signatures"
   */
  sign(message: Uint8Array, flags: number): Uint8Array {
    this.counter += 1;
    const tail = concatenate([new Uint8Array([flags]), printUint32(this.counter)]);
    const signed = concatenate([hash(this.application), tail, hash(message)]);
    if (this.privateKey.asymmetricKeyType === "ed25519")
      return concatenate([
        printString("sk-ssh-ed25519@openssh.com"),
        printString(sign(null, signed, this.privateKey)),
        tail,
      ]);
    const numbers = sign("sha256", signed, { key: this.privateKey, dsaEncoding: "ieee-p1363" });
    const mpints = [numbers.subarray(0, 32), numbers.subarray(32)].map((number) => padMpint(strip(number)));
    return concatenate([
      printString("sk-ecdsa-sha2-nistp256@openssh.com"),
      printString(printStrings(mpints)),
      tail,
    ]);
  }
}

const hash = (data: string | Uint8Array) => createHash("sha256").update(data).digest();

function strip(number: Uint8Array): Uint8Array {
  const start = number.findIndex((byte) => byte !== 0);
  return start === -1 ? new Uint8Array() : number.subarray(start);
}

function numbersOf(privateKey: KeyObject): SecurityKeyNumbers {
  const { x = "", y = "" } = privateKey.export({ format: "jwk" });
  const [first, second] = [Buffer.from(x, "base64url"), Buffer.from(y, "base64url")];
  if (privateKey.asymmetricKeyType === "ed25519") return { family: "ed25519", publicBytes: first };
  return { family: "ecdsa", point: concatenate([new Uint8Array([4]), first, second]) };
}

import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { concatenate, printString, printUint32 } from "@/lib/openssh-keys/wire";

/** A maker of authenticators: a root, and certificates for its models. */
export class Maker {
  readonly root: X509Certificate;

  private constructor(private readonly folder: string) {
    this.root = new X509Certificate(readFileSync(path.join(folder, "root.pem")));
  }

  /** Needs the program `openssl`. */
  static start(): Maker {
    const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-maker-"));
    openssl(folder, ["req", "-x509", ...newKey("root"), "-subj", "/O=Maker/CN=Root", "-days", "10"]);
    return new Maker(folder);
  }

  /** The certificate of a model, as DER, and the key that attests with it. */
  certify(name: string, { aaguid, days = 10 }: { aaguid?: Uint8Array; days?: number } = {}) {
    const extensions = ["basicConstraints=critical,CA:FALSE"];
    if (aaguid) extensions.push(`1.3.6.1.4.1.45724.1.1.4=DER:0410${Buffer.from(aaguid).toString("hex")}`);
    writeFileSync(path.join(this.folder, "extensions"), extensions.join("\n"));
    const subject = `/O=Maker/OU=Authenticator Attestation/CN=${name}`;
    openssl(this.folder, ["req", "-new", ...newKey("model"), "-subj", subject]);
    openssl(this.folder, [
      ...["x509", "-req", "-in", "model.pem", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"],
      ...["-extfile", "extensions", "-days", String(days), "-out", "model.crt"],
    ]);
    const read = (file: string) => readFileSync(path.join(this.folder, file));
    return {
      certificate: new X509Certificate(read("model.crt")).raw,
      key: createPrivateKey(read("model.key")),
    };
  }

  get rootPem(): string {
    return this.root.toString();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

const newKey = (name: string) => [
  ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
  ...["-keyout", `${name}.key`, "-out", `${name}.pem`],
];

function openssl(folder: string, args: readonly string[]): void {
  execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
}

/** What ssh-keygen writes with `-O write-attestation=`, version 1, and the part of it that is signed. */
export interface AttestationParts {
  readonly authenticatorData: Uint8Array;
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
}

/** @see PROTOCOL.u2f "SSH U2F Attestation" */
export function printAttestation({
  authenticatorData,
  certificate,
  signature,
}: AttestationParts): Uint8Array {
  const { length } = authenticatorData;
  const head = length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255];
  return concatenate([
    printString("ssh-sk-attest-v01"),
    printString(certificate),
    printString(signature),
    printString(concatenate([Uint8Array.from(head), authenticatorData])),
    printUint32(0),
    printString(""),
  ]);
}

/** The signature of the format "packed". */
export function signPacked(key: KeyObject, authenticatorData: Uint8Array, challenge: Uint8Array): Uint8Array {
  return signWith(key, concatenate([authenticatorData, sha256(challenge)]));
}

/** The signature of the format "fido-u2f". */
export function signU2f(
  key: KeyObject,
  made: { application: string; credentialId: Uint8Array; point: Uint8Array },
  challenge: Uint8Array,
): Uint8Array {
  const { application, credentialId, point } = made;
  const parts = [new Uint8Array(1), sha256(application), sha256(challenge), credentialId, point];
  return signWith(key, concatenate(parts));
}

const signWith = (key: KeyObject, message: Uint8Array) =>
  sign(key.asymmetricKeyType === "ed25519" ? null : "sha256", message, key);

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest();

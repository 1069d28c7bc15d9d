import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import {
  concatenate,
  padMpint,
  printMpint,
  printString,
  printStrings,
  printUint32,
} from "@/lib/openssh-keys/wire";

/** A key that a client of the worlds can sign with. */
export interface ClientKey {
  readonly name: string;
  /** "ssh-ed25519", "sk-ssh-ed25519@openssh.com", … */
  readonly type: string;
  readonly blob: Uint8Array;
  readonly privateKey: KeyObject;
  /** What follows the type in a public key: a certificate repeats it. */
  readonly fields: Uint8Array;
  /** Of a security key. */
  readonly application?: string;
}

/** How a signature is made. */
export interface SignatureOptions {
  /** "rsa-sha2-512", …; for other types than RSA the key's own. */
  readonly algorithm: string;
  /** The flags that a security key reports: 1 touch, 4 PIN. */
  readonly flags: number;
  /** One bit of it is wrong. */
  readonly isBroken: boolean;
}

/** What a certificate says. */
export interface CertificateTerms {
  readonly key: string;
  readonly authority: string;
  readonly kind: "user" | "host";
  readonly principals: readonly string[];
  /** Seconds since 1970. */
  readonly validAfter: number;
  readonly validBefore: number;
  readonly critical: readonly (readonly [name: string, value: string | undefined])[];
  readonly extensions: readonly string[];
}

/** Keys by name, the same for all worlds of a run. */
export type Keyring = ReadonlyMap<string, ClientKey>;

const application = "ssh:";

/** Makes every key that worlds name. */
export function makeKeyring(): Keyring {
  const ed25519 = ["k1", "k2", "k3", "k4", "ca1", "host"].map((name) => ed25519Key(name, undefined));
  const all = [
    ...ed25519,
    ed25519Key("sk1", application),
    ecdsaKey("e1", undefined),
    ecdsaKey("sk2", application),
    rsaKey("r1", 2048),
    rsaKey("r2", 1024),
    rsaKey("ca2", 2048),
  ];
  return new Map(all.map((key) => [key.name, key]));
}

/** The key of that name. @throws when there is none: worlds name only what the ring has */
export function keyIn(ring: Keyring, name: string): ClientKey {
  const key = ring.get(name);
  if (!key) throw new Error(`The ring has no key ${name}.`);
  return key;
}

function ed25519Key(name: string, app: string | undefined): ClientKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const type = app === undefined ? "ssh-ed25519" : "sk-ssh-ed25519@openssh.com";
  return clientKey(name, type, privateKey, [printString(point)], app);
}

function ecdsaKey(name: string, app: string | undefined): ClientKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  const type = app === undefined ? "ecdsa-sha2-nistp256" : "sk-ecdsa-sha2-nistp256@openssh.com";
  return clientKey(name, type, privateKey, [printString("nistp256"), printString(point)], app);
}

function rsaKey(name: string, bits: number): ClientKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  const { e = "", n = "" } = publicKey.export({ format: "jwk" });
  const numbers = [e, n].map((number) => printMpint(Buffer.from(number, "base64url")));
  return clientKey(name, "ssh-rsa", privateKey, numbers, undefined);
}

function clientKey(
  name: string,
  type: string,
  privateKey: KeyObject,
  parts: readonly Uint8Array[],
  app: string | undefined,
): ClientKey {
  const fields = concatenate(app === undefined ? parts : [...parts, printString(app)]);
  const blob = concatenate([printString(type), fields]);
  return { name, type, blob, privateKey, fields, ...(app !== undefined && { application: app }) };
}

/** A line for authorized_keys, without options. */
export function publicLine({ type, blob, name }: Pick<ClientKey, "type" | "blob" | "name">): string {
  return `${type} ${Buffer.from(blob).toString("base64")} ${name}`;
}

/** Signs as the protocol has it: the algorithm, then what it yields. */
export function signWith(key: ClientKey, message: Uint8Array, options: SignatureOptions): Uint8Array {
  const signature =
    key.application === undefined
      ? plainSignature(key, message, options)
      : keySignature(key, message, options);
  if (!options.isBroken) return signature;
  // Within the numbers themselves: behind them a security key has its flags and counter.
  const broken = Uint8Array.from(signature);
  const at = printString(key.type).length + 4 + 20;
  broken[at] = (broken[at] ?? 0) ^ 1;
  return broken;
}

function plainSignature(key: ClientKey, message: Uint8Array, { algorithm }: SignatureOptions): Uint8Array {
  if (key.type === "ssh-ed25519")
    return printStrings([Buffer.from(key.type), sign(null, message, key.privateKey)]);
  if (key.type === "ssh-rsa") {
    const hash = algorithm.startsWith("rsa-sha2-512")
      ? "sha512"
      : algorithm.startsWith("rsa-sha2-256")
        ? "sha256"
        : "sha1";
    const name = { sha512: "rsa-sha2-512", sha256: "rsa-sha2-256", sha1: "ssh-rsa" }[hash];
    return printStrings([Buffer.from(name), sign(hash, message, key.privateKey)]);
  }
  return printStrings([Buffer.from(key.type), ecdsaNumbers(key, message)]);
}

function ecdsaNumbers({ privateKey }: ClientKey, message: Uint8Array): Uint8Array {
  const raw = sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
  const number = (bytes: Uint8Array) => {
    const start = bytes.findIndex((byte) => byte !== 0);
    return padMpint(bytes.subarray(start));
  };
  return printStrings([number(raw.subarray(0, 32)), number(raw.subarray(32))]);
}

/** @see PROTOCOL.u2f "SSH U2F Signatures" */
function keySignature(key: ClientKey, message: Uint8Array, { flags }: SignatureOptions): Uint8Array {
  const sha256 = (data: Uint8Array | string) => createHash("sha256").update(data).digest();
  const tail = concatenate([Uint8Array.of(flags), printUint32(7)]);
  const signed = concatenate([sha256(key.application ?? ""), tail, sha256(message)]);
  const isEd25519 = key.type.includes("ed25519");
  const numbers = isEd25519 ? sign(null, signed, key.privateKey) : ecdsaNumbers(key, signed);
  return concatenate([printString(key.type), printString(numbers), tail]);
}

const certificateType = (type: string) =>
  type.includes("@") ? type.replace("@", "-cert-v01@") : `${type}-cert-v01@openssh.com`;

/** The blob of a certificate, signed by its authority. @see PROTOCOL.certkeys */
export function issueCertificate(ring: Keyring, terms: CertificateTerms): Uint8Array {
  const key = keyIn(ring, terms.key);
  const authority = keyIn(ring, terms.authority);
  const uint64 = (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(value));
    return bytes;
  };
  const pairs = (list: CertificateTerms["critical"]) =>
    concatenate(
      list.flatMap(([name, value]) => [
        printString(name),
        printString(value === undefined ? "" : printString(value)),
      ]),
    );
  const signed = concatenate([
    printString(certificateType(key.type)),
    printString(randomBytes(32)),
    key.fields,
    uint64(11),
    printUint32(terms.kind === "user" ? 1 : 2),
    printString(`${terms.key} by ${terms.authority}`),
    printString(concatenate(terms.principals.map((name) => printString(name)))),
    uint64(terms.validAfter),
    uint64(terms.validBefore),
    printString(pairs(terms.critical)),
    printString(pairs(terms.extensions.map((name) => [name, undefined] as const))),
    printString(""),
    printString(authority.blob),
  ]);
  const options = { algorithm: "rsa-sha2-512", flags: 1, isBroken: false };
  return concatenate([signed, printString(signWith(authority, signed, options))]);
}

import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A certificate for servers of tests, and its key, in PEM. Whoever believes in it believes these names. */
export interface SelfSigned {
  readonly certificate: string;
  readonly privateKey: string;
}

const oid = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
};

/** A self-signed certificate for these names, P-256, valid in all of our lifetimes (RFC 5280). */
export function makeSelfSigned(names: readonly string[]): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(0x30, der(0x06, Buffer.from(oid.ecdsaWithSha256)));
  const name = der(
    0x30,
    der(0x31, der(0x30, der(0x06, Buffer.from(oid.commonName)), der(0x0c, Buffer.from("Test")))),
  );
  const validity = der(
    0x30,
    der(0x17, Buffer.from("200101000000Z")),
    der(0x18, Buffer.from("21200101000000Z")),
  );
  const dnsNames = names.map((text) => der(0x82, Buffer.from(text)));
  const extension = der(0x30, der(0x06, Buffer.from(oid.subjectAltName)), der(0x04, der(0x30, ...dnsNames)));
  const content = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, extension)),
  );
  const signature = sign("sha256", content, privateKey);
  const whole = der(0x30, content, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    certificate: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** A tag, a length and what is inside (X.690). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const hex = length.toString(16);
  const digits = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, content]);
}

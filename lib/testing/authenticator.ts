import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import type { SecurityKeyNumbers } from "@/lib/openssh-keys/security-key";
import { type Cbor, encodeCbor } from "@/lib/testing/cbor";

/** What a hostile browser, page or key would say instead of the truth. */
export interface Lies {
  readonly type?: string;
  readonly challenge?: string;
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  readonly rpId?: string;
  readonly userPresent?: boolean;
  readonly userVerified?: boolean;
  /** Null: none is given. */
  readonly userHandle?: string | null;
  readonly counter?: number;
  /** Signs with another key. */
  readonly signingKey?: KeyObject;
  /** Claims another credential. */
  readonly credentialId?: string;
  readonly attestationFormat?: string;
}

const flag = { userPresent: 1, userVerified: 4, canBeCopied: 8, isCopied: 16, attestedData: 64 };

/** What kind of authenticator it is. */
export interface AuthenticatorModel {
  /** Default "ecdsa": ES256 on P-256. */
  readonly family?: "ecdsa" | "ed25519";
  /** Default ["usb"]. */
  readonly transports?: NonNullable<RegistrationResponseJSON["response"]["transports"]>;
  /** Its vendor copies passkeys to other devices. */
  readonly isCopied?: boolean;
}

/**
 * A browser and a security key in software: discoverable, with user verification. It tells the truth, or the lies it is
 * given.
 */
export class Authenticator {
  readonly credentialId = randomBytes(32).toString("base64url");
  private readonly keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  private userHandle = "";
  private counter = 0;

  constructor(
    private readonly origin: string,
    private readonly model: AuthenticatorModel = {},
  ) {
    this.keys =
      model.family === "ed25519"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("ec", { namedCurve: "P-256" });
  }

  get privateKey(): KeyObject {
    return this.keys.privateKey;
  }

  /** The answer to `navigator.credentials.create`. */
  create(options: PublicKeyCredentialCreationOptionsJSON, lies: Lies = {}): RegistrationResponseJSON {
    this.userHandle = options.user.id;
    const authData = Buffer.concat([
      this.authenticatorData(options.rp.id ?? "", flag.attestedData, lies),
      this.attestedData(new Uint8Array(16)),
    ]);
    const attestation = encodeCbor(
      new Map<string, Cbor>([
        ["fmt", lies.attestationFormat ?? "none"],
        ["attStmt", new Map<string, Cbor>()],
        ["authData", authData],
      ]),
    );
    const credentialId = lies.credentialId ?? this.credentialId;
    return {
      id: credentialId,
      rawId: credentialId,
      type: "public-key",
      response: {
        clientDataJSON: this.clientData("webauthn.create", options.challenge, lies).toString("base64url"),
        attestationObject: attestation.toString("base64url"),
        transports: this.model.transports ?? ["usb"],
      },
      clientExtensionResults: {},
    };
  }

  /**
   * What it would say of the new key to ssh-keygen, for an application: the authenticator's data.
   *
   * @param model AAGUID, 16 bytes
   */
  dataFor(application: string, model: Uint8Array, lies: Lies = {}): Uint8Array {
    return Buffer.concat([
      this.authenticatorData(application, flag.attestedData, lies),
      this.attestedData(model),
    ]);
  }

  /** The same key as OpenSSH's. */
  get numbers(): SecurityKeyNumbers {
    const { x = "", y = "" } = this.keys.publicKey.export({ format: "jwk" });
    const [first, second] = [Buffer.from(x, "base64url"), Buffer.from(y, "base64url")];
    if (this.model.family === "ed25519") return { family: "ed25519", publicBytes: first };
    return { family: "ecdsa", point: Buffer.concat([Buffer.from([4]), first, second]) };
  }

  private attestedData(model: Uint8Array): Buffer {
    const id = Buffer.from(this.credentialId, "base64url");
    const length = Buffer.from([id.length >> 8, id.length & 255]);
    return Buffer.concat([model, length, id, this.cosePublicKey()]);
  }

  /** The answer to `navigator.credentials.get`. */
  get(options: PublicKeyCredentialRequestOptionsJSON, lies: Lies = {}): AuthenticationResponseJSON {
    const authData = this.authenticatorData(options.rpId ?? "", 0, lies);
    const clientData = this.clientData("webauthn.get", options.challenge, lies);
    const signed = Buffer.concat([authData, createHash("sha256").update(clientData).digest()]);
    const credentialId = lies.credentialId ?? this.credentialId;
    const userHandle = lies.userHandle === undefined ? this.userHandle : lies.userHandle;
    return {
      id: credentialId,
      rawId: credentialId,
      type: "public-key",
      response: {
        clientDataJSON: clientData.toString("base64url"),
        authenticatorData: authData.toString("base64url"),
        signature: sign(this.hash, signed, lies.signingKey ?? this.keys.privateKey).toString("base64url"),
        ...(userHandle !== null && { userHandle }),
      },
      clientExtensionResults: {},
    };
  }

  /** @see WebAuthn Level 3, 6.1 "Authenticator Data" */
  private authenticatorData(rpId: string, flags: number, lies: Lies): Buffer {
    this.counter += 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.counter ?? this.counter);
    const copied = this.model.isCopied ? flag.canBeCopied | flag.isCopied : 0;
    const present = lies.userPresent === false ? 0 : flag.userPresent;
    const verified = lies.userVerified === false ? 0 : flag.userVerified;
    return Buffer.concat([
      createHash("sha256")
        .update(lies.rpId ?? rpId)
        .digest(),
      Buffer.from([flags | present | verified | copied]),
      counter,
    ]);
  }

  private clientData(type: string, challenge: string, lies: Lies): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? this.origin,
        crossOrigin: lies.crossOrigin ?? false,
        ...(lies.topOrigin !== undefined && { topOrigin: lies.topOrigin }),
      }),
    );
  }

  private get hash(): "sha256" | null {
    return this.model.family === "ed25519" ? null : "sha256";
  }

  /** COSE_Key (RFC 9053, 7.1.1 and 7.2): OKP, EdDSA, Ed25519, x; or EC2, ES256, P-256, x, y. */
  private cosePublicKey(): Buffer {
    const { x = "", y = "" } = this.keys.publicKey.export({ format: "jwk" });
    if (this.model.family === "ed25519")
      return encodeCbor(
        new Map<number, number | Uint8Array>([
          [1, 1],
          [3, -8],
          [-1, 6],
          [-2, Buffer.from(x, "base64url")],
        ]),
      );
    return encodeCbor(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, "base64url")],
        [-3, Buffer.from(y, "base64url")],
      ]),
    );
  }
}

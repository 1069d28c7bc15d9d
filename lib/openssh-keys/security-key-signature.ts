import { sha256 } from "@noble/hashes/sha2.js";
import { printBase64Url } from "@/lib/openssh-keys/base64";
import { concatenate, encodeText, equalBytes, printUint32, type WireReader } from "@/lib/openssh-keys/wire";

const webauthnAlgorithms: ReadonlySet<string> = new Set([
  "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
  "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
]);

/** Bits of the byte that an authenticator signs. */
export const authenticatorFlags = {
  isPresent: 0x01,
  isVerified: 0x04,
  hasCredential: 0x40,
  hasExtensions: 0x80,
};

/**
 * What an authenticator really signs when asked to sign `message`; reads flags, counter and WebAuthn's parts.
 *
 * @param reader behind the signature itself
 * @returns undefined when something is missing, or when the browser's data is not about this message
 * @see PROTOCOL.u2f "SSH U2F Signatures"; ssh-ecdsa-sk.c:webauthn_check_prepare_hash
 */
export function securityKeyMessage(
  algorithm: string,
  application: string,
  message: Uint8Array,
  reader: WireReader,
): Uint8Array | undefined {
  const flags = reader.readByte();
  const counter = reader.readUint32();
  if (flags === undefined || counter === undefined) return undefined;
  const browser = webauthnAlgorithms.has(algorithm)
    ? readBrowserPart(message, flags, reader)
    : { extensions: new Uint8Array(), messageHash: sha256(message) };
  if (!browser) return undefined;
  return concatenate([
    sha256(encodeText(application)),
    new Uint8Array([flags]),
    printUint32(counter),
    browser.extensions,
    browser.messageHash,
  ]);
}

function readBrowserPart(
  message: Uint8Array,
  flags: number,
  reader: WireReader,
): { extensions: Uint8Array; messageHash: Uint8Array } | undefined {
  const origin = reader.readCString();
  const clientData = reader.readString();
  const extensions = reader.readString();
  if (origin === undefined || !clientData || !extensions || origin.includes('"')) return undefined;
  if ((flags & authenticatorFlags.hasCredential) !== 0) return undefined;
  if (((flags & authenticatorFlags.hasExtensions) !== 0) !== extensions.length > 0) return undefined;
  const begin = encodeText(
    `{"type":"webauthn.get","challenge":"${printBase64Url(message)}","origin":"${origin}"`,
  );
  if (!equalBytes(clientData.subarray(0, begin.length), begin)) return undefined;
  return { extensions, messageHash: sha256(clientData) };
}

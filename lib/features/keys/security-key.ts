/** What we know of a passkey's authenticator. */
interface Device {
  /** As the browser says: "usb", "nfc", "ble", "internal", "hybrid", "smart-card". */
  readonly transports: readonly string[];
  /** "multiDevice": its vendor copies it to other devices. */
  readonly deviceType: string;
}

/** Ways by which OpenSSH's libfido2 reaches a security key. */
const reachable = ["usb", "nfc"];

/**
 * Why `ssh` cannot use a credential, in one sentence with what to do; undefined when it can.
 *
 * Passkeys of computers, phones and password managers answer browsers and apps only: OpenSSH talks to security keys.
 */
export function obstacleForSsh({ transports, deviceType }: Device): string | undefined {
  if (deviceType === "multiDevice")
    return "This passkey is copied between devices by its vendor: browsers can use it, ssh cannot. Use a security key that you plug in.";
  if (transports.length > 0 && !transports.some((transport) => reachable.includes(transport)))
    return "This passkey lives in a phone or computer: browsers can use it, ssh cannot. Use a security key that you plug in.";
  return undefined;
}

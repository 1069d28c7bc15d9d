import { type KeyOptions, newestRelease, type OptionsReading } from "@/lib/authorized-keys/options";
import { matchNetworkList } from "@/lib/authorized-keys/source";
import type { Certificate, CertificateOption } from "@/lib/openssh-keys/certificate";
import { WireReader } from "@/lib/openssh-keys/wire";

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

/** Extensions grant; a user's certificate without any permits nothing but to log in. */
const extensionFlags: Readonly<Record<string, (options: Mutable<KeyOptions>) => void>> = {
  "no-touch-required": (options) => {
    options.requiresTouch = false;
  },
  "permit-X11-forwarding": (options) => {
    options.permitsX11Forwarding = true;
  },
  "permit-agent-forwarding": (options) => {
    options.permitsAgentForwarding = true;
  },
  "permit-port-forwarding": (options) => {
    options.permitsPortForwarding = true;
  },
  "permit-pty": (options) => {
    options.permitsPty = true;
  },
  "permit-user-rc": (options) => {
    options.permitsUserRc = true;
  },
};

const verificationSinceRelease = 804;

/**
 * What a user's certificate itself permits and demands. Principals and validity are not options.
 *
 * @returns a reason when sshd refuses the certificate for its options: a critical one that it does not know, one
 *   twice, one with other data than is due, a source-address that is no list of networks
 * @see auth-options.c:sshauthopt_from_cert; PROTOCOL.certkeys
 */
export function optionsOfCertificate(certificate: Certificate, release = newestRelease): OptionsReading {
  if (certificate.kind !== "user") return { reason: "the certificate is a host's" };
  const options: Mutable<KeyOptions> = {
    permitsPortForwarding: false,
    permitsAgentForwarding: false,
    permitsX11Forwarding: false,
    permitsPty: false,
    permitsUserRc: false,
    isRestricted: false,
    isCertAuthority: false,
    requiresTouch: true,
    requiresVerification: false,
    expiries: [],
    environment: [],
    permitOpen: [],
    permitListen: [],
  };
  for (const option of certificate.criticalOptions) {
    const reason = readCritical(options, option, release);
    if (reason) return { reason };
  }
  for (const { name, data } of certificate.extensions) {
    if (name === undefined) return { reason: "the name of an extension is damaged" };
    // An extension that sshd does not know is no fault, whatever its data.
    if (!Object.hasOwn(extensionFlags, name)) continue;
    if (data.length > 0) return { reason: `the extension ${name} has data, which it must not` };
    extensionFlags[name]?.(options);
  }
  return { options };
}

function readCritical(
  options: Mutable<KeyOptions>,
  { name, data }: CertificateOption,
  release: number,
): string | undefined {
  if (name === "verify-required" && release >= verificationSinceRelease) {
    options.requiresVerification = true;
    return data.length === 0 ? undefined : "the critical option verify-required has data, which it must not";
  }
  if (name !== "force-command" && name !== "source-address") {
    return `sshd does not know the critical option ${name ?? "of a damaged name"}`;
  }
  const field = name === "force-command" ? "command" : "sourceAddress";
  const reader = new WireReader(data);
  const value = reader.readCString();
  if (value === undefined || !reader.isAtEnd) return `the data of the critical option ${name} is damaged`;
  if (options[field] !== undefined) return `the critical option ${name} is given twice`;
  if (field === "sourceAddress" && matchNetworkList(undefined, value, release) === "invalid") {
    return "source-address is no list of networks";
  }
  options[field] = value;
  return undefined;
}

/**
 * The options of a login by certificate: those of the line that names the CA, with those of the certificate.
 *
 * What is permitted must be permitted by both; what is demanded by one is demanded; lists of the line come first.
 *
 * @returns a reason when both force a command, and not the same
 * @see auth-options.c:sshauthopt_merge
 */
export function mergeOptions(line: KeyOptions, certificate: KeyOptions): OptionsReading {
  const { command } = certificate;
  if (line.command !== undefined && command !== undefined && line.command !== command) {
    return { reason: "the line and the certificate force different commands" };
  }
  const first = <T>(one: readonly T[], other: readonly T[]) => (one.length > 0 ? one : other);
  return {
    options: {
      permitsPortForwarding: line.permitsPortForwarding && certificate.permitsPortForwarding,
      permitsAgentForwarding: line.permitsAgentForwarding && certificate.permitsAgentForwarding,
      permitsX11Forwarding: line.permitsX11Forwarding && certificate.permitsX11Forwarding,
      permitsPty: line.permitsPty && certificate.permitsPty,
      permitsUserRc: line.permitsUserRc && certificate.permitsUserRc,
      isRestricted: false,
      isCertAuthority: false,
      requiresTouch: line.requiresTouch || certificate.requiresTouch,
      requiresVerification: line.requiresVerification || certificate.requiresVerification,
      command: line.command ?? command,
      from: line.from ?? certificate.from,
      sourceAddress: line.sourceAddress ?? certificate.sourceAddress,
      tunnel: line.tunnel ?? certificate.tunnel,
      expiries: line.expiries,
      environment: first(line.environment, certificate.environment),
      permitOpen: first(line.permitOpen, certificate.permitOpen),
      permitListen: first(line.permitListen, certificate.permitListen),
    },
  };
}

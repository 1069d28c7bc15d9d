import type { LoginConnection } from "@/lib/access/connection";
import type { Certificate, CertificateOption } from "@/lib/openssh-keys/certificate";
import { WireReader } from "@/lib/openssh-keys/wire";
import { isInNetwork, parseAddress, parseNetwork } from "@/lib/sshd-config/address";
import type { Build } from "@/lib/sshd-config/build";

/** What a certificate grants and demands. */
export interface CertificateTerms {
  readonly forcedCommand: string | undefined;
  /** A comma list of addresses and networks. */
  readonly sourceAddress: string | undefined;
  readonly requiresVerification: boolean;
  readonly allowsNoTouch: boolean;
}

/**
 * Reads the options of a user certificate.
 *
 * @returns undefined when sshd refuses them: an unknown critical option, one that is there twice, or bytes too many
 * @see OpenSSH auth-options.c:sshauthopt_from_cert
 */
export function readTerms(certificate: Certificate, build: Build): CertificateTerms | undefined {
  if (certificate.kind !== "user") return undefined;
  let forcedCommand: string | undefined;
  let sourceAddress: string | undefined;
  let requiresVerification = false;
  for (const option of certificate.criticalOptions) {
    switch (option.name) {
      case "force-command":
        if (forcedCommand !== undefined) return undefined;
        forcedCommand = readValue(option);
        if (forcedCommand === undefined) return undefined;
        break;
      case "source-address":
        if (sourceAddress !== undefined) return undefined;
        sourceAddress = readValue(option);
        if (sourceAddress === undefined || matchNetworks(undefined, sourceAddress) === "invalid")
          return undefined;
        break;
      case "verify-required":
        // Known from 8.4 on: to older ones it is an unknown critical option.
        if (build.release < 804 || option.data.length > 0) return undefined;
        requiresVerification = true;
        break;
      default:
        return undefined;
    }
  }
  const flags = new Set(known);
  for (const { name, data } of certificate.extensions) {
    if (name === undefined) return undefined;
    if (flags.has(name) && data.length > 0) return undefined;
  }
  const allowsNoTouch = certificate.extensions.some((e) => e.name === "no-touch-required");
  return { forcedCommand, sourceAddress, requiresVerification, allowsNoTouch };
}

const known = [
  "no-touch-required",
  "permit-X11-forwarding",
  "permit-agent-forwarding",
  "permit-port-forwarding",
  "permit-pty",
  "permit-user-rc",
];

/** The one string that an option's data holds. */
function readValue({ data }: CertificateOption): string | undefined {
  const reader = new WireReader(data);
  const value = reader.readCString();
  return value !== undefined && reader.isAtEnd ? value : undefined;
}

/**
 * Addresses and networks only, no names and no negation; one that cannot be read spoils the list.
 *
 * @param address undefined: only the form of the list is checked
 * @see OpenSSH addrmatch.c:addr_match_cidr_list
 */
export function matchNetworks(address: string | undefined, list: string): "yes" | "no" | "invalid" {
  const client = address === undefined ? undefined : parseAddress(address);
  let found: "yes" | "no" = "no";
  for (const item of list.split(",")) {
    if (!/^[0-9a-fA-F.:/]+$/.test(item)) return "invalid";
    const network = parseNetwork(item, newestRules);
    if (network === "none" || network === "inconsistent") return "invalid";
    if (client && isInNetwork(client, network)) found = "yes";
  }
  return found;
}

/** How a mask of more than 128 bits is refused does not matter here: both ways spoil the list. */
const newestRules = 1000;

/** Why the certificate does not hold now and for this name. */
export interface CertificateRefusal {
  readonly reason: "not-a-user" | "not-yet-valid" | "expired" | "no-principals" | "other-principal";
  readonly text: string;
}

/**
 * Is it a user's certificate, valid now and for the name?
 *
 * @param name undefined: another list has named the principal already
 * @see OpenSSH sshkey.c:sshkey_cert_check_authority
 */
export function refuseCertificate(
  certificate: Certificate,
  now: LoginConnection["now"],
  name: string | undefined,
  requiresPrincipals: boolean,
): CertificateRefusal | undefined {
  const id = certificate.keyId;
  if (certificate.kind !== "user")
    return { reason: "not-a-user", text: `The certificate ${id} is that of a host.` };
  const second = BigInt(Math.floor(now));
  if (second < certificate.validAfter)
    return { reason: "not-yet-valid", text: `The certificate ${id} is not valid yet.` };
  if (second >= certificate.validBefore)
    return { reason: "expired", text: `The certificate ${id} has expired.` };
  if (certificate.principals.length === 0) {
    return requiresPrincipals
      ? { reason: "no-principals", text: `The certificate ${id} names no principal.` }
      : undefined;
  }
  if (name === undefined || certificate.principals.includes(name)) return undefined;
  return { reason: "other-principal", text: `The certificate ${id} does not name ${name} as a principal.` };
}

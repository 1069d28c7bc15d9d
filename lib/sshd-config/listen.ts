import { type Address, parseAddress, printAddress } from "@/lib/sshd-config/address";
import { Refusal } from "@/lib/sshd-config/reading";
import { allValues, firstValue, type Settings } from "@/lib/sshd-config/settings";
import type { World } from "@/lib/sshd-config/world";

/**
 * The addresses sshd listens on, as `sshd -T` prints them: every ListenAddress without a port with every Port.
 *
 * @throws Refusal for a name that cannot be resolved, or an address of another family than AddressFamily
 * @see OpenSSH servconf.c:add_one_listen_addr
 */
export function resolveListenAddresses(settings: Settings, world: World): string[] {
  const family = firstValue(settings, "addressfamily") ?? "any";
  const set = allValues(settings, "port");
  const ports = set.length > 0 ? set : ["22"];
  const wanted = settings.get("listenaddress") ?? [];
  if (wanted.length === 0) return ports.flatMap((port) => printAll(anyAddress(family), port));
  return wanted.flatMap((held) => {
    const host = held.name ?? "";
    const addresses = resolve(host, family, world);
    return (held.value === "" ? ports : [held.value]).flatMap((port) => printAll(addresses, port));
  });
}

/** sshd keeps what one name resolves to in order and prints it backwards. */
function printAll(addresses: readonly ListenAddress[], port: string): string[] {
  return addresses
    .map((a) =>
      a.family === 6
        ? `[${printAddress(a)}${a.scope ? `%${a.scope}` : ""}]:${port}`
        : `${printAddress(a)}:${port}`,
    )
    .reverse();
}

interface ListenAddress extends Address {
  /** The interface of a link-local address. */
  scope?: string;
}

const anyAddresses: readonly Address[] = [
  { family: 4, bytes: [0, 0, 0, 0] },
  { family: 6, bytes: new Array<number>(16).fill(0) },
];

const loopback: readonly Address[] = [
  { family: 6, bytes: [...new Array<number>(15).fill(0), 1] },
  { family: 4, bytes: [127, 0, 0, 1] },
];

function anyAddress(family: string): Address[] {
  return anyAddresses.filter((a) => isOfFamily(a, family));
}

function isOfFamily(address: Address, family: string): boolean {
  return family === "any" || (family === "inet") === (address.family === 4);
}

function resolve(host: string, family: string, world: World): ListenAddress[] {
  // getaddrinfo(3) takes a lone star for no name at all, which without AI_PASSIVE means this host itself.
  if (host === "*") return loopback.filter((a) => isOfFamily(a, family));
  const [text = "", scope] = host.split("%");
  const numeric = parseAddress(text);
  const interfaceName = scope === undefined ? undefined : scopeOf(numeric, scope);
  if (numeric && (scope === undefined || interfaceName !== undefined)) {
    if (!isOfFamily(numeric, family)) refuse(host, "Address family for hostname not supported");
    return [{ ...numeric, scope: interfaceName }];
  }
  const known = (world.hosts.get(host.toLowerCase()) ?? []).map((text) => knownAddress(text, family));
  const first = known.find((a) => a !== undefined && isOfFamily(a, family));
  if (!first) refuse(host, "Name or service not known");
  // Without `multi on` in /etc/host.conf, a name has the address of the first line that fits.
  return [first];
}

/** An address of /etc/hosts; asked for IPv4, glibc takes `::1` for 127.0.0.1 and unfolds mapped addresses. */
function knownAddress(text: string, family: string): Address | undefined {
  const address = parseAddress(text);
  if (family !== "inet" || address?.family !== 6) return address;
  const { bytes } = address;
  const isMapped = bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return { family: 4, bytes: bytes.slice(12) };
  return bytes.every((b, i) => b === (i === 15 ? 1 : 0)) ? loopback[1] : address;
}

function refuse(name: string, reason: string): never {
  throw new Refusal("fatal", "bad-value", `bad addr or host: ${name} (${reason})`, false);
}

const isLinkLocal = ({ family, bytes }: Address) =>
  family === 6 && bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;

/** The interface of an address as it is printed; undefined when there is none. The loopback one exists everywhere. */
function scopeOf(address: Address | undefined, scope: string): string | undefined {
  if (address?.family !== 6) return undefined;
  if (isLinkLocal(address)) return scope === "lo" || scope === "1" ? "lo" : undefined;
  return /^\d+$/.test(scope) ? scope : undefined;
}

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
function printAll(addresses: readonly Address[], port: string): string[] {
  return addresses
    .map((a) => (a.family === 6 ? `[${printAddress(a)}]:${port}` : `${printAddress(a)}:${port}`))
    .reverse();
}

function anyAddress(family: string): Address[] {
  const v4: Address = { family: 4, bytes: [0, 0, 0, 0] };
  const v6: Address = { family: 6, bytes: new Array<number>(16).fill(0) };
  return [v4, v6].filter((a) => isOfFamily(a, family));
}

function isOfFamily(address: Address, family: string): boolean {
  return family === "any" || (family === "inet") === (address.family === 4);
}

function resolve(host: string, family: string, world: World): Address[] {
  const numeric = parseAddress(host);
  if (numeric && isOfFamily(numeric, family)) return [numeric];
  if (numeric) refuse(host, "Address family for hostname not supported");
  const known = (world.hosts.get(host.toLowerCase()) ?? []).map(parseAddress);
  const addresses = known.filter((a): a is Address => a !== undefined && isOfFamily(a, family));
  if (addresses.length === 0) refuse(host, "Name or service not known");
  return addresses;

  function refuse(name: string, reason: string): never {
    throw new Refusal("fatal", "bad-value", `bad addr or host: ${name} (${reason})`, false);
  }
}

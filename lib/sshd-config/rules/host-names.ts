import { parseAddress } from "@/lib/sshd-config/address";

/** Is an item of a list of hosts a name, that is: neither an address nor a network nor a pattern of addresses? */
export function isHostName(item: string): boolean {
  const text = item.replace(/^!/, "").split("/")[0] ?? "";
  if (!/[a-z]/i.test(text) || text.includes(":")) return false;
  return parseAddress(text) === undefined;
}

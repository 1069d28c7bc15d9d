import type { HostRow } from "@/lib/features/hosts/views";
import { csvCell } from "@/lib/text";

const columns = [
  ["name", (host) => host.name],
  ["address", (host) => host.address],
  ["port", (host) => String(host.port)],
  ["tags", (host) => host.tags.join(" ")],
  ["state", (host) => host.condition],
  ["drifted", (host) => (host.drifted ? "yes" : "no")],
  ["openssh", (host) => host.sshdVersion ?? ""],
  ["system", (host) => host.osName ?? ""],
  ["agent", (host) => host.agentVersion ?? ""],
  ["seen", (host) => host.seenAt ?? ""],
  ["reason", (host) => host.unreachableReason ?? ""],
] as const satisfies readonly (readonly [string, (host: HostRow) => string])[];

/**
 * Hosts as CSV (RFC 4180) with a line of names. What a host said about itself can neither be a formula nor an escape.
 */
export function printHostsCsv(hosts: readonly HostRow[]): string {
  const lines = [
    columns.map(([name]) => name),
    ...hosts.map((host) => columns.map(([, textOf]) => csvCell(textOf(host)))),
  ];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

/** Hosts as JSON, one object a host, as the API's list gives them. */
export function printHostsJson(hosts: readonly HostRow[]): string {
  return `${JSON.stringify(hosts, null, 2)}\n`;
}

import type { HostRow } from "@/lib/features/hosts/views";

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

/** What a spreadsheet would take for a formula. */
const formula = /^[=+\-@\t\r]/;
/** Terminal escapes and line ends: they would act in a terminal, or break the row. */
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

function cell(text: string): string {
  // An apostrophe makes it text for every spreadsheet.
  const guarded = formula.test(text) ? `'${text}` : text;
  const plain = guarded.replace(
    control,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return /[",;\s]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/**
 * Hosts as CSV (RFC 4180) with a line of names. What a host said about itself can neither be a formula nor an escape.
 */
export function printHostsCsv(hosts: readonly HostRow[]): string {
  const lines = [
    columns.map(([name]) => name),
    ...hosts.map((host) => columns.map(([, textOf]) => cell(textOf(host)))),
  ];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

/** Hosts as JSON, one object a host, as the API's list gives them. */
export function printHostsJson(hosts: readonly HostRow[]): string {
  return `${JSON.stringify(hosts, null, 2)}\n`;
}

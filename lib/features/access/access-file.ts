import type { AccessPathView } from "@/lib/features/access/views";
import { csvCell } from "@/lib/text";

export type AccessFileRow = AccessPathView & { host: string; readAt: string };
type Row = AccessFileRow;

const keysOf = (row: Row) => row.steps.flatMap(({ key }) => (key ? [key] : []));

const columns = [
  ["host", (row) => row.host],
  ["account", (row) => row.account],
  ["person", (row) => row.personName ?? ""],
  ["from", (row) => row.from.join(" ")],
  ["to", (row) => row.to ?? ""],
  ["methods", (row) => row.steps.map((step) => step.method).join(",")],
  ["factors", (row) => String(row.factors)],
  [
    "keys",
    (row) =>
      keysOf(row)
        .flatMap((key) => key.fingerprint ?? [])
        .join(" "),
  ],
  [
    "key_comments",
    (row) =>
      keysOf(row)
        .flatMap((key) => key.comment ?? [])
        .join("; "),
  ],
  ["forced_command", (row) => row.forcedCommand ?? ""],
  ["limits", (row) => row.limits.join("; ")],
  ["certain", (row) => (row.dependsOn.length === 0 ? "yes" : "no")],
  ["depends_on", (row) => row.dependsOn.join("; ")],
  ["last_used", (row) => row.lastUsedAt ?? ""],
  ["because", (row) => row.why.map(({ text, source }) => (source ? `${source} ${text}` : text)).join("; ")],
  ["read_at", (row) => row.readAt],
] as const satisfies readonly (readonly [string, (row: Row) => string])[];

/** The first line of a CSV file of ways in. */
export const accessCsvHead = `${columns.map(([name]) => name).join(",")}\r\n`;

/** One way in as a line of CSV; text of a host can neither be a formula nor an escape. */
export function printAccessCsvRow(row: Row): string {
  return `${columns.map(([, textOf]) => csvCell(textOf(row))).join(",")}\r\n`;
}

/** Ways in as CSV (RFC 4180) with a line of names. */
export function printAccessCsv(rows: readonly Row[]): string {
  return accessCsvHead + rows.map(printAccessCsvRow).join("");
}

/** Ways in as JSON, as the page shows them. */
export function printAccessJson(rows: readonly Row[]): string {
  return `${JSON.stringify(rows, null, 2)}\n`;
}

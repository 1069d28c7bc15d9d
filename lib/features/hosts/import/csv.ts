import {
  type ImportEntry,
  type ParsedImport,
  parsePort,
  type SkippedLine,
} from "@/lib/features/hosts/import/entry";

const columnNames = {
  name: ["name", "host", "hostname"],
  address: ["address", "ip", "fqdn", "target"],
  port: ["port"],
  tags: ["tags", "tag", "groups"],
} as const;
type Column = keyof typeof columnNames;

const withoutHeader: readonly Column[] = ["name", "address", "port", "tags"];

/**
 * Hosts from comma- or semicolon-separated values: `name,address,port,tags`, with or without a line of titles.
 *
 * A title line may name the columns in any order; others are ignored. Tags are separated by spaces or `|`.
 *
 * @see RFC 4180
 */
export function parseCsv(text: string): ParsedImport {
  const records = recordsOf(text);
  const titles = records[0]?.values.map(columnOf) ?? [];
  const hasTitles = titles.includes("name") || titles.includes("address");
  const columns = hasTitles ? titles : withoutHeader;
  const entries: ImportEntry[] = [];
  const skipped: SkippedLine[] = [];
  for (const { line, values } of records.slice(hasTitles ? 1 : 0)) {
    const field = (column: Column) => (values[columns.indexOf(column)] ?? "").trim();
    const address = field("address") || field("name");
    const port = parsePort(field("port") || "22");
    if (address === "")
      skipped.push({ line, text: values.join(","), reason: "There is no name and no address." });
    else if (port === undefined)
      skipped.push({ line, text: values.join(","), reason: `${field("port")} is no port.` });
    else {
      const tags = field("tags")
        .split(/[\s|]+/)
        .filter(Boolean);
      entries.push({ line, name: field("name") || address, address, port, tags });
    }
  }
  return { entries, skipped };
}

function columnOf(title: string): Column | undefined {
  const key = title.trim().toLowerCase();
  return withoutHeader.find((column) => (columnNames[column] as readonly string[]).includes(key));
}

/** Records with the line on which each begins; a quoted value may hold separators, quotes and line ends. */
function recordsOf(text: string): { line: number; values: string[] }[] {
  const separator = /^[^,\n]*;/.test(text) ? ";" : ",";
  const records: { line: number; values: string[] }[] = [];
  let [line, begin, value, isQuoted] = [1, 1, "", false];
  let values: string[] = [];
  const endRecord = () => {
    values.push(value);
    if (values.some((field) => field.trim() !== "") && !values[0]?.trim().startsWith("#"))
      records.push({ line: begin, values });
    [values, value, begin] = [[], "", line + 1];
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (isQuoted) {
      if (character === '"' && text[i + 1] === '"') {
        value += '"';
        i++;
      } else if (character === '"') isQuoted = false;
      else value += character;
    } else if (character === '"' && value.trim() === "") [isQuoted, value] = [true, ""];
    else if (character === separator) {
      values.push(value);
      value = "";
    } else if (character === "\n") endRecord();
    else if (character !== "\r") value += character;
    if (character === "\n") line++;
  }
  endRecord();
  return records;
}

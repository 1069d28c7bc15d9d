import { parseAnsible } from "@/lib/features/hosts/import/ansible";
import { parseCsv } from "@/lib/features/hosts/import/csv";
import type { ImportEntry, ParsedImport, SkippedLine } from "@/lib/features/hosts/import/entry";
import { parseKnownHosts } from "@/lib/features/hosts/import/known-hosts";
import { parseSshConfig } from "@/lib/features/hosts/import/ssh-config";
import { HostAddress, HostName, type importFormats, Tag } from "@/lib/features/hosts/schema";
import type { ImportPreviewView } from "@/lib/features/hosts/views";

type Format = (typeof importFormats)[number];
type Preview = ImportPreviewView["hosts"][number];

const parsers: Record<Format, (text: string) => ParsedImport> = {
  ssh_config: parseSshConfig,
  known_hosts: parseKnownHosts,
  ansible: parseAnsible,
  csv: parseCsv,
};

/** One import, as one `importHosts` takes them. */
const mostHosts = 3000;
const mostTags = 20;
/** A known_hosts line with an RSA key of 8192 bits has 1,500. */
const longestLine = 2048;

/**
 * What would become of each host in a text; total.
 *
 * @param known hosts that are here already
 */
export function parseImport(
  format: Format,
  text: string,
  known: readonly { name: string; address: string; port: number }[],
): ImportPreviewView {
  const { readable, tooLong } = withoutLongLines(text);
  const { entries, skipped } = parsers[format](readable);
  const names = new Map(known.map((host) => [host.name.toLowerCase(), host.name]));
  const places = new Map(known.map((host) => [placeOf(host), host.name]));
  const seen = new Map<string, number>();
  const left = entries.slice(mostHosts).map((entry) => ({
    line: entry.line,
    text: entry.name,
    reason: `One import takes ${mostHosts} hosts. Import the rest afterwards.`,
  }));
  return {
    hosts: entries.slice(0, mostHosts).map((entry) => judge(entry, names, places, seen)),
    skipped: [...tooLong, ...skipped, ...left].sort((a, b) => a.line - b.line),
  };
}

/** Long lines are left out and named: the time that the readers' patterns take grows with the square of a line. */
function withoutLongLines(text: string): { readable: string; tooLong: SkippedLine[] } {
  const tooLong: SkippedLine[] = [];
  const lines = text.split(/\r\n|\n|\r/).map((line, index) => {
    if (line.length <= longestLine) return line;
    tooLong.push({
      line: index + 1,
      text: line.trim().slice(0, 120),
      reason: `The line is longer than ${longestLine} characters.`,
    });
    return "";
  });
  return { readable: lines.join("\n"), tooLong };
}

function judge(
  entry: ImportEntry,
  names: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, string>,
  seen: Map<string, number>,
): Preview {
  const tags = [...new Set(entry.tags.map((tag) => tag.toLowerCase()))].filter(
    (tag) => Tag.safeParse(tag).success,
  );
  const host = {
    name: entry.name,
    address: entry.address,
    port: entry.port,
    tags: tags.slice(0, mostTags),
    line: entry.line,
  };
  const problem =
    HostName.safeParse(entry.name).error?.issues[0]?.message ??
    HostAddress.safeParse(entry.address).error?.issues[0]?.message;
  if (problem) return { ...host, verdict: "invalid", reason: problem };
  const existing = names.get(entry.name.toLowerCase()) ?? places.get(placeOf(entry));
  if (existing !== undefined)
    return { ...host, verdict: "exists", reason: `Gatehouse has this host already: ${existing}.` };
  const keys = [`name ${entry.name.toLowerCase()}`, placeOf(entry)];
  const earlier = keys.map((key) => seen.get(key)).find((line) => line !== undefined);
  if (earlier !== undefined)
    return { ...host, verdict: "duplicate", reason: `The same name or address stands in line ${earlier}.` };
  for (const key of keys) seen.set(key, entry.line);
  return { ...host, verdict: "new", reason: null };
}

function placeOf(host: { address: string; port: number }): string {
  return `${host.address.toLowerCase()} ${host.port}`;
}

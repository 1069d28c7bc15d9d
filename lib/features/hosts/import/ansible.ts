import { parseAnsibleYaml } from "@/lib/features/hosts/import/ansible-yaml";
import {
  type ImportEntry,
  linesOf,
  type ParsedImport,
  parseHostAndPort,
  parsePort,
  type SkippedLine,
} from "@/lib/features/hosts/import/entry";

/** One range stands for at most so many hosts. */
const largestRange = 3000;

/** The hosts of an Ansible inventory, INI or YAML; their groups become tags. */
export function parseAnsible(text: string): ParsedImport {
  const isYaml = /^---|^[A-Za-z0-9_.-]+:\s*(#.*)?$/m.test(text) && !/^\s*\[/m.test(text);
  return isYaml ? parseAnsibleYaml(text) : parseAnsibleIni(text);
}

function parseAnsibleIni(text: string): ParsedImport {
  const entries = new Map<string, ImportEntry>();
  const skipped: SkippedLine[] = [];
  let group: string | undefined;
  let isHosts = true;
  for (const { number, text: line } of linesOf(text)) {
    const skip = (reason: string) => skipped.push({ line: number, text: line.trim().slice(0, 120), reason });
    const section = /^\s*\[([^\]:]+)(?::([a-z]+))?\]\s*(?:#.*)?$/.exec(line);
    if (section) {
      group = section[1];
      isHosts = section[2] === undefined;
      if (!isHosts && section[2] !== "vars")
        skip(`The section ${section[1]}:${section[2]} names groups, not hosts.`);
      continue;
    }
    if (!isHosts) continue;
    const words = line
      .trim()
      .replace(/\s+#.*$/, "")
      .split(/\s+/);
    const variables = new Map(
      words.slice(1).map((word) => {
        const [name = "", ...value] = word.split("=");
        return [name, value.join("=").replace(/^(["'])(.*)\1$/, "$2")];
      }),
    );
    const names = expandRange(words[0] ?? "");
    if (!names) {
      skip(`The range cannot be read, or stands for more than ${largestRange} hosts.`);
      continue;
    }
    for (const name of names) {
      const entry = entryOf({ name, variables, line: number, group });
      if (typeof entry === "string") skip(entry);
      else merge(entries, entry);
    }
  }
  return { entries: [...entries.values()], skipped };
}

/** @returns the entry, or why there is none */
export function entryOf(host: {
  name: string;
  variables: ReadonlyMap<string, string>;
  line: number;
  group: string | undefined;
}): ImportEntry | string {
  const { variables } = host;
  if (variables.get("ansible_connection") === "local")
    return `${host.name} is the machine of Ansible itself.`;
  const target = parseHostAndPort(host.name);
  if (!target) return `${host.name} has a port that is none.`;
  const address = variables.get("ansible_host") ?? variables.get("ansible_ssh_host") ?? target.address;
  if (/\{\{/.test(address)) return `${host.name}'s address is a template.`;
  const portText = variables.get("ansible_port") ?? variables.get("ansible_ssh_port");
  const port = portText === undefined ? target.port : parsePort(portText);
  if (port === undefined) return `${host.name}'s port, ${portText}, is none.`;
  const tag = tagOf(host.group);
  return { line: host.line, name: target.address, address, port, tags: tag ? [tag] : [] };
}

/** A host that stands in several groups is one host with several tags. */
export function merge(entries: Map<string, ImportEntry>, entry: ImportEntry): void {
  const earlier = entries.get(entry.name);
  if (!earlier) {
    entries.set(entry.name, entry);
    return;
  }
  const isDefault = earlier.address === earlier.name && earlier.port === 22;
  const { address, port } = isDefault ? entry : earlier;
  entries.set(entry.name, {
    ...earlier,
    address,
    port,
    tags: [...new Set([...earlier.tags, ...entry.tags])],
  });
}

function tagOf(group: string | undefined): string | undefined {
  if (group === undefined || group === "all" || group === "ungrouped") return undefined;
  const tag = group
    .toLowerCase()
    .replace(/[^a-z0-9._:/-]/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 40);
  return tag === "" ? undefined : tag;
}

/**
 * "web[01:20].example.org" → twenty names, "db-[a:c]" → three.
 *
 * @returns undefined when a range is wrong or too long
 */
export function expandRange(pattern: string): string[] | undefined {
  const match = /^(.*?)\[([0-9]+|[a-z]):([0-9]+|[a-z])(?::([0-9]+))?\](.*)$/i.exec(pattern);
  if (!match) return [pattern];
  const [, before = "", from = "", to = "", stepText = "1", after = ""] = match;
  const isNumber = /^[0-9]+$/.test(from);
  if (isNumber !== /^[0-9]+$/.test(to)) return undefined;
  const [first, last] = isNumber ? [Number(from), Number(to)] : [from.charCodeAt(0), to.charCodeAt(0)];
  const step = Number(stepText);
  if (step < 1 || last < first || (last - first) / step >= largestRange) return undefined;
  const tails = expandRange(after);
  if (!tails) return undefined;
  const names: string[] = [];
  for (let value = first; value <= last; value += step) {
    const text = isNumber ? String(value).padStart(from.length, "0") : String.fromCharCode(value);
    for (const tail of tails) names.push(`${before}${text}${tail}`);
    if (names.length > largestRange) return undefined;
  }
  return names;
}

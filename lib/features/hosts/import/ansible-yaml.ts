import { entryOf, expandRange, merge } from "@/lib/features/hosts/import/ansible";
import {
  type ImportEntry,
  linesOf,
  type ParsedImport,
  type SkippedLine,
} from "@/lib/features/hosts/import/entry";

/** A key with what is indented below it. */
interface Node {
  readonly line: number;
  readonly key: string;
  readonly value: string;
  readonly indent: number;
  readonly children: Node[];
}

/**
 * The hosts of an inventory in YAML.
 *
 * Reads what inventories are made of (maps, by indentation, with plain or quoted values) and names what it leaves out
 * (lists, anchors, inline maps). A whole YAML reader would be a dependency for a file that people import once.
 */
export function parseAnsibleYaml(text: string): ParsedImport {
  const skipped: SkippedLine[] = [];
  const entries = new Map<string, ImportEntry>();
  for (const root of readNodes(text, skipped)) readGroup(root, entries, skipped);
  return { entries: [...entries.values()], skipped };
}

function readGroup(group: Node, entries: Map<string, ImportEntry>, skipped: SkippedLine[]): void {
  for (const part of group.children) {
    if (part.key === "children") for (const child of part.children) readGroup(child, entries, skipped);
    if (part.key !== "hosts") continue;
    for (const host of part.children) {
      const skip = (reason: string) => skipped.push({ line: host.line, text: host.key, reason });
      const variables = new Map(host.children.map((child) => [child.key, child.value]));
      const names = expandRange(host.key);
      if (!names) skip("The range cannot be read, or is too long.");
      for (const name of names ?? []) {
        const entry = entryOf({ name, variables, line: host.line, group: group.key });
        if (typeof entry === "string") skip(entry);
        else merge(entries, entry);
      }
    }
  }
}

function readNodes(text: string, skipped: SkippedLine[]): Node[] {
  const roots: Node[] = [];
  const open: Node[] = [];
  for (const { number, text: line } of linesOf(text)) {
    if (/^(---|\.\.\.)/.test(line)) continue;
    const match = /^( *)("[^"]*"|'[^']*'|[^\s#'"{}[\]&*!|>%@`-][^#{}]*?|[^\s:#]+?)\s*:(?:\s+(.*))?$/.exec(
      line,
    );
    if (!match) {
      skipped.push({
        line: number,
        text: line.trim().slice(0, 120),
        reason: "Only maps are read: no list, no tab, no inline value.",
      });
      continue;
    }
    const [, spaces = "", key = "", rest = ""] = match;
    const value = unquote(rest.replace(/(^|\s)#.*$/, "").trim());
    if (/^[[{&*|>]/.test(value) && value !== "{}")
      skipped.push({
        line: number,
        text: line.trim().slice(0, 120),
        reason: "Lists, anchors and inline maps are not read.",
      });
    const node: Node = { line: number, key: unquote(key), value, indent: spaces.length, children: [] };
    while (open.length > 0 && (open.at(-1)?.indent ?? -1) >= node.indent) open.pop();
    (open.at(-1)?.children ?? roots).push(node);
    open.push(node);
  }
  return roots;
}

function unquote(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, "$2");
}

import {
  type ImportEntry,
  linesOf,
  type ParsedImport,
  parseHostAndPort,
  type SkippedLine,
} from "@/lib/features/hosts/import/entry";

/**
 * The hosts of a known_hosts file, one a line however many names and keys it has.
 *
 * The host keys in it are not taken over: whoever wrote the file may have accepted them unseen. Pins come from the
 * install command or from a comparison.
 *
 * @see sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT"
 */
export function parseKnownHosts(text: string): ParsedImport {
  const entries: ImportEntry[] = [];
  const skipped: SkippedLine[] = [];
  const seen = new Set<string>();
  for (const { number, text: line } of linesOf(text)) {
    const fields = line.trim().split(/\s+/);
    const skip = (reason: string) => skipped.push({ line: number, text: line.trim().slice(0, 120), reason });
    const names = fields[0] ?? "";
    if (names.startsWith("@")) skip(`A line marked ${names} names no host of its own.`);
    else if (fields.length < 3) skip("This is no line of a known_hosts file.");
    else if (names.startsWith("|")) skip("The host's name is hashed and cannot be read.");
    else if (/[*?!]/.test(names)) skip("The name is a pattern, not one host.");
    else {
      const hosts = names.split(",").map(parseHostAndPort);
      const named = hosts.find((host) => host && !isIpAddress(host.address)) ?? hosts[0];
      if (!named) skip("The port is none.");
      else if (!seen.has(`${named.address}:${named.port}`)) {
        // A host has a line for each of its keys: one entry is enough, and no duplicate.
        seen.add(`${named.address}:${named.port}`);
        entries.push({ line: number, name: named.address, ...named, tags: [] });
      }
    }
  }
  return { entries, skipped };
}

function isIpAddress(text: string): boolean {
  return /^[0-9.]+$/.test(text) || text.includes(":");
}

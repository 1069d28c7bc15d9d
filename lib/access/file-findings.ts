import { type Finding, type FindingInput, situationOf } from "@/lib/access/finding";
import { isSecure } from "@/lib/access/host-files";
import { keyFilesOf } from "@/lib/access/key-files";
import { readRevokedFile } from "@/lib/access/revocation";
import { matchesPattern } from "@/lib/sshd-config/pattern";

/** Files of keys, and directories above them, that others than the account and root can write. */
export function findWritablePaths({ server, now }: FindingInput): Finding[] {
  const found = new Map<string, Finding>();
  for (const account of server.accounts.values()) {
    const situation = situationOf(server, account, now);
    for (const file of keyFilesOf(situation, account)) {
      const real = file === undefined ? undefined : server.files.realPath(file);
      if (real === undefined) continue;
      const home = server.files.realPath(account.home);
      for (const path of pathAndAbove(real, home)) {
        const facts = server.files.stat(path);
        if (!facts || found.has(path) || isSecure(server.facts, facts, account.uid)) continue;
        const isStrict = situation.effective.isYes("strictmodes");
        const { mode = 0o777 } = facts;
        // Outside of a home others have their keys there, too: only root may own it, and all have to read it.
        const isHomes = home !== undefined && (path === home || path.startsWith(`${home}/`));
        const uid = isHomes && facts.uid !== 0 ? account.uid : 0;
        const owner = uid === account.uid ? account.name : "root";
        const isTaken = !isHomes && facts.uid !== 0;
        const read = !isTaken ? 0 : facts.kind === "directory" ? 0o055 : 0o044;
        found.set(path, {
          code: "writable-path",
          severity: isStrict ? "medium" : "high",
          account: account.name,
          what: `Others than ${owner} own or can write ${path}.`,
          why: isStrict
            ? "sshd ignores the keys below it (StrictModes)."
            : "StrictModes is off: whoever can write it can let themselves in.",
          advice: `chown ${owner} ${path} and chmod ${isTaken ? "go=rX" : "go-w"} ${path}.`,
          source: path,
          fix: { kind: "set-mode", path, uid, mode: (mode & ~0o022) | read },
        });
      }
    }
  }
  return [...found.values()];
}

function pathAndAbove(path: string, home: string | undefined): string[] {
  const paths = [path];
  for (let at = path.lastIndexOf("/"); at >= 0; at = path.lastIndexOf("/", at - 1)) {
    const above = path.slice(0, at) || "/";
    paths.push(above);
    if (above === home || above === "/") break;
  }
  return paths;
}

/** Files of RevokedKeys that are missing or cannot be read. */
export function findUnreadableRevocation({ server, now }: FindingInput): Finding[] {
  const found = new Map<string, Finding>();
  for (const account of server.accounts.values()) {
    const { effective } = situationOf(server, account, now);
    for (const { value, origin } of effective.held("revokedkeys")) {
      if (effective.isNone("revokedkeys") || found.has(value)) continue;
      const file = readRevokedFile(server, value);
      if (file.revoked) continue;
      found.set(value, {
        code: "revoked-keys-unreadable",
        severity: "high",
        what: `RevokedKeys ${value}: ${file.reason}.`,
        why: "sshd refuses every key until it can read the list.",
        advice: `Put a list of keys or a KRL at ${value} (an empty file will do), or take the line out.`,
        ...(origin && { source: `${origin.path}:${origin.line}` }),
      });
    }
  }
  return [...found.values()];
}

/** Names in AllowUsers and AllowGroups, in whatever block, that nothing on the host has. */
export function findDeadNames({ server }: FindingInput): Finding[] {
  // What was cut may hold the name.
  if (server.facts.cuts.length > 0) return [];
  const users = [...server.accounts.keys()];
  const groups = server.facts.groups.map((g) => g.name);
  return server.allowed.flatMap(({ keyword, word, path, line }): Finding[] => {
    const isUsers = keyword === "AllowUsers";
    const pattern = isUsers ? (word.split("@")[0] ?? "") : word;
    if ((isUsers ? users : groups).some((name) => matchesPattern(name, pattern))) return [];
    const what = isUsers ? "account" : "group";
    // An empty list would let everybody in: another word has to stay on the line.
    const isAlone = server.allowed.filter((a) => a.path === path && a.line === line).length < 2;
    return [
      {
        code: "dead-name",
        severity: "low",
        what: `${keyword} ${word} fits no ${what} of this host.`,
        why: `Whoever creates ${what === "group" ? "a group" : "an account"} of that name later is let in without anybody deciding it.`,
        advice: `Take ${word} out of ${keyword}, or create the ${what}.`,
        source: `${path}:${line}`,
        ...(!isAlone && { fix: { kind: "remove-word", path, line, keyword, word } }),
      },
    ];
  });
}

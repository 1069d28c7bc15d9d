import { needsMac, ownClient } from "@/lib/sshd-config/own-client";

/**
 * Does the management account still get in? Judged by what the host's own sshd says (`sshd -T -C user=…`), before
 * and after the change: it gets in today, so what was there before and still is there cannot be what shuts it out.
 *
 * A second opinion in words, for the plan page. The agent judges again on the host, and the proof is a login.
 */

/** What has to stay true for our login. */
export interface ManagementLogin {
  readonly account: string;
  /**
   * Every group that the host says the account is in. Left out where it does not say (an older agent): then the one
   * that agent/install.sh made, of the account's own name.
   */
  readonly groups?: readonly string[];
  /**
   * The file with our key to which AuthorizedKeysFile leads after the change, as the host looked; null: to none. Left
   * out where it did not look (an older agent): then any pattern that goes may be the one.
   */
  readonly keyFile?: string | null;
  /** The port that we connect to. */
  readonly port: number;
  /** Types of the host keys that we have pinned: "ssh-ed25519". Any other key is refused. */
  readonly pinnedTypes: readonly string[];
  /** The variable of the proof block that the changed file ends with. */
  readonly markerVariable: string;
}

export interface Obstacle {
  /** As sshd_config(5) writes it. */
  readonly keyword: string;
  /** One sentence: what stands in the way, and what to do. */
  readonly text: string;
}

export interface Lockout {
  /** Empty: nothing that `sshd -T` shows keeps us out. */
  readonly obstacles: readonly Obstacle[];
  /** What may keep us out and cannot be told from here; the fresh login will tell. */
  readonly doubts: readonly Obstacle[];
}

/** Effective settings, as lib/sshd-config/diff.ts reads a dump: keyword in lower case → its values, in order. */
export type Dump = ReadonlyMap<string, readonly string[]>;

/** What keeps the management account out once `after` is in force. */
export function findLockout(before: Dump, after: Dump, login: ManagementLogin): Lockout {
  return {
    obstacles: rules.flatMap((rule) => rule(before, after, login)),
    doubts: doubtRules.flatMap((rule) => rule(before, after, login)),
  };
}

type Rule = (before: Dump, after: Dump, login: ManagementLogin) => Obstacle[];

const rules: readonly Rule[] = [
  refusedConnection,
  deniedUser,
  notAllowedUser,
  deniedGroup,
  notAllowedGroup,
  noPublicKey,
  unsuitableMethods,
  keyTypeRefused,
  keyFileMoved,
  noAttempts,
  noSessions,
  replacedCommand,
  chrooted,
  hostKeyGone,
  noCommonAlgorithm,
  noCommonMac,
  noStartups,
  notListening,
  notProvable,
  provesNothing,
];
const doubtRules: readonly Rule[] = [otherRevokedKeys, addressPattern];

const first = (dump: Dump, keyword: string): string => dump.get(keyword)?.[0] ?? "";
const words = (dump: Dump, keyword: string): string[] =>
  (dump.get(keyword) ?? []).flatMap((value) => value.split(/\s+/)).filter((word) => word !== "");
const isYes = (value: string) => /^(?:yes|true)$/i.test(value);
const isNone = (value: string) => value === "" || /^none$/i.test(value);

function refusedConnection(_: Dump, after: Dump): Obstacle[] {
  if (!isYes(first(after, "refuseconnection"))) return [];
  return [{ keyword: "RefuseConnection", text: "RefuseConnection yes drops our connection." }];
}

function deniedUser(_: Dump, after: Dump, { account }: ManagementLogin): Obstacle[] {
  const hit = words(after, "denyusers").find((pattern) => matchesUser(pattern, account) === "yes");
  return hit === undefined
    ? []
    : [{ keyword: "DenyUsers", text: `DenyUsers ${hit} refuses the account ${account}.` }];
}

function notAllowedUser(_: Dump, after: Dump, { account }: ManagementLogin): Obstacle[] {
  const patterns = words(after, "allowusers");
  if (patterns.length === 0 || patterns.some((p) => matchesUser(p, account) !== "no")) return [];
  return [
    {
      keyword: "AllowUsers",
      text: `AllowUsers does not name the account ${account}: add it (AllowUsers ${[...patterns, account].slice(-3).join(" ")}).`,
    },
  ];
}

const groupsOf = ({ account, groups }: ManagementLogin): readonly string[] => groups ?? [account];

function deniedGroup(_: Dump, after: Dump, login: ManagementLogin): Obstacle[] {
  const { account } = login;
  const hit = words(after, "denygroups").find((pattern) =>
    groupsOf(login).some((group) => matchesPattern(pattern, group)),
  );
  return hit === undefined
    ? []
    : [{ keyword: "DenyGroups", text: `DenyGroups ${hit} refuses the account ${account} by its group.` }];
}

function notAllowedGroup(before: Dump, after: Dump, login: ManagementLogin): Obstacle[] {
  const patterns = words(after, "allowgroups");
  const groups = groupsOf(login);
  if (patterns.length === 0 || patterns.some((p) => groups.some((group) => matchesPattern(p, group))))
    return [];
  // Of an older agent: it may be in a group that we do not know of; then the same list let it in before.
  const kept = words(before, "allowgroups");
  if (login.groups === undefined && kept.length > 0 && kept.every((p) => patterns.includes(p))) return [];
  return [
    {
      keyword: "AllowGroups",
      text:
        groups.length === 1
          ? `AllowGroups does not name the group ${groups[0]}: add it, or our account is refused.`
          : `AllowGroups names no group of our account (${groups.join(", ")}): add one, or it is refused.`,
    },
  ];
}

function noPublicKey(_: Dump, after: Dump): Obstacle[] {
  if (first(after, "pubkeyauthentication").toLowerCase() !== "no") return [];
  return [{ keyword: "PubkeyAuthentication", text: "PubkeyAuthentication no: we log in with a key only." }];
}

function unsuitableMethods(_: Dump, after: Dump): Obstacle[] {
  const lists = words(after, "authenticationmethods");
  if (lists.length === 0 || lists.some((list) => list === "any" || list === "publickey")) return [];
  return [
    {
      keyword: "AuthenticationMethods",
      text: `AuthenticationMethods ${lists.join(" ")} asks for more than a key. Add a Match User block for our account with "AuthenticationMethods publickey".`,
    },
  ];
}

function keyTypeRefused(_: Dump, after: Dump): Obstacle[] {
  const keyword = after.has("pubkeyacceptedalgorithms")
    ? "pubkeyacceptedalgorithms"
    : "pubkeyacceptedkeytypes";
  const accepted = first(after, keyword);
  if (accepted === "" || matchesList(accepted.split(","), "ssh-ed25519")) return [];
  return [
    {
      keyword: "PubkeyAcceptedAlgorithms",
      text: "PubkeyAcceptedAlgorithms leaves out ssh-ed25519, the type of our key.",
    },
  ];
}

function keyFileMoved(before: Dump, after: Dump, { keyFile }: ManagementLogin): Obstacle[] {
  const kept = words(after, "authorizedkeysfile");
  if (keyFile) return [];
  if (keyFile === null)
    return [
      {
        keyword: "AuthorizedKeysFile",
        text: `AuthorizedKeysFile ${kept.join(" ")} leads to no file with our key. Keep a pattern that finds it.`,
      },
    ];
  // The installer put our key into the first file that sshd named; any file that is gone may be it.
  const gone = words(before, "authorizedkeysfile").filter((file) => !kept.includes(file));
  if (gone.length === 0) return [];
  return [
    {
      keyword: "AuthorizedKeysFile",
      text: `AuthorizedKeysFile no longer reads ${gone.join(" ")}, where our key may be. Keep it in the list.`,
    },
  ];
}

function noAttempts(_: Dump, after: Dump): Obstacle[] {
  if (first(after, "maxauthtries") !== "0") return [];
  return [{ keyword: "MaxAuthTries", text: "MaxAuthTries 0: sshd tries no method at all, nobody gets in." }];
}

function noSessions(_: Dump, after: Dump): Obstacle[] {
  if (first(after, "maxsessions") !== "0") return [];
  return [{ keyword: "MaxSessions", text: "MaxSessions 0: our login could run nothing." }];
}

function replacedCommand(_: Dump, after: Dump): Obstacle[] {
  const command = first(after, "forcecommand");
  if (isNone(command)) return [];
  return [
    {
      keyword: "ForceCommand",
      text: "ForceCommand would run instead of our agent. Exclude our account by a Match User block.",
    },
  ];
}

function chrooted(_: Dump, after: Dump): Obstacle[] {
  if (isNone(first(after, "chrootdirectory"))) return [];
  return [{ keyword: "ChrootDirectory", text: "ChrootDirectory hides our agent from our own account." }];
}

function hostKeyGone(_: Dump, after: Dump, { pinnedTypes }: ManagementLogin): Obstacle[] {
  const offered = first(after, "hostkeyalgorithms");
  const algorithms = pinnedTypes.flatMap((type) =>
    type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type],
  );
  if (offered === "" || algorithms.some((algorithm) => matchesList(offered.split(","), algorithm))) return [];
  return [
    {
      keyword: "HostKeyAlgorithms",
      text: `HostKeyAlgorithms offers none of the host keys that are pinned here (${pinnedTypes.join(", ")}).`,
    },
  ];
}

const ours = { kexalgorithms: ownClient.kex, ciphers: ownClient.ciphers } as const;

function noCommonAlgorithm(_: Dump, after: Dump): Obstacle[] {
  const names = { kexalgorithms: "KexAlgorithms", ciphers: "Ciphers" } as const;
  return (["kexalgorithms", "ciphers"] as const).flatMap((keyword) => {
    const offered = first(after, keyword);
    if (offered === "" || ours[keyword].some((algorithm) => matchesList(offered.split(","), algorithm)))
      return [];
    return [
      {
        keyword: names[keyword],
        text: `${names[keyword]} names nothing that Gatehouse's own SSH client speaks. Keep one of ${ours[keyword].slice(0, 3).join(", ")}.`,
      },
    ];
  });
}

/** A cipher that brings no MAC of its own needs one of the list that both sides speak. */
function noCommonMac(_: Dump, after: Dump): Obstacle[] {
  const offered = first(after, "ciphers").split(",");
  const common = ownClient.ciphers.filter((cipher) => matchesList(offered, cipher));
  const macs = first(after, "macs");
  if (macs === "" || common.length === 0 || !common.every(needsMac)) return [];
  if (ownClient.macs.some((mac) => matchesList(macs.split(","), mac))) return [];
  return [
    {
      keyword: "MACs",
      text: `MACs names nothing that Gatehouse's own SSH client speaks, and the ciphers that are left need one. Keep one of ${ownClient.macs.slice(0, 2).join(", ")}.`,
    },
  ];
}

/** sshd -T prints start:rate:full; full 0 refuses the first connection already. sshd.c:should_drop_connection */
function noStartups(_: Dump, after: Dump): Obstacle[] {
  const [start = 1, rate = 0, full = 1] = (first(after, "maxstartups") || "10:30:100").split(":").map(Number);
  const obstacles: Obstacle[] = [];
  if (full < 1 || (start < 1 && rate > 99))
    obstacles.push({ keyword: "MaxStartups", text: "MaxStartups 0: sshd drops every connection." });
  if (first(after, "persourcemaxstartups") === "0")
    obstacles.push({
      keyword: "PerSourceMaxStartups",
      text: "PerSourceMaxStartups 0: sshd drops every connection.",
    });
  return obstacles;
}

/** Only a port that sshd_config named before can be taken away by it: SSHD_OPTS and ssh.socket rule over it. */
function notListening(before: Dump, after: Dump, { port }: ManagementLogin): Obstacle[] {
  const listens = (dump: Dump) =>
    words(dump, "listenaddress").some((address) => address.endsWith(`:${port}`)) ||
    (!dump.has("listenaddress") && words(dump, "port").includes(String(port)));
  if (!listens(before) || listens(after)) return [];
  return [
    {
      keyword: "Port",
      text: `sshd would no longer listen on port ${port}, where we reach this host. Add the new port first, and drop the old one in a second change.`,
    },
  ];
}

function notProvable(_: Dump, after: Dump, { markerVariable }: ManagementLogin): Obstacle[] {
  const accepted = words(after, "acceptenv");
  if (accepted.some((pattern) => matchesPattern(pattern, markerVariable))) return [];
  return [
    {
      keyword: "AcceptEnv",
      text: "This file is not in force for our account (it is read inside a Match block, or no longer read), so a login cannot prove it. Edit the file that includes it.",
    },
  ];
}

/** A pattern that lets any variable through lets the decoy of the fresh login through too. */
function provesNothing(_: Dump, after: Dump): Obstacle[] {
  const wide = words(after, "acceptenv").find((pattern) =>
    matchesPattern(pattern, "GATEHOUSE_CHANGE_nobodygavethisaway00"),
  );
  if (wide === undefined) return [];
  return [
    {
      keyword: "AcceptEnv",
      text: `AcceptEnv ${wide} lets every variable in, so a login could prove nothing. Narrow it.`,
    },
  ];
}

function otherRevokedKeys(before: Dump, after: Dump): Obstacle[] {
  const now = first(after, "revokedkeys");
  if (isNone(now) || now === first(before, "revokedkeys")) return [];
  return [
    {
      keyword: "RevokedKeys",
      text: `RevokedKeys ${now}: when that file is missing or unreadable, sshd refuses every key.`,
    },
  ];
}

function addressPattern(_: Dump, after: Dump, { account }: ManagementLogin): Obstacle[] {
  return (["allowusers", "denyusers"] as const).flatMap((keyword) => {
    const patterns = words(after, keyword);
    if (keyword === "allowusers" && patterns.some((p) => matchesUser(p, account) === "yes")) return [];
    return patterns
      .filter((pattern) => matchesUser(pattern, account) === "depends")
      .map((pattern) => ({
        keyword: keyword === "allowusers" ? "AllowUsers" : "DenyUsers",
        text: `${pattern} depends on the address from which the host sees us.`,
      }));
  });
}

/** "user" or "user@host" against our account; "depends" where the host part decides. match.c:match_user */
function matchesUser(pattern: string, account: string): "yes" | "no" | "depends" {
  const at = pattern.lastIndexOf("@");
  if (at < 0) return matchesPattern(pattern, account) ? "yes" : "no";
  if (!matchesPattern(pattern.slice(0, at), account)) return "no";
  return pattern.slice(at + 1) === "*" ? "yes" : "depends";
}

/** A comma list with negation, as in the algorithm lists. match.c:match_pattern_list */
function matchesList(patterns: readonly string[], text: string): boolean {
  if (patterns.some((p) => p.startsWith("!") && matchesPattern(p.slice(1), text))) return false;
  return patterns.some((p) => !p.startsWith("!") && matchesPattern(p, text));
}

/** `*` and `?`, letters as they are. match.c:match_pattern */
function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

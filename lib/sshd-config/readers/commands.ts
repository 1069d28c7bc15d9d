import { equalsIgnoringCase } from "@/lib/sshd-config/pattern";
import type { Reader, Reading } from "@/lib/sshd-config/reading";
import type { Held } from "@/lib/sshd-config/settings";

/** The rest of the line as it stands, or undefined when there is none. */
function restOf(r: Reading): string | undefined {
  return r.restOfLine()?.replace(/^[ \t\r\n]+/, "");
}

function requiredRest(r: Reading): string {
  const rest = restOf(r);
  if (!rest) r.fatal("missing-value", r.splitsAhead ? `${r.spelled} missing argument.` : "Missing argument.");
  return rest;
}

/** ForceCommand. */
export const readCommandText: Reader = (r: Reading) => r.setOne(requiredRest(r));

/** VersionAddendum: goes out in the greeting, so it must stay one line. */
export const readVersionAddendum: Reader = (r: Reading) => {
  const text = requiredRest(r);
  const none = equalsIgnoringCase(text, "none");
  const first = r.active && !r.isSet();
  if (text.includes("\r") && (r.splitsAhead || (first && !none))) {
    r.fatal("bad-value", r.splitsAhead ? `Invalid ${r.spelled} argument` : "Invalid argument");
  }
  r.setOne(none ? "none" : text);
};

/** AuthorizedKeysCommand and AuthorizedPrincipalsCommand: an absolute path with arguments, or `none`. */
export const readCommand: Reader = (r: Reading) => {
  const name = r.splitsAhead ? r.spelled : r.keyword.name;
  const text = restOf(r);
  if (text === undefined) r.fatal("missing-value", "Missing argument.");
  const isCommand = text.startsWith("/") || equalsIgnoringCase(text, "none");
  const looksAt = r.splitsAhead || (r.active && !r.isSet());
  if (!isCommand && looksAt) r.fatal("bad-value", `${name} must be an absolute path`);
  // From 8.7 to 9.3 the wrong variable was asked: a keys command that is set blocks the principals command, and
  // without one the last principals command wins. Ubuntu 22.04 has the correction.
  const misled = r.build.release >= 807 && r.build.release < 904 && r.build.id !== "ubuntu22.04-8.9p1";
  if (!misled) r.setOne(text);
  else if (!r.isSet("authorizedkeyscommand")) r.replace([text]);
};

/** A word with quotes where it needs them, as sshd writes it back. */
export function assembleWord(word: string): string {
  const escaped = word.replace(/[\\'"]/g, "\\$&");
  return /[ \t]/.test(word) ? `"${escaped}"` : escaped;
}

const maxSubsystems = 256;
const none: readonly Held[] = [];

/** The names that a list of subsystems holds: a file may define thousands. */
const namesOf = new WeakMap<readonly Held[], Set<string>>();

function isDefined(name: string, all: readonly Held[]): boolean {
  const names = namesOf.get(all) ?? new Set<string>();
  namesOf.set(all, names);
  // One line adds one name, and none is there twice.
  for (let i = names.size; i < all.length; i++) names.add(all[i]?.name ?? "");
  return names.has(name);
}

/** Subsystem NAME COMMAND…: one command a name. */
export const readSubsystem: Reader = (r: Reading) => {
  const release = r.build.release;
  const all = r.settings.get(r.key) ?? none;
  if (release < 905 && all.length >= maxSubsystems) r.fatal("too-many", "too many subsystems defined.");
  const name = r.requiredBy("Missing subsystem name.");
  const defined = isDefined(name, all);
  if (release >= 1003) {
    const command = r.required(`${r.spelled} missing argument.`);
    if (r.active && !defined) r.add([command, ...r.leftOfList()].map(assembleWord).join(" "), name);
    r.skipRest();
    return;
  }
  if (!r.active) {
    if (release >= 905) r.skipRest();
    else r.next();
    return;
  }
  if (defined && release < 905) r.fatal("duplicate", `Subsystem '${name}' already defined.`);
  if (defined) {
    r.skipRest();
    return;
  }
  const command = r.required("Missing subsystem command.");
  const args = r.leftOfList();
  if (release < 905) r.add([command, ...args].join(" "), name);
  // 9.5 to 9.6 leave a blank behind a command without arguments.
  else if (release < 907) r.add(`${assembleWord(command)} ${args.map(assembleWord).join(" ")}`, name);
  else r.add([command, ...args].map(assembleWord).join(" "), name);
};

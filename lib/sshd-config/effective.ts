import { algorithmFamily, assembleAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import { findKeyword, isAllowedInMatch } from "@/lib/sshd-config/directives";
import { equalsIgnoringCase } from "@/lib/sshd-config/pattern";
import { Refusal } from "@/lib/sshd-config/reading";
import type { Held, Settings } from "@/lib/sshd-config/settings";

/** The lists of algorithms in the order in which sshd puts them together, with its own names for them. */
const algorithmFields: readonly (readonly [keyword: string, field: string])[] = [
  ["ciphers", "ciphers"],
  ["macs", "macs"],
  ["kexalgorithms", "kex_algorithms"],
  ["hostkeyalgorithms", "hostkeyalgorithms"],
  ["hostbasedacceptedkeytypes", "hostbased_key_types"],
  ["hostbasedacceptedalgorithms", "hostbased_accepted_algos"],
  ["pubkeyacceptedkeytypes", "pubkey_key_types"],
  ["pubkeyacceptedalgorithms", "pubkey_accepted_algos"],
  ["casignaturealgorithms", "ca_sign_algorithms"],
];

/** Single values that "none" clears, in any case of its letters. */
const clearedByNone = [
  "pidfile",
  "xauthlocation",
  "banner",
  "trustedusercakeys",
  "securitykeyprovider",
  "authorizedprincipalsfile",
  "forcecommand",
  "chrootdirectory",
  "rdomain",
  "hostkeyagent",
  "persourcepenaltyexemptlist",
];

/** Those that "none" clears in a Match block, too; the last one since 10.6. */
const clearedInMatch = ["forcecommand", "chrootdirectory", "authorizedprincipalsfile"];

/**
 * What the first pass comes to: lists of algorithms put together, "none" resolved.
 *
 * Defaults stay out of it; see `defaultIn` for them.
 *
 * @throws Refusal when a list of algorithms cannot be put together
 * @see OpenSSH servconf.c:fill_default_server_options
 */
export function finishFirstPass(read: Settings, build: Build): Settings {
  const settings: Settings = new Map(read);
  assembleAll(settings, build);
  for (const key of [...clearedByNone, ...(build.release < 1003 ? ["revokedkeys"] : [])]) {
    const held = settings.get(key)?.[0];
    if (held && equalsIgnoringCase(held.value, "none")) settings.set(key, [{ ...held, value: "none" }]);
  }
  const isAlone = (key: string, word: string) => {
    const held = settings.get(key);
    return held?.length === 1 && equalsIgnoringCase(held[0]!.value, word);
  };
  if (isAlone("authenticationmethods", "any")) settings.delete("authenticationmethods");
  if (isAlone("channeltimeout", "none")) settings.delete("channeltimeout");
  if (build.release >= 1003) {
    if (isAlone("revokedkeys", "none")) settings.delete("revokedkeys");
    // Not back to the default: nothing at all.
    if (isAlone("authorizedkeysfile", "none")) settings.set("authorizedkeysfile", []);
  }
  if (build.release < 807) joinChallengeResponse(settings);
  return settings;
}

/** Up to 8.6 keyboard-interactive is on when either of two keywords says so; one of them does by default. */
function joinChallengeResponse(settings: Settings): void {
  const challenge = settings.get("challengeresponseauthentication")?.[0];
  if (challenge?.value !== "no")
    settings.set("kbdinteractiveauthentication", [{ ...challenge, value: "yes" }]);
  else if (!settings.has("kbdinteractiveauthentication")) {
    settings.set("kbdinteractiveauthentication", [challenge]);
  }
}

/**
 * Puts what the Match blocks of one connection set over what holds for all.
 *
 * Lists replace lists as a whole; lists of algorithms are put together again, against the default and not
 * against the list that held before.
 *
 * @throws Refusal when a list of algorithms cannot be put together
 * @see OpenSSH servconf.c:copy_set_server_options
 */
export function overlayMatch(first: Settings, second: Settings, build: Build): Settings {
  const settings: Settings = new Map(first);
  for (const [key, held] of second) if (isCopied(key, held, build)) settings.set(key, held);
  assembleAll(settings, build);
  for (const key of clearedInMatch) {
    if (key === "authorizedprincipalsfile" && build.release < 1006) continue;
    const held = settings.get(key)?.[0];
    if (held && equalsIgnoringCase(held.value, "none")) settings.set(key, [{ ...held, value: "none" }]);
  }
  return settings;
}

/** Is a keyword's value taken over from the second pass? */
function isCopied(key: string, held: readonly Held[], build: Build): boolean {
  const keyword = findKeyword(key.split(" ")[0] ?? "");
  if (!keyword || held.length === 0) return false;
  const { release } = build;
  if (key === "setenv") return release >= 805;
  // Forgotten when 10.4 was rewritten, put right in 10.6.
  if (key === "pamservicename") return release < 1004 || release >= 1006;
  // Global only, but a list of names behind `Match all` is taken over up to 10.3.
  if (key === "permituserenvironment") return release < 1004 && !["yes", "no"].includes(held[0]!.value);
  return isAllowedInMatch(keyword, build);
}

function assembleAll(settings: Settings, build: Build): void {
  for (const [key, field] of algorithmFields) {
    const held = settings.get(key)?.[0];
    const family = algorithmFamily(key);
    if (!held || !family || family === "gss") continue;
    const list = assembleAlgorithms(held.value, family, build);
    if (list === undefined) {
      throw new Refusal("fatal", "assembly", `assemble_algorithms: ${field}: invalid argument`, false);
    }
    settings.set(key, [{ ...held, value: list }]);
  }
}

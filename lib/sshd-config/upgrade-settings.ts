import { algorithmFamily, knownAlgorithms } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import { findKeyword, resolveAlias } from "@/lib/sshd-config/directives";
import { dumpSettings } from "@/lib/sshd-config/dump";
import type { Keyword } from "@/lib/sshd-config/keyword";
import type { RuleContext } from "@/lib/sshd-config/rules/rule";
import type { Scope } from "@/lib/sshd-config/scope";
import type { UpgradeItem } from "@/lib/sshd-config/upgrade";

/** What holds after the upgrade where something else did before: for everyone, defaults too, and in each Match block. */
export function compareSettings(before: RuleContext, after: RuleContext): UpgradeItem[] {
  const idOf = ({ match }: Scope) => (match ? `${match.path}\n${match.line.from}` : "");
  const others = new Map(before.scopes.map((scope) => [idOf(scope), scope]));
  return after.scopes.flatMap((now) => {
    const old = others.get(idOf(now));
    return old ? compareScopes({ scope: old, build: before.build }, { scope: now, build: after.build }) : [];
  });
}

interface Side {
  scope: Scope;
  build: Build;
}

function compareScopes(before: Side, after: Side): UpgradeItem[] {
  const old = printScope(before, after.build);
  const now = printScope(after, after.build);
  const items: UpgradeItem[] = [];
  for (const [key, values] of now) {
    const keyword = findKeyword(key);
    if (!keyword) continue;
    const held = old.get(key);
    const item = held ? describeChange(keyword, held, values, before, after) : describeNew(keyword, after);
    if (item) items.push(item);
  }
  return items;
}

/** The lines of `sshd -T` by keyword, under the names of the later build; of a Match block only what it sets. */
function printScope({ scope, build }: Side, later: Build): Map<string, string[]> {
  const printed = new Map<string, string[]>();
  const from = new Map<string, string>();
  for (const { keyword, value } of dumpSettings(scope.settings, [], build)) {
    const entry = findKeyword(keyword);
    if (!entry || (scope.match && !scope.sets(keyword.toLowerCase()))) continue;
    const key = resolveAlias(entry, later).name.toLowerCase();
    // Up to 8.6 two keywords stand for keyboard-interactive; the first that is printed says what holds.
    if (from.has(key) && from.get(key) !== keyword) continue;
    from.set(key, keyword);
    printed.set(key, [...(printed.get(key) ?? []), value]);
  }
  return printed;
}

function describeChange(
  keyword: Keyword,
  old: readonly string[],
  now: readonly string[],
  before: Side,
  after: Side,
): UpgradeItem | undefined {
  const family = algorithmFamily(keyword.name);
  if (family && family !== "gss")
    return describeAlgorithms(keyword, old[0] ?? "", now[0] ?? "", before, after);
  const normal = (values: readonly string[]) =>
    values.map((value) => normalize(keyword, value)).filter((value) => value !== "none");
  const [a, b] = [normal(old), normal(now)];
  if (a.length === b.length && a.every((value, i) => value === b[i])) return undefined;
  const place = placeOf(keyword, before, after);
  const [was, is] = [shown(old), shown(now)];
  if (place)
    return {
      kind: "differs",
      severity: "warning",
      code: "means-otherwise",
      place,
      what: `${keyword.name} comes to ${is} on ${after.build.label}; on ${before.build.label} it comes to ${was}.`,
      why: keyword.help,
      advice: "Write the value so that both read it alike, before the upgrade.",
    };
  return {
    kind: "differs",
    severity: "info",
    code: "default-changes",
    place: undefined,
    what: `The default of ${keyword.name} changes from ${was} to ${is}.`,
    why: keyword.help,
    advice: `If something relies on it, write ${keyword.name} with the old value.`,
  };
}

function describeAlgorithms(
  keyword: Keyword,
  old: string,
  now: string,
  before: Side,
  after: Side,
): UpgradeItem | undefined {
  if (old === now) return undefined;
  const [was, is] = [old.split(","), now.split(",")];
  const gone = was.filter((name) => !is.includes(name));
  const added = is.filter((name) => !was.includes(name));
  const place = placeOf(keyword, before, after);
  const changes = [
    gone.length > 0 ? `leaves out ${gone.join(", ")}` : "",
    added.length > 0 ? `adds ${added.join(", ")}` : "",
    gone.length + added.length === 0 ? "orders its list in another way" : "",
  ].filter((text) => text !== "");
  const family = algorithmFamily(keyword.name);
  const known = family ? knownAlgorithms(family, after.build) : [];
  const kept = gone.filter((name) => known.includes(name));
  const lost = gone.length > 0 && kept.length === 0;
  return {
    kind: "differs",
    severity: gone.length > 0 ? "warning" : "info",
    code: gone.length > 0 ? "algorithms-gone" : "algorithms-change",
    place,
    what: `${after.build.label} ${changes.join(" and ")} in ${keyword.name}${place ? "" : ", by default"}.`,
    why: gone.length > 0 ? "A client or key that needs one of those left out is refused." : "",
    advice: lost
      ? "They are gone for good: replace what needs them before the upgrade."
      : kept.length > 0
        ? `Replace what needs them; until then "${keyword.name} +${kept.join(",")}" keeps them.`
        : "Nothing has to be done.",
  };
}

/** Defaults of keywords that came later which change what a host does; the others keep what was built in before. */
const newBehaviour: { readonly [keyword: string]: string } = {
  PerSourcePenalties: "An address that fails to log in several times is refused for a while, monitoring too.",
  RequiredRSASize: "RSA keys that are shorter are refused.",
};

function describeNew(keyword: Keyword, after: Side): UpgradeItem | undefined {
  const why = newBehaviour[keyword.name];
  if (after.scope.match || after.scope.sets(keyword.name.toLowerCase()) || !why) return undefined;
  return {
    kind: "differs",
    severity: "info",
    code: "new-default",
    place: undefined,
    what: `${after.build.label} has ${keyword.name}, which is on by default.`,
    why,
    advice: "Look whether that suits the host; it can be set once the host is upgraded.",
  };
}

/** Where one of the two takes the value from a line; the later one's line counts. */
function placeOf(keyword: Keyword, before: Side, after: Side): UpgradeItem["place"] {
  const key = keyword.name.toLowerCase();
  const alias = resolveOld(keyword, before.build).toLowerCase();
  return after.scope.own(key)[0]?.origin ?? before.scope.own(alias)[0]?.origin;
}

/** The name under which an older build holds what a keyword of a later one sets. */
function resolveOld(keyword: Keyword, older: Build): string {
  const names: { readonly [name: string]: string } = {
    PubkeyAcceptedAlgorithms: "PubkeyAcceptedKeyTypes",
    HostbasedAcceptedAlgorithms: "HostbasedAcceptedKeyTypes",
  };
  return older.release < 805 ? (names[keyword.name] ?? keyword.name) : keyword.name;
}

function shown(values: readonly string[]): string {
  return values.length === 0 ? "nothing" : values.map((value) => `"${value}"`).join(", ");
}

/** One spelling for what two releases print in two ways. */
function normalize(keyword: Keyword, value: string): string {
  let word = value.trim();
  for (const table of Object.values(keyword.synonyms ?? {})) {
    // Two releases print a pair in opposite ways: the first of it by letters stands for both.
    for (const pair of Object.entries(table ?? {}))
      if (pair.includes(word)) word = pair.toSorted()[0] ?? word;
  }
  return word.replace(/(\d)\.0+(?!\d)/g, "$1");
}

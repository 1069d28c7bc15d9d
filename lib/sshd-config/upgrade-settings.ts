import { algorithmFamily } from "@/lib/sshd-config/algorithms";
import type { Build } from "@/lib/sshd-config/build";
import { findKeyword, resolveAlias } from "@/lib/sshd-config/directives";
import { dumpSettings } from "@/lib/sshd-config/dump";
import type { Keyword } from "@/lib/sshd-config/keyword";
import type { RuleContext } from "@/lib/sshd-config/rules/rule";
import type { Scope } from "@/lib/sshd-config/scope";
import type { UpgradeItem } from "@/lib/sshd-config/upgrade";
import { compareLists, joinHarmless, type ListChange } from "@/lib/sshd-config/upgrade-algorithms";

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
  const lists: ListChange[] = [];
  for (const [key, values] of now) {
    const keyword = findKeyword(key);
    if (!keyword || !isUsed(keyword, after.scope)) continue;
    const held = old.get(key);
    const family = algorithmFamily(key);
    if (held && family && family !== "gss") {
      const change = { keyword, family, build: after.build, place: placeOf(keyword, before, after) };
      lists.push({ ...change, old: held[0]?.split(",") ?? [], now: values[0]?.split(",") ?? [] });
      continue;
    }
    const item = held ? describeChange(keyword, held, values, before, after) : describeNew(keyword, after);
    if (item) items.push(item);
  }
  return [...lists.flatMap((list) => compareLists(list) ?? []), ...items, ...joinHarmless(lists)];
}

/** Settings that count only when another one is on. */
const needs: { readonly [keyword: string]: string } = {
  HostbasedAcceptedAlgorithms: "hostbasedauthentication",
  GSSAPIKexAlgorithms: "gssapikeyexchange",
};

function isUsed({ name }: Keyword, scope: Scope): boolean {
  const needed = needs[name];
  return !needed || scope.value(needed) === "yes" || scope.sets(name.toLowerCase());
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
  const [gone, added] = [without(wordsOf(a), wordsOf(b)), without(wordsOf(b), wordsOf(a))];
  const change =
    wordsOf(a).length < manyWords
      ? `changes from ${was} to ${is}`
      : [gone.length > 0 ? `loses ${gone.join(" ")}` : "", added.length > 0 ? `gains ${added.join(" ")}` : ""]
          .filter((text) => text !== "")
          .join(" and ");
  return {
    kind: "differs",
    severity: "info",
    code: "default-changes",
    place: undefined,
    what: `The default of ${keyword.name} ${change}.`,
    why: keyword.help,
    advice:
      gone.length === 0
        ? "Nothing has to be done, unless what is new is unwanted."
        : `If something relies on it, write ${keyword.name} with the old value.`,
  };
}

/** Of so long a default only what changes is shown. */
const manyWords = 4;

const wordsOf = (values: readonly string[]) => values.flatMap((value) => value.split(" "));
const without = (words: readonly string[], others: readonly string[]) =>
  words.filter((word) => !others.includes(word));

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

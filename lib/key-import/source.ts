import { AppError } from "@/lib/errors";

/** Where keys are published: an account at a provider, or an address. */
export interface KeySource {
  readonly provider: "launchpad" | "github" | "gitlab" | "url";
  readonly name: string;
}

interface Provider {
  readonly title: string;
  /** What the provider allows in a name, and not one character more: it becomes part of an address. */
  readonly grammar: RegExp;
  readonly rule: string;
  readonly urlOf: (name: string) => string;
}

const providers: Record<Exclude<KeySource["provider"], "url">, Provider> = {
  launchpad: {
    title: "Launchpad",
    grammar: /^[a-z0-9][a-z0-9+.-]{0,99}$/,
    rule: "A Launchpad name has lower-case letters, digits and + . - and begins with a letter or digit.",
    urlOf: (name) => `https://launchpad.net/~${encodeURIComponent(name)}/+sshkeys`,
  },
  github: {
    title: "GitHub",
    grammar: /^[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}$/,
    rule: "A GitHub name has up to 39 letters, digits and single hyphens, and no hyphen at its ends.",
    urlOf: (name) => `https://github.com/${name}.keys`,
  },
  gitlab: {
    title: "GitLab",
    // A name that ends like a file would ask for another one: GitLab forbids it as well.
    grammar: /^(?!.*(?:\.git|\.atom|\.keys|\.gpg|\.)$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/,
    rule: "A GitLab name has letters, digits and _ . - and begins with a letter, a digit or _.",
    urlOf: (name) => `https://gitlab.com/${name}.keys`,
  },
};

/** "GitHub" */
export function providerTitle(provider: KeySource["provider"]): string {
  return provider === "url" ? "Address" : providers[provider].title;
}

const longestUrl = 1000;

/**
 * A place as a person gave it, in the one way that it is written.
 *
 * @param allowed prefixes as `parseAllowedPrefix` writes them
 * @throws AppError `invalid`, with what the provider's names look like, or that the address is not allowed
 */
export function parseKeySource(
  provider: KeySource["provider"],
  text: string,
  allowed: readonly string[],
): KeySource {
  if (provider !== "url") {
    const { grammar, rule, title } = providers[provider];
    if (!grammar.test(text)) throw refusal(rule, "name");
    // Both hold names of one person apart by more than their case: one spelling is one place.
    return { provider, name: title === "Launchpad" ? text : text.toLowerCase() };
  }
  const url = parseUrl(text, "name");
  if (!allowed.some((prefix) => url.href.startsWith(prefix)))
    throw refusal("Keys may not be imported from this address. An admin can allow it in Settings.", "name");
  return { provider, name: url.href };
}

/**
 * The beginning that an address must have, in the one way that it is written: an origin and a path that ends in a slash.
 *
 * @throws AppError `invalid`
 */
export function parseAllowedPrefix(text: string): string {
  const url = parseUrl(text, "prefix");
  if (url.search !== "")
    throw refusal("Leave the query away: what is behind the ? is part of no folder.", "prefix");
  return url.pathname.endsWith("/") ? url.href : `${url.href}/`;
}

/**
 * The address from which a source is read.
 *
 * @throws AppError `invalid` when it is not, or no longer, allowed
 */
export function keySourceUrl({ provider, name }: KeySource, allowed: readonly string[]): URL {
  const source = parseKeySource(provider, name, allowed);
  return new URL(source.provider === "url" ? source.name : providers[source.provider].urlOf(source.name));
}

function parseUrl(text: string, field: Field): URL {
  const wrong = (message: string) => refusal(message, field);
  if (text.length > longestUrl) throw wrong(`An address has at most ${longestUrl} characters.`);
  // WHATWG's parser forgives blanks, tabs, newlines and backslashes; an address with them is meant for somebody else.
  if (/[\s\\\u0000-\u0020\u007f-\uffff]/.test(text) || !URL.canParse(text))
    throw wrong("Give a whole address, such as https://keys.example.org/people/alice.");
  const url = new URL(text);
  if (url.protocol !== "https:") throw wrong("Only https: what comes by http may come from anybody.");
  if (url.username || url.password || text.includes("@"))
    throw wrong("The address must not hold a user or a password.");
  if (url.hash || text.includes("#")) throw wrong("Leave away what begins at the #.");
  // A server that decodes twice, drops what follows a ; or joins slashes would leave the allowed folder.
  if (/%2[5ef]|%3b|%5c|%00|;|\/\//i.test(url.pathname) || /\/\.{1,2}(\/|$)/.test(text))
    throw wrong("The path must hold neither ; nor //, and no dots, slashes or percent signs in disguise.");
  if (!isHostName(url.hostname))
    throw wrong("The address needs a name, not a number: https://keys.example.org/…");
  return url;
}

/** At least two labels, the last with a letter: no address in any of its spellings, no "localhost". */
function isHostName(name: string): boolean {
  const labels = name.split(".");
  const last = labels.at(-1) ?? "";
  return (
    labels.length >= 2 &&
    name.length <= 253 &&
    labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) &&
    /^(xn--|[a-z])/.test(last) &&
    !["localhost", "local", "internal", "localdomain"].includes(last)
  );
}

/** The input that is at fault: that of an import, or that of the list of allowed addresses. */
type Field = "name" | "prefix";

function refusal(message: string, field: Field): AppError {
  return new AppError("invalid", message, { fields: { [field]: message } });
}

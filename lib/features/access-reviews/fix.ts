import type { FixView } from "@/lib/features/access-reviews/views";

interface RevokedWay {
  readonly hostId: string;
  readonly account: string;
  readonly keySources: readonly string[];
  readonly methods: string;
  /** Of each step with a key: "key", "authority" (certificates of it), "command" (a program on the host decides). */
  readonly keyKinds: readonly string[];
  /** The lines that decide, from sshd_config to the key. */
  readonly why: readonly { readonly text: string; readonly source: string | null }[];
}

/**
 * What ends a way, as exactly as the lines that open it are known: the line of the key, else the line of sshd_config that
 * allows the method.
 */
export function fixOf(way: RevokedWay): FixView {
  const { hostId, account, keySources, methods, keyKinds, why } = way;
  const keyLine = keySources.find((source) => source !== "") ?? null;
  if (keyKinds.includes("command"))
    return {
      text: `A program on the host says which keys open ${account}: take this one out where that program looks.`,
      source: why.find(({ text }) => /^authorizedkeyscommand/i.test(text))?.source ?? null,
      link: null,
    };
  if (keyKinds.includes("authority"))
    return {
      text: `Certificates of this authority open ${account}${keyLine ? ` (${placeWords(keyLine)})` : ""}: take the account out of their principals, or revoke the certificate. Without the line, everybody with a certificate of it is shut out.`,
      source: keyLine,
      link: null,
    };
  if (keyLine)
    return {
      text: `Remove ${placeWords(keyLine)}, which lets this key in as ${account}.`,
      source: keyLine,
      link: { href: `/hosts/${hostId}/accounts`, label: "Open accounts & keys" },
    };
  const words = methods.split(",").join(" and ");
  const line = why.find(({ text, source }) => source !== null && allows(text, methods));
  const editor = `/hosts/${hostId}/config`;
  if (line?.source)
    return {
      text: `Change ${placeWords(line.source)} (${line.text}), which allows ${words}; for ${account} alone, by a Match block.`,
      source: line.source,
      link: { href: `${editor}?at=${encodeURIComponent(line.source)}`, label: "Open the editor" },
    };
  return {
    text: `No line allows ${words}, sshd does by itself: set ${keywordOf(methods)} to no; for ${account} alone, by a Match block.`,
    source: null,
    link: { href: editor, label: "Open the editor" },
  };
}

const keywords: Readonly<Record<string, string>> = {
  password: "PasswordAuthentication",
  "keyboard-interactive": "KbdInteractiveAuthentication",
  publickey: "PubkeyAuthentication",
  hostbased: "HostbasedAuthentication",
  "gssapi-with-mic": "GSSAPIAuthentication",
  none: "PermitEmptyPasswords",
};

function keywordOf(methods: string): string {
  return keywords[methods.split(",")[0] ?? ""] ?? "AuthenticationMethods";
}

function allows(text: string, methods: string): boolean {
  const keyword = text.split(/\s/)[0]?.toLowerCase();
  return methods.split(",").some((method) => keywords[method]?.toLowerCase() === keyword);
}

/** "path:line" (a path may hold colons) as "line N of PATH". */
function placeWords(source: string): string {
  const at = source.lastIndexOf(":");
  return at < 0 ? source : `line ${source.slice(at + 1)} of ${source.slice(0, at)}`;
}

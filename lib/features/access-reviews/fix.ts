import type { FixView } from "@/lib/features/access-reviews/views";

interface RevokedWay {
  readonly hostId: string;
  readonly account: string;
  readonly keySources: readonly string[];
  readonly methods: string;
  /** The lines that decide, from sshd_config to the key. */
  readonly why: readonly { readonly text: string; readonly source: string | null }[];
}

/**
 * What ends a way, as exactly as the lines that open it are known: the line of the key, else the line of sshd_config that
 * allows the method.
 */
export function fixOf({ hostId, account, keySources, methods, why }: RevokedWay): FixView {
  const keyLine = keySources.find((source) => source !== "");
  if (keyLine) {
    const { path, line } = placeOf(keyLine);
    return {
      text: `Remove line ${line} of ${path}, which lets this key in as ${account}.`,
      source: keyLine,
      href: null,
    };
  }
  const words = methods.split(",").join(" and ");
  const config = why.find(({ text, source }) => source !== null && allows(text, methods));
  const href = `/hosts/${hostId}/config`;
  if (config?.source) {
    const { path, line } = placeOf(config.source);
    return {
      text: `Line ${line} of ${path} (${config.text}) allows ${words}: change it, for ${account} alone by a Match block.`,
      source: config.source,
      href,
    };
  }
  return {
    text: `No line allows ${words}: it is built into sshd. Set ${keywordOf(methods)} to no, for ${account} alone by a Match block.`,
    source: null,
    href,
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

/** "path:line", whose path may hold colons. */
function placeOf(source: string): { path: string; line: string } {
  const at = source.lastIndexOf(":");
  return at < 0 ? { path: source, line: "?" } : { path: source.slice(0, at), line: source.slice(at + 1) };
}

/** One directive of a PAM file with the text that holds it, so that all texts joined are the file. */
export interface PamEntry {
  /** The physical lines, line ends included: more than one where a backslash joins them. */
  readonly text: string;
  /** The words as libpam sees them, one blank between; "" for blank lines and comments. */
  readonly directive: string;
}

/**
 * A PAM file, nothing lost: the texts of the entries joined are the file. Never throws.
 *
 * @see Linux-PAM libpam/pam_handlers.c, _pam_assemble_line: a comment ends its line, a backslash at the end joins the next
 */
export function parsePamFile(text: string): PamEntry[] {
  const entries: PamEntry[] = [];
  let held = "";
  let joined = "";
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    held += line;
    joined += line.replace(/#.*/s, "").replace(/\s+$/, "");
    if (joined.endsWith("\\")) {
      joined = `${joined.slice(0, -1)} `;
      continue;
    }
    entries.push({ text: held, directive: joined.replace(/\s+/g, " ").trim() });
    held = "";
    joined = "";
  }
  if (held !== "") entries.push({ text: held, directive: joined.replace(/\s+/g, " ").trim() });
  return entries;
}

/** Modules of the auth part that shape the login or can only refuse: they ask for nothing and prove nothing. */
const bystanders = new Set([
  "pam_env.so",
  "pam_nologin.so",
  "pam_faildelay.so",
  "pam_sepermit.so",
  "pam_warn.so",
  "pam_echo.so",
  "pam_shells.so",
  "pam_access.so",
]);

/** Whether a directive decides how somebody proves himself: of the auth part, and no bystander. */
export function isProof(directive: string): boolean {
  if (/^@include common-auth$/.test(directive)) return true;
  const read = readAuth(directive);
  return read !== undefined && !bystanders.has(read.module);
}

/** A directive of the auth part; undefined for any other. */
export function readAuth(
  directive: string,
): { control: string; module: string; args: readonly string[] } | undefined {
  const read = /^-?auth (\[[^\]]*\]|\S+) (\S+) ?(.*)$/i.exec(directive);
  if (!read) return undefined;
  const [, control = "", module = "", rest = ""] = read;
  return {
    control,
    module: module.slice(module.lastIndexOf("/") + 1),
    args: rest.split(" ").filter((word) => word !== ""),
  };
}

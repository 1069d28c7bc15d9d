/**
 * The block at the end of a changed file by which a fresh login proves that sshd has loaded this very file.
 *
 * It is ours, not the person's: it is added on the way to the host and taken away before a person sees the file.
 * AcceptEnv, not SetEnv, because it accumulates over files: several changed files prove themselves side by side.
 * See agent/README.md, "The proof of a change".
 */

/** The account that Gatehouse logs in as. */
export const managementAccount = "gatehouse";

const comment = "# Gatehouse: proof that this file is in force. Keep this block last.";
/** Written when the person's last line has no line end, so that it can be given back exactly as it was. */
const openEnd = "# Gatehouse: the line above has no line end in the file that was written here.";

/** What a change is called on the host. */
const hostRefPattern = /^[a-z0-9]{20}$/;

/** The variable that the fresh login sends; sshd passes it on only when the file with this marker is loaded. */
export function markerVariable(hostRef: string): string {
  return `GATEHOUSE_CHANGE_${hostRef}`;
}

/**
 * The file as it is written on the host: the person's text, then the proof block of this change.
 *
 * Blocks of earlier changes are taken out first, so adding twice is adding once.
 *
 * @param hostRef the change's short id, 20 characters of a-z and 0-9
 * @throws RangeError for another id: it would be a line of sshd_config that we did not mean
 */
export function addMarker(text: string, hostRef: string): string {
  if (!hostRefPattern.test(hostRef))
    throw new RangeError("A change's short id is 20 characters of a-z and 0-9.");
  const own = stripMarker(text);
  const closed = own === "" || own.endsWith("\n") ? own : `${own}\n${openEnd}\n`;
  return `${closed}${comment}\nMatch User ${managementAccount}\n\tAcceptEnv ${markerVariable(hostRef)}\nMatch all\n`;
}

/** A block, wherever it stands and however an editor saved its line ends; its comment may have been deleted. */
const block = new RegExp(
  [
    `(?:^|(?<=\\n))(?:${literal(comment)}[ \\t]*\\r?\\n)?`,
    `[ \\t]*Match[ \\t]+User[ \\t]+${managementAccount}[ \\t]*\\r?\\n`,
    "[ \\t]*AcceptEnv[ \\t]+GATEHOUSE_CHANGE_[a-z0-9]{20}[ \\t]*\\r?\\n",
    "[ \\t]*Match[ \\t]+all[ \\t]*(?:\\r?\\n|$)",
  ].join(""),
  "gi",
);

/** With the line end that we put there: LF, or CRLF when an editor has converted the whole file since. */
const openEndAtEnd = new RegExp(`(?:\\n${literal(openEnd)}\\n|\\r\\n${literal(openEnd)}\\r\\n)$`);

/**
 * The person's text without any proof block: `stripMarker(addMarker(text, id)) === text` for every text without one.
 *
 * Where somebody added directives below a block, its `Match all` stays: without it they would fall into the
 * Match block above. Never throws.
 */
export function stripMarker(text: string): string {
  let rest = text;
  let out = "";
  for (;;) {
    block.lastIndex = 0;
    const found = block.exec(rest);
    if (!found) return out + rest;
    const before = rest.slice(0, found.index);
    const after = rest.slice(found.index + found[0].length);
    // The note says what was above it; with lines of somebody else below, the line end has to stay.
    out += hasDirective(after) ? `${withoutNote(before)}Match all\n` : before.replace(openEndAtEnd, "");
    rest = after;
  }
}

/** The changes whose blocks stand in the file, in reading order. */
export function markersIn(text: string): string[] {
  return [...text.matchAll(block)].map((m) => /GATEHOUSE_CHANGE_([a-z0-9]{20})/i.exec(m[0])?.[1] ?? "");
}

function withoutNote(text: string): string {
  return text.replace(new RegExp(`${literal(openEnd)}\\r?\\n$`), "");
}

/** Whether a line that sshd would act on stands there: not blank, no comment, no other block of ours. */
function hasDirective(text: string): boolean {
  return text
    .replace(block, "")
    .split("\n")
    .some((line) => !/^[\s]*(?:#|$)/.test(line));
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

import type { Extension } from "@codemirror/state";
import { highlightSpecialChars } from "@codemirror/view";
import { deceptiveCharacters } from "../ui/visible-text";

/** All that `visibleText` escapes too; a tab is what it looks like. */
export const deceptiveInText = new RegExp(`(?![\\t\\n])(?:${deceptiveCharacters.source})`, "gu");

/**
 * Shows characters that can lie about a text as marks with their code, in every view of a host's text: nobody may
 * approve a line that reads otherwise than sshd reads it.
 */
export function showSpecialCharacters(): Extension {
  return highlightSpecialChars({ render: createMark, addSpecialChars: deceptiveInText });
}

/**
 * Where such characters stand, for views that cannot mark them in place.
 *
 * @returns in order, at most `most`; a carriage return at the end of a line is none
 */
export function findDeceptive(text: string, most: number): { line: number; name: string }[] {
  const found: { line: number; name: string }[] = [];
  let line = 1;
  let at = 0;
  for (const { 0: character, index } of text.matchAll(deceptiveInText)) {
    if (found.length === most) break;
    if (character === "\r" && text[index + 1] === "\n") continue;
    for (; at < index; at++) if (text[at] === "\n") line++;
    found.push({ line, name: nameOf(character.codePointAt(0) ?? 0) });
  }
  return found;
}

function nameOf(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A visible mark; a carriage return as the arrow it is. */
function createMark(code: number): HTMLElement {
  const mark = document.createElement("span");
  mark.className = code === 13 ? "text-ink-faint" : "cm-specialChar";
  mark.textContent = code === 13 ? "␍" : "•";
  mark.title = `Invisible or control character ${nameOf(code)}`;
  mark.role = "img";
  mark.ariaLabel = mark.title;
  return mark;
}

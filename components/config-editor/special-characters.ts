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

/** A visible mark; a carriage return as the arrow it is. */
function createMark(code: number): HTMLElement {
  const mark = document.createElement("span");
  mark.className = code === 13 ? "text-ink-faint" : "cm-specialChar";
  mark.textContent = code === 13 ? "␍" : "•";
  mark.title = `Control character U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return mark;
}

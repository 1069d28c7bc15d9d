/** Longer text of a host is cut in rows of our own; what was read keeps the whole. */
const longestText = 500;
/** Longer lists are cut, with a last item that says how many are missing. */
const longestList = 200;

/** A host's text as a column holds it: no NUL, no half characters, not longer than a person reads. */
export function storableText(text: string, longest = longestText): string {
  const whole = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return whole.replaceAll("\0", "\uFFFD").toWellFormed();
}

/** A list of a host's texts as a column holds it. */
export function storableList(texts: readonly string[]): string[] {
  const kept = texts.slice(0, longestList).map((text) => storableText(text));
  return texts.length > longestList ? [...kept, `and ${texts.length - longestList} more`] : kept;
}

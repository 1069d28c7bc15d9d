/**
 * Puts values for `%x` into a text; `%%` is a percent sign.
 *
 * @returns undefined for a token that has no value here, or a single `%` at the end: sshd dies on both
 * @see OpenSSH misc.c:percent_expand
 */
export function expandTokens(text: string, values: Readonly<Record<string, string>>): string | undefined {
  let expanded = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "%") {
      expanded += text[i];
      continue;
    }
    const token = text[++i];
    const value =
      token === "%" ? "%" : token !== undefined && Object.hasOwn(values, token) ? values[token] : undefined;
    if (value === undefined) return undefined;
    expanded += value;
  }
  return expanded;
}

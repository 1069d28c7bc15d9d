/**
 * Puts values for `%x` into a text; `%%` is a percent sign.
 *
 * @returns undefined for a token that has no value here, or a single `%` at the end: sshd dies on both
 * @see OpenSSH misc.c:percent_expand
 */
export function expandTokens(text: string, values: Readonly<Record<string, string>>): string | undefined {
  let expanded = "";
  let from = 0;
  for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", from)) {
    const token = text[at + 1];
    const value =
      token === "%" ? "%" : token !== undefined && Object.hasOwn(values, token) ? values[token] : undefined;
    if (value === undefined) return undefined;
    expanded += text.slice(from, at) + value;
    from = at + 2;
  }
  return from === 0 ? text : expanded + text.slice(from);
}

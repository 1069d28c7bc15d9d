import { findDisguise } from "@/lib/authorized-keys/one-line";
import { optionForms } from "@/lib/authorized-keys/option-table";
import { lowerAscii } from "@/lib/sshd-config/pattern";

/** One option as it stands in a line, or shall stand. */
export interface WrittenOption {
  /** "no-pty", "command"; any case. */
  readonly name: string;
  /** Without quotes and escapes; undefined for a flag. */
  readonly value?: string;
}

const formsByName = new Map(optionForms.map((form) => [lowerAscii(form.name), form]));

/**
 * The options of a line in order, from `KeyLine.optionsText`.
 *
 * For a text that `parseOptions` has read; of any other the parts are as good as they get.
 */
export function listOptions(optionsText: string): WrittenOption[] {
  return splitAtCommas(optionsText).flatMap((part): WrittenOption[] => {
    if (part === "") return [];
    const equals = part.indexOf("=");
    if (equals === -1) return [{ name: part }];
    const quoted = part.slice(equals + 1).replace(/^"|"$/g, "");
    return [{ name: part.slice(0, equals), value: quoted.replaceAll('\\"', '"') }];
  });
}

function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && text[at + 1] === '"') at++;
    else if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === "," && !isQuoted) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

export type Printed = { readonly text: string } | { readonly reason: string };

/**
 * Options as they stand in front of a key; empty for none.
 *
 * @returns why not, for what no line can say: an unknown name, a control character, a value that ends in `\`
 */
export function printOptions(options: readonly WrittenOption[]): Printed {
  const parts: string[] = [];
  for (const { name, value } of options) {
    const form = formsByName.get(lowerAscii(name));
    if (!form) return { reason: `sshd knows no option ${JSON.stringify(name)}` };
    if (form.hasValue !== (value !== undefined)) {
      return { reason: form.hasValue ? `${form.name} needs a value` : `${form.name} takes no value` };
    }
    if (value === undefined) {
      parts.push(form.name);
      continue;
    }
    const fault = findFault(value);
    if (fault) return { reason: `the value of ${form.name} ${fault}` };
    parts.push(`${form.name}="${value.replaceAll('"', '\\"')}"`);
  }
  return { text: parts.join(",") };
}

function findFault(value: string): string | undefined {
  // A tab is a blank to sshd and to whoever reads it.
  const disguise = findDisguise(value.replaceAll("\t", " "));
  if (disguise) return disguise;
  // sshd would take the closing quote for an escaped one; it knows no other escape.
  if (value.endsWith("\\")) return "ends in a backslash, which sshd cannot read; put a blank behind it";
  return undefined;
}

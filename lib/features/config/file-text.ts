/** A file's bytes as text. */
export interface FileText {
  readonly text: string;
  /** Why it is only shown: written back, it would not be what it was. Null for what comes back byte for byte. */
  readonly notEditable: string | null;
}

/** The bytes as text; what is not UTF-8, or holds a NUL that neither sshd nor the database takes, can only be shown. */
export function decodeFile(bytes: Uint8Array): FileText {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (!Buffer.from(text, "utf8").equals(bytes))
    return {
      text: text.replaceAll("\0", "\uFFFD"),
      notEditable:
        "This file is not UTF-8 text. Editing it here would change bytes that you cannot see; convert it on the host.",
    };
  if (text.includes("\0"))
    return {
      text: text.replaceAll("\0", "\uFFFD"),
      notEditable:
        "This file holds a NUL character, where sshd stops reading a line. Take it out on the host.",
    };
  return { text, notEditable: null };
}

const methodNames: Readonly<Record<string, string>> = {
  publickey: "key",
  password: "password",
  "keyboard-interactive": "questions (PAM)",
  hostbased: "the client's host key",
  "gssapi-with-mic": "Kerberos",
  none: "nothing at all",
};

/** Methods as people say them: "publickey,password" is "key, then password". */
export function methodWords(methods: string): string {
  return methods
    .split(",")
    .map((method) => methodNames[method] ?? method)
    .join(", then ");
}

import type { AnyAuthMethod, AuthenticationType, ParsedKey } from "ssh2";
import type { Secret } from "@/lib/secrets/secret";

/** How we prove who we are; never sent before the host key has been checked. */
export type SshAuth =
  | { readonly kind: "key"; readonly privateKey: Secret<string>; readonly passphrase?: Secret<string> }
  | { readonly kind: "password"; readonly password: Secret<string> };

/**
 * The methods to try, one after the other, each once.
 *
 * A password goes to `password` and, where sshd asks through PAM instead, to `keyboard-interactive`: there it answers
 * one question with hidden input and no other. A second factor that the host wants cannot be given here.
 */
export class Attempts {
  readonly username: string;
  readonly #auth: SshAuth;
  readonly #key: ParsedKey | undefined;
  #tried = new Set<AuthenticationType>();
  #hasAnswered = false;

  /** @param key the parsed private key, when `auth` is one */
  constructor(username: string, auth: SshAuth, key: ParsedKey | undefined) {
    this.username = username;
    this.#auth = auth;
    this.#key = key;
  }

  /** @param offered what the host still accepts; null before it has said */
  next(offered: readonly AuthenticationType[] | null): AnyAuthMethod | undefined {
    const username = this.username;
    if (this.#auth.kind === "key") {
      if (!this.#key || !this.#begin("publickey")) return undefined;
      return { type: "publickey", username, key: this.#key };
    }
    // "none" costs no attempt and tells what the host accepts, so that the password is offered once.
    if (offered === null && this.#begin("none")) return { type: "none", username };
    const password = this.#auth.password;
    if (offered?.includes("password") && this.#begin("password"))
      return { type: "password", username, password: password.reveal() };
    if (offered?.includes("keyboard-interactive") && this.#begin("keyboard-interactive"))
      return {
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _language, prompts, finish) => {
          const isPassword = prompts.length === 1 && prompts[0]?.echo === false && !this.#hasAnswered;
          this.#hasAnswered ||= isPassword;
          finish(isPassword ? [password.reveal()] : prompts.map(() => ""));
        },
      };
    return undefined;
  }

  #begin(method: AuthenticationType): boolean {
    if (this.#tried.has(method)) return false;
    this.#tried.add(method);
    return true;
  }
}

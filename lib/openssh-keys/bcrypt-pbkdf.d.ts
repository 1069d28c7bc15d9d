declare module "bcrypt-pbkdf" {
  /**
   * Writes the first `keyLength` bytes that are derived into `key`.
   *
   * @returns 0, or -1 for an empty passphrase or salt, no rounds, or a key that is too long
   */
  export function pbkdf(
    passphrase: Uint8Array,
    passphraseLength: number,
    salt: Uint8Array,
    saltLength: number,
    key: Uint8Array,
    keyLength: number,
    rounds: number,
  ): 0 | -1;
}

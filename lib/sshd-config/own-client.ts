/**
 * What Gatehouse's own SSH client offers, first choice first: the one list that lib/ssh hands to ssh2, and that tells
 * of a configuration whether we could still connect under it.
 *
 * The defaults of ssh2 1.17 without RSA signatures by SHA-1. GCM and ChaCha20 need no MAC.
 */
export const ownClient = {
  kex: [
    "curve25519-sha256@libssh.org",
    "curve25519-sha256",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group15-sha512",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group17-sha512",
    "diffie-hellman-group18-sha512",
  ],
  ciphers: [
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
  ],
  macs: [
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha1-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-sha1",
  ],
  hostKeys: [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
  ],
  /** The type of the key with which it logs in on managed hosts. */
  publicKey: "ssh-ed25519",
} as const;

/** Ciphers that bring their own MAC. */
export function needsMac(cipher: string): boolean {
  return !/gcm@|chacha20/.test(cipher);
}

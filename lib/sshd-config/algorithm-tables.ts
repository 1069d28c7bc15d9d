import type { BuildId } from "@/lib/sshd-config/build";
import type { ReleaseName } from "@/lib/sshd-config/keyword";

/** What a list of algorithms is about; each has its own names and default. */
export type AlgorithmFamily = "cipher" | "mac" | "kex" | "key" | "signature" | "gss";

export interface Algorithm {
  name: string;
  /** The first release that has it, and the first that has it no longer. */
  since?: ReleaseName;
  until?: ReleaseName;
}

const named = (names: string): Algorithm[] => names.split(" ").map((name) => ({ name }));

/** In the order of the compiled tables, which is the order in which a wildcard is expanded. */
export const ciphers: readonly Algorithm[] = [
  ...named("3des-cbc aes128-cbc aes192-cbc aes256-cbc"),
  { name: "rijndael-cbc@lysator.liu.se", until: "8.5" },
  ...named(
    "aes128-ctr aes192-ctr aes256-ctr aes128-gcm@openssh.com aes256-gcm@openssh.com chacha20-poly1305@openssh.com",
  ),
];

export const macs: readonly Algorithm[] = named(
  "hmac-sha1 hmac-sha1-96 hmac-sha2-256 hmac-sha2-512 hmac-md5 hmac-md5-96 umac-64@openssh.com umac-128@openssh.com " +
    "hmac-sha1-etm@openssh.com hmac-sha1-96-etm@openssh.com hmac-sha2-256-etm@openssh.com " +
    "hmac-sha2-512-etm@openssh.com hmac-md5-etm@openssh.com hmac-md5-96-etm@openssh.com " +
    "umac-64-etm@openssh.com umac-128-etm@openssh.com",
);

export const kexAlgorithms: readonly Algorithm[] = [
  ...named(
    "diffie-hellman-group1-sha1 diffie-hellman-group14-sha1 diffie-hellman-group14-sha256 " +
      "diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 diffie-hellman-group-exchange-sha1 " +
      "diffie-hellman-group-exchange-sha256 ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521",
  ),
  { name: "mlkem768nistp256-sha256", since: "10.3" },
  ...named("curve25519-sha256 curve25519-sha256@libssh.org"),
  { name: "sntrup4591761x25519-sha512@tinyssh.org", until: "8.5" },
  // Upstream has the short name from 9.9; Debian 12 brought it to 9.2, Ubuntu's 9.6 has it not.
  { name: "sntrup761x25519-sha512", since: "9.9" },
  { name: "sntrup761x25519-sha512@openssh.com", since: "8.5" },
  { name: "mlkem768x25519-sha256", since: "9.9" },
];

/** Debian's GSSAPI patch. Every name is a prefix: the encoded mechanism follows it. */
export const gssKexAlgorithms: readonly Algorithm[] = named(
  "gss-gex-sha1- gss-group1-sha1- gss-group14-sha1- gss-group14-sha256- gss-group16-sha512- " +
    "gss-nistp256-sha256- gss-curve25519-sha256-",
).map((a) => ({ ...a, until: "10.4" }));

/** The order up to 9.0: certificates behind all plain keys but Ed25519's. */
export const keysUntil90: readonly Algorithm[] = [
  ...named(
    "ssh-ed25519 ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519@openssh.com sk-ssh-ed25519-cert-v01@openssh.com " +
      "ssh-rsa rsa-sha2-256 rsa-sha2-512 ssh-dss ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 " +
      "sk-ecdsa-sha2-nistp256@openssh.com",
  ),
  { name: "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", since: "8.4" },
  ...named(
    "ssh-rsa-cert-v01@openssh.com rsa-sha2-256-cert-v01@openssh.com rsa-sha2-512-cert-v01@openssh.com " +
      "ssh-dss-cert-v01@openssh.com ecdsa-sha2-nistp256-cert-v01@openssh.com " +
      "ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521-cert-v01@openssh.com " +
      "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
  ),
];

export const keys: readonly Algorithm[] = [
  ...named(
    "ssh-ed25519 ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519@openssh.com sk-ssh-ed25519-cert-v01@openssh.com",
  ),
  { name: "ssh-mldsa44-ed25519", since: "10.6" },
  { name: "ssh-mldsa44-ed25519-cert", since: "10.6" },
  ...named(
    "ecdsa-sha2-nistp256 ecdsa-sha2-nistp256-cert-v01@openssh.com ecdsa-sha2-nistp384 " +
      "ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521 ecdsa-sha2-nistp521-cert-v01@openssh.com " +
      "sk-ecdsa-sha2-nistp256@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com " +
      "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
  ),
  { name: "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", since: "10.3" },
  { name: "ssh-dss", until: "9.8" },
  { name: "ssh-dss-cert-v01@openssh.com", until: "9.8" },
  ...named(
    "ssh-rsa ssh-rsa-cert-v01@openssh.com rsa-sha2-256 rsa-sha2-256-cert-v01@openssh.com " +
      "rsa-sha2-512 rsa-sha2-512-cert-v01@openssh.com",
  ),
];

/** Other spellings of plain key types, accepted up to 9.7 when a file is read but matching no algorithm. */
export const keyShortNames = ["ed25519", "ed25519-sk", "ecdsa", "ecdsa-sk", "rsa", "dsa"] as const;

/** Debian's GSSAPI patch knows a host key of no type, by this name. */
export const gssNullKey: Algorithm = { name: "null", until: "10.4" };

/** A default that holds from this build on. */
type Defaults = {
  readonly [family in Exclude<AlgorithmFamily, "gss">]: { readonly [build in BuildId]?: string };
};

const ecdhAndDh =
  "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521," +
  "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512," +
  "diffie-hellman-group14-sha256";

export const defaultLists: Defaults = {
  cipher: {
    "ubuntu20.04-8.2p1":
      "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com",
    "deb13-10.0p1":
      "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr",
  },
  mac: {
    "ubuntu20.04-8.2p1":
      "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com," +
      "hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com," +
      "hmac-sha2-256,hmac-sha2-512,hmac-sha1",
  },
  kex: {
    "ubuntu20.04-8.2p1": ecdhAndDh,
    "ubuntu22.04-8.9p1": ecdhAndDh.replace("nistp521,", "nistp521,sntrup761x25519-sha512@openssh.com,"),
    "deb12-9.2p1": `sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,${ecdhAndDh}`,
    "ubuntu24.04-9.6p1": `sntrup761x25519-sha512@openssh.com,${ecdhAndDh}`,
    "ubuntu25.04-9.9p1": `sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256,${ecdhAndDh}`,
    "deb13-10.0p1":
      "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256," +
      "curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521",
  },
  key: {
    "ubuntu20.04-8.2p1":
      "ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh.com," +
      "ecdsa-sha2-nistp521-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com," +
      "ssh-ed25519-cert-v01@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com,rsa-sha2-512-cert-v01@openssh.com," +
      "rsa-sha2-256-cert-v01@openssh.com,ssh-rsa-cert-v01@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384," +
      "ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,ssh-ed25519,sk-ssh-ed25519@openssh.com," +
      "rsa-sha2-512,rsa-sha2-256,ssh-rsa",
    "ubuntu22.04-8.9p1":
      "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com," +
      "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com," +
      "sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com," +
      "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,ssh-ed25519,ecdsa-sha2-nistp256," +
      "ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com," +
      "rsa-sha2-512,rsa-sha2-256",
    "debsid-10.6p1":
      "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com," +
      "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com," +
      "sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com," +
      "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,rsa-sha2-512-cert-v01@openssh.com," +
      "rsa-sha2-256-cert-v01@openssh.com,ssh-mldsa44-ed25519-cert,ssh-ed25519,ecdsa-sha2-nistp256," +
      "ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com," +
      "webauthn-sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256,ssh-mldsa44-ed25519",
  },
  signature: {
    "ubuntu20.04-8.2p1":
      "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com," +
      "ssh-ed25519,sk-ssh-ed25519@openssh.com,rsa-sha2-512,rsa-sha2-256",
    "ubuntu22.04-8.9p1":
      "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com," +
      "sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256",
    "debsid-10.6p1":
      "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com," +
      "sk-ecdsa-sha2-nistp256@openssh.com,webauthn-sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256",
  },
};

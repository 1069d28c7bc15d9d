import type { CertificateTerms } from "@/e2e/access-worlds/keyring";
import type { AccountFacts } from "@/lib/access/facts";

/** One thing that a client tries; keys and certificates by name. */
export type TriedStep =
  | { readonly m: "none" }
  | { readonly m: "password" | "kbdint"; readonly typed: string }
  | {
      readonly m: "publickey";
      readonly key: string;
      readonly certificate?: string;
      readonly algorithm: string;
      readonly flags?: number;
      readonly isQuery?: boolean;
      readonly isBroken?: boolean;
    }
  | {
      readonly m: "hostbased";
      readonly key: string;
      readonly clientHost: string;
      readonly clientUser: string;
    };

/** One connection, and what is tried over it. */
export interface Attempt {
  readonly user: string;
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly steps: readonly TriedStep[];
}

/** Something below the root of a world. Directories above it are root's, 0755, unless the world says otherwise. */
export interface WorldFile {
  readonly text?: string;
  readonly isDirectory?: boolean;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** An account with the second field of its shadow entry. */
export interface WorldAccount extends AccountFacts {
  readonly shadow: string;
}

/** A host that is small enough to be made anew in a moment, and logins to be tried on it. */
export interface World {
  readonly id: string;
  /** /etc/ssh/sshd_config, line by line. */
  readonly config: readonly string[];
  readonly accounts: readonly WorldAccount[];
  readonly groups: readonly {
    readonly name: string;
    readonly gid: number;
    readonly members: readonly string[];
  }[];
  /** By absolute path, in the order in which they are made. */
  readonly files: Readonly<Record<string, WorldFile>>;
  readonly certificates: Readonly<Record<string, CertificateTerms>>;
  readonly attempts: readonly Attempt[];
}

/** What all accounts that have a password have as one. */
export const commonPassword = "correct-horse";

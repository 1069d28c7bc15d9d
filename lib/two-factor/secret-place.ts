import type { SecretPlace } from "@/lib/two-factor/pam-step";

/** Where Gatehouse's own line of PAM keeps secrets, or why it cannot be where the host keeps them now. */
export type FoundPlace = { place: SecretPlace; refused?: undefined } | { place?: undefined; refused: string };

/**
 * The place that a line of ours has to name so that the secrets which are there go on counting.
 *
 * @param pattern as the host's PAM line names state files: `${HOME}`, `${USER}` and `~` stand for the account's
 * @param readAs whose rights the module reads them with
 */
export function secretPlaceOf(pattern: string, readAs: "root" | "account"): FoundPlace {
  const inHome = /^(?:~|\$\{HOME\})\/\.google_authenticator$/.test(pattern);
  if (inHome && readAs === "account") return { place: { kind: "home" } };
  const directory = /^((?:\/[A-Za-z0-9_.-]+)+)\/\$\{USER\}$/.exec(pattern)?.[1];
  if (directory !== undefined && readAs === "root") return { place: { kind: "directory", path: directory } };
  return {
    refused: `This host keeps the secrets of codes at ${pattern}, read as ${readAs}: Gatehouse's own line cannot say so. Change the PAM line to one that Gatehouse can write, or move the secrets.`,
  };
}

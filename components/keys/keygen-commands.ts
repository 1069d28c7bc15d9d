/** How a person wants ssh-keygen to make a key on a security key. */
export interface KeygenWish {
  readonly family: "ed25519" | "ecdsa";
  /** Behind "ssh:"; empty for the default application. */
  readonly suffix: string;
  /** Kept in the security key itself, so that ssh-keygen -K brings it to another machine. */
  readonly isResident: boolean;
  readonly isVerifyRequired: boolean;
}

export interface KeygenCommands {
  /** Writes the challenge file; for a shell. */
  readonly challenge: string;
  /** The same in PowerShell. */
  readonly challengeForWindows: string;
  readonly make: string;
  /** "~/.ssh/id_ed25519_sk_work" */
  readonly file: string;
}

export const challengeFile = "gatehouse-challenge";
export const attestationFile = "gatehouse-attestation";

/** What may stand behind "ssh:" here: it becomes part of a file's name, and of a command without quotes. */
export const suffixPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$/;

/**
 * The commands that make a key on a security key, with our challenge in its attestation.
 *
 * @param challenge shell-safe text
 * @see ssh-keygen(1) "FIDO AUTHENTICATOR"
 */
export function keygenCommands(
  { family, suffix, isResident, isVerifyRequired }: KeygenWish,
  challenge: string,
): KeygenCommands {
  const file = `~/.ssh/id_${family}_sk${suffix && `_${suffix}`}`;
  const options = [
    ...(isResident ? ["resident"] : []),
    ...(suffix ? [`application=ssh:${suffix}`] : []),
    ...(isVerifyRequired ? ["verify-required"] : []),
    `challenge=${challengeFile}`,
    `write-attestation=${attestationFile}`,
  ];
  return {
    challenge: `printf %s ${challenge} > ${challengeFile}`,
    challengeForWindows: `Set-Content -NoNewline -Encoding ascii ${challengeFile} ${challenge}`,
    make: `ssh-keygen -t ${family}-sk -f ${file} ${options.map((option) => `-O ${option}`).join(" ")}`,
    file,
  };
}

import { isProof, parsePamFile, readAuth } from "@/lib/two-factor/pam-file";

/**
 * How far a host's PAM asks for one-time codes.
 *
 * off: as it was. optional: of those who have a secret. required: of everybody whom sshd sends to PAM; who has no
 * secret is shut out.
 */
export type PamStep = "off" | "optional" | "required";

/** Where the module finds the secrets: in each home directory, or in a directory of root's, one file an account. */
export type SecretPlace = { readonly kind: "home" } | { readonly kind: "directory"; readonly path: string };

/** What an edit yields: the new text, or why it was refused. */
export type Edited = { text: string; refused?: undefined } | { text?: undefined; refused: string };

const begin =
  "# Gatehouse: one-time codes. Written and taken out by Gatehouse; what is put aside here comes back.";
const end = "# Gatehouse: end of one-time codes.";
const aside = "#gatehouse# ";

/**
 * sshd's PAM file with the step in force: what asked for a password is put aside as a comment, the module takes its place.
 *
 * Lossless: "off" gives back, byte for byte, the text that another step was made from; a step set twice is set once.
 * The account, session and password parts stay as they are.
 *
 * "optional" is `nullok` with pam_permit behind it: nullok alone leaves a stack that succeeds for nobody, and refuses
 * everybody without a secret (tried on 8.4, 9.2, 10.0).
 */
export function setPamStep(text: string, step: PamStep, place: SecretPlace): Edited {
  const bare = takeOut(text);
  if (bare.refused !== undefined || step === "off") return bare;
  if (place.kind === "directory" && !/^(?:\/[A-Za-z0-9_.-]+)+$/.test(place.path))
    return {
      refused: `${place.path} cannot stand in a PAM file: use an absolute path of letters, digits, - _ and . only.`,
    };
  const entries = parsePamFile(bare.text);
  const jumping = entries.find(
    ({ directive }) => /=\d/.test(readAuth(directive)?.control ?? "") && !isProof(directive),
  );
  if (jumping)
    return {
      refused: `"${jumping.directive}" jumps over lines, so none can be put aside. Take the jump out first.`,
    };
  const first = entries.findIndex(({ directive }) => isProof(directive));
  if (first < 0)
    return {
      refused:
        "No line of this PAM file asks for a password, so there is none in whose place the code could be asked.",
    };
  const parts = entries.map((entry, index) => {
    if (!isProof(entry.directive)) return entry.text;
    const kept = entry.text.replace(/^/gm, aside).replace(new RegExp(`${aside}$`), "");
    return index === first ? `${block(step, place)}${kept}` : kept;
  });
  return { text: parts.join("") };
}

function block(step: PamStep, place: SecretPlace): string {
  // Read as root: the account itself can neither read nor remove its file.
  const where = place.kind === "home" ? "" : ` user=root secret=${place.path}/\${USER}`;
  const module = `auth required pam_google_authenticator.so${where}`;
  const lines = step === "optional" ? [`${module} nullok`, "auth required pam_permit.so"] : [module];
  return `${[begin, ...lines, end].join("\n")}\n`;
}

/** The step that our own lines make; "off" without them. */
export function pamStepOf(text: string): PamStep {
  const from = text.indexOf(`${begin}\n`);
  if (from < 0) return "off";
  return /pam_google_authenticator\.so.* nullok/.test(text.slice(from, text.indexOf(end, from)))
    ? "optional"
    : "required";
}

function takeOut(text: string): Edited {
  const from = text.indexOf(`${begin}\n`);
  const to = text.indexOf(`${end}\n`, from);
  if (from >= 0 && to < 0)
    return {
      refused: `The line "${end}" is gone from the PAM file, so it is not told which lines are ours. Put it back below them.`,
    };
  const without = from < 0 ? text : text.slice(0, from) + text.slice(to + end.length + 1);
  return { text: from < 0 ? without : without.replace(new RegExp(`^${aside}`, "gm"), "") };
}

/** What the auth part of sshd's PAM file comes to, by its own text. */
export interface PamQuestions {
  /** "everybody"; "those with a secret": nullok; "nobody": the module is not asked. */
  readonly code: "everybody" | "those with a secret" | "nobody";
  /** A password, or something else that we cannot foretell, is asked for too. */
  readonly asksMore: boolean;
  /** Succeeds for somebody who was asked for nothing. */
  readonly permits: boolean;
}

/** @returns undefined when nothing in it decides: libpam then takes /etc/pam.d/other, which refuses everybody */
export function readPamQuestions(text: string): PamQuestions | undefined {
  const proofs = parsePamFile(text)
    .map(({ directive }) => directive)
    .filter(isProof);
  if (proofs.length === 0) return undefined;
  const modules = proofs.map((directive) => readAuth(directive));
  const codes = modules.filter((read) => read?.module === "pam_google_authenticator.so");
  const isOptional = codes.every((read) => read?.args.includes("nullok"));
  return {
    code: codes.length === 0 ? "nobody" : isOptional ? "those with a secret" : "everybody",
    asksMore: modules.some(
      (read) => read?.module !== "pam_google_authenticator.so" && read?.module !== "pam_permit.so",
    ),
    permits: modules.some((read) => read?.module === "pam_permit.so"),
  };
}

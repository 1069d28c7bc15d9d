import { type CommandOutcome, type RunCommand, runCommand } from "@/lib/access/command";
import { principalTokens } from "@/lib/access/command-tokens";
import type { Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import { findAuthority, readPrincipalLines } from "@/lib/access/key-entries";
import { expandPath, refuseKeyFile } from "@/lib/access/key-files";
import { joinTerms, type KeyVerdict, refusedBy, refuseOptions } from "@/lib/access/key-grant";
import type { OfferedKey } from "@/lib/access/offered-key";
import { type KeyOptions, noOptions } from "@/lib/authorized-keys/options";
import type { Certificate } from "@/lib/openssh-keys/certificate";

/** A certificate whose authority TrustedUserCAKeys names. */
export function trustAuthority(
  situation: Situation,
  account: AccountFacts,
  key: OfferedKey,
  certificate: Certificate,
  run: RunCommand | undefined,
): KeyVerdict {
  const { effective, server } = situation;
  const { build } = effective;
  const path = effective.value("trustedusercakeys");
  if (effective.isNone("trustedusercakeys")) return refusedBy("No authority is trusted.");
  const line = findAuthority(server.files.text(path) ?? "", certificate.signatureKey, build);
  if (line === undefined) return refusedBy(`${path} does not name the authority.`);
  const source = `${path}:${line}`;
  const pattern = effective.value("authorizedprincipalsfile");
  const hasFile = !effective.isNone("authorizedprincipalsfile");
  const hasCommand = !effective.isNone("authorizedprincipalscommand");
  let found: PrincipalHit | undefined;
  if (hasFile) {
    const expanded = expandPath(pattern, account);
    if (expanded === undefined) return { kind: "fatal" };
    const paths = build.release >= 1000 ? server.files.glob(expanded) : [expanded];
    for (const file of paths) {
      if (found || refuseKeyFile(situation, account, file) !== undefined) continue;
      found = findPrincipal(server.files.text(file) ?? "", certificate, file, situation);
    }
  }
  let output: CommandOutcome = { kind: "none" };
  if (!found && hasCommand) {
    output = runCommand(
      situation,
      account,
      "principals",
      () => principalTokens(situation, account, key, certificate),
      run,
    );
    if (output.kind === "fatal") return { kind: "fatal" };
    if (output.kind === "output")
      found = findPrincipal(output.text, certificate, "AuthorizedPrincipalsCommand", situation);
  }
  const isMapped = hasFile || hasCommand;
  if (isMapped && !found) {
    return output.kind === "unknown"
      ? { kind: "unknown", text: output.text }
      : refusedBy(`No principal of the certificate ${certificate.keyId} is authorised for ${account.name}.`);
  }
  const options = found?.options ?? certificateOptions;
  const refused = refuseOptions(situation, options, false);
  if (refused) return refusedBy(`${found?.source ?? source}: ${refused}`);
  return joinTerms(
    situation,
    certificate,
    options,
    found?.source ?? source,
    isMapped ? undefined : account.name,
    true,
  );
}

/** Nothing but the certificate speaks: it alone says whether a touch is needed. */
const certificateOptions: KeyOptions = { ...noOptions, requiresTouch: false };

interface PrincipalHit {
  source: string;
  options: KeyOptions;
}

function findPrincipal(
  text: string,
  certificate: Certificate,
  path: string,
  { effective }: Situation,
): PrincipalHit | undefined {
  const hit = readPrincipalLines(text, effective.build).find((l) =>
    certificate.principals.includes(l.principal),
  );
  return hit && { source: `${path}:${hit.line}`, options: hit.options };
}

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { env } from "@/lib/env";

/**
 * The certificates of makers whose attestation is believed, by the file that the admin has named; none without one.
 *
 * Read anew each time: enrolments are rare, and a changed file counts at once.
 *
 * @throws Error when the file is missing or holds something else
 */
export function attestationRoots(): X509Certificate[] {
  const { attestationRootsFile: file } = env();
  if (file === undefined) return [];
  const blocks = readFileSync(file, "utf8").match(
    /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g,
  );
  if (!blocks) throw new Error(`GATEHOUSE_ATTESTATION_ROOTS_FILE: ${file} holds no certificate in PEM.`);
  return blocks.map((block) => new X509Certificate(block));
}

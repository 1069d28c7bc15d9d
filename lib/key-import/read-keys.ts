import { fetchText, internet, type Network } from "@/lib/key-import/fetch-text";
import { type ImportedLines, readImportedLines } from "@/lib/key-import/imported-lines";
import { type KeySource, keySourceUrl } from "@/lib/key-import/source";

/**
 * The keys that stand at a place now.
 *
 * @param allowed prefixes of addresses, as an admin set them
 * @throws AppError `invalid` when the place is not allowed, `unavailable` when it could not be read
 */
export async function readKeys(
  source: KeySource,
  allowed: readonly string[],
  signal: AbortSignal,
  network: Network = internet,
): Promise<ImportedLines> {
  return readImportedLines(await fetchText(keySourceUrl(source, allowed), signal, network));
}

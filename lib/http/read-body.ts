import { AppError } from "@/lib/errors";

/** More than any form of ours holds, and little enough to hold many at once. */
export const bodyBytes = 256 * 1024;

/**
 * The JSON object in a request's body; an absent body is an empty one.
 *
 * Only `application/json`: the kinds that a form of another site can send are refused.
 *
 * @throws AppError `too_large` as soon as the limit is passed, `invalid` when it is no JSON object
 */
export async function readBody(request: Request, maxBytes: number): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes.length === 0) return {};
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json")
    throw new AppError("invalid", "Send the input as JSON, with Content-Type: application/json.");
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AppError("invalid", "The input is not JSON.", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AppError("invalid", "The input must be a JSON object.");
  return Object.fromEntries(Object.entries(value));
}

/** The bytes of a request's body. @throws AppError `too_large` as soon as the limit is passed */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new AppError("too_large", `The input is larger than ${Math.floor(maxBytes / 1024)} KiB.`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks);
}

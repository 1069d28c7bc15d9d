import { largestMessageBytes, takeReport } from "@/lib/features/hosts/install-report";
import { clientOf } from "@/lib/http/client";
import { readBytes } from "@/lib/http/read-body";
import { answering } from "@/lib/http/route";

/**
 * What an installed host says of itself. No session and no cookie: its MAC is what counts.
 *
 * The answer is text for a terminal, and always 200 when it is one of ours: wget shows no other.
 */
export const POST = answering(async (request) => {
  const message = Buffer.from(await readBytes(request, largestMessageBytes));
  const { text } = await takeReport(message, clientOf(request.headers).address);
  return new Response(`${text}\n`, {
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
});

import { findInstallScript } from "@/lib/features/hosts/install-report";
import { answering } from "@/lib/http/route";

/** The install script of a host whose command is open: no secret in it, checked by its SHA-256 before it runs. */
export const GET = answering(async (request) => {
  const script = await findInstallScript(new URL(request.url).searchParams.get("host") ?? "");
  if (script === undefined)
    return new Response("No install command is open for this host. Ask Gatehouse for a new one.\n", {
      status: 404,
      headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
    });
  return new Response(script, {
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
});

import { prisma } from "@/lib/db/client";
import { log } from "@/lib/log";

/** Whether this process answers and reaches its database. Says nothing else to anybody. */
export async function health(): Promise<Response> {
  const headers = { "cache-control": "no-store" };
  try {
    await prisma().$queryRaw`select 1`;
    return Response.json({ status: "ok" }, { headers });
  } catch (error) {
    log.warn("health: the database does not answer", { error });
    return Response.json({ status: "database unreachable" }, { status: 503, headers });
  }
}

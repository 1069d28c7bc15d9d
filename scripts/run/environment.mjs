import { tsImport } from "tsx/esm/api";
import { Problem } from "../../lib/db/problem.mjs";

/**
 * Refuses a wrong variable before anything is started, in the words of the one list of them (lib/env.ts).
 *
 * @param {string | undefined} databaseUrl undefined: the embedded PostgreSQL, which has no address yet
 * @throws {Problem}
 */
export async function checkEnvironment(databaseUrl) {
  const { parseEnv } = await tsImport("../../lib/env.ts", import.meta.url);
  try {
    parseEnv({ ...process.env, DATABASE_URL: databaseUrl ?? "postgresql://localhost/embedded" });
  } catch (error) {
    throw new Problem(error.message);
  }
}

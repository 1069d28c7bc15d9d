// npm run recover -- LOGIN: a one-time link for somebody who has lost every way in. On the machine of the data folder.
import path from "node:path";
import { now } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { runningUrl } from "@/lib/db/embedded/cluster.mjs";
import { Problem } from "@/lib/db/problem.mjs";
import { AppError } from "@/lib/errors";
import { letBackIn } from "@/lib/features/people/let-back-in";
import { readSettings } from "./run/settings.mjs";
import { runProgram } from "./setup/program.mjs";

await runProgram(async () => {
  const [login, ...more] = process.argv.slice(2);
  if (!login || more.length > 0) throw new Problem("Usage: npm run recover -- LOGIN");
  const { databaseUrl, dataFolder } = readSettings();
  const url = databaseUrl ?? runningUrl(path.join(dataFolder, "postgres"));
  if (!url)
    throw new Problem(
      `No Gatehouse runs on the data folder ${dataFolder}. Start it (npm start), or set DATABASE_URL to its PostgreSQL.`,
    );
  process.env.DATABASE_URL = url;
  try {
    const { name, url: link, expiresAt } = await letBackIn(prisma(), login.trim().toLowerCase(), now());
    console.log(`\nOnce, until ${expiresAt}, this link lets ${name} choose a new way in:\n\n    ${link}\n`);
    console.log("Whoever has it becomes that person. It was written into the activity.\n");
  } catch (error) {
    throw error instanceof AppError ? new Problem(error.message) : error;
  } finally {
    await prisma().$disconnect();
  }
});

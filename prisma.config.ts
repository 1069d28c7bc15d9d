import path from "node:path";
import { defineConfig } from "prisma/config";

// Prisma's command line looks for a native engine and downloads it when it is absent. Naming ours first keeps every
// `prisma` command working without a network. It must be set here: it is read right after this file.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= path.join(import.meta.dirname, "prisma/engine/schema-engine.mjs");

export default defineConfig({
  schema: "prisma/schema",
  migrations: { path: "prisma/migrations" },
  // In-memory PostgreSQL, so that making or checking a migration needs no server.
  datasource: { url: process.env.DATABASE_URL ?? "pglite:" },
});

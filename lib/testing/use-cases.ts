import { readdirSync } from "node:fs";
import path from "node:path";
import type { Command, OpenCommand, Query } from "@/lib/usecase";

function kindOf(value: unknown): string {
  return typeof value === "object" && value !== null && "kind" in value ? String(value.kind) : "";
}

function isGuarded(value: unknown): value is Command | Query {
  return /^(command|query)$/.test(kindOf(value));
}

function isOpen(value: unknown): value is OpenCommand {
  return kindOf(value) === "open-command";
}

/** Every use case that the features export, found on disk: a new one is tested without being listed. */
export async function findUseCases(): Promise<{ guarded: (Command | Query)[]; open: OpenCommand[] }> {
  const features = path.join(import.meta.dirname, "../features");
  const files = readdirSync(features, { recursive: true, encoding: "utf8" }).filter((file) =>
    /(commands|queries)\.ts$/.test(file),
  );
  const modules: object[] = await Promise.all(files.map((file) => import(path.join(features, file))));
  const exported = modules.flatMap((module) => Object.values(module));
  return { guarded: exported.filter(isGuarded), open: exported.filter(isOpen) };
}

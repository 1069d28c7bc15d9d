import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { BuildId } from "@/lib/sshd-config/build";
import type { Case, TestWorld } from "@/lib/sshd-config/testing/corpus";
import { readWorld } from "@/lib/sshd-config/world";

const here = path.resolve(import.meta.dirname, "../sshd-config/testing");

/** What a real sshd said to one case; dumps as the difference to what it prints for an empty file. */
export interface RecordedAnswer {
  id: string;
  code: number;
  stderr: string;
  dumps: { code?: number; less?: string[]; more?: string[] }[];
}

/** The host on which the recorded cases were asked. */
export function loadWorld(directory = path.join(here, "world")): TestWorld {
  const read = (name: string) => readFileSync(path.join(directory, name), "utf8");
  const keys = readdirSync(directory).filter((name) => name.endsWith(".pub"));
  return {
    world: readWorld({
      passwd: read("passwd"),
      group: read("group"),
      services: read("services"),
      hosts: read("hosts"),
    }),
    publicKeys: new Map(keys.map((name) => [name, read(name)])),
  };
}

function rows<T>(name: string): T[] {
  const text = readFileSync(path.join(here, "corpus", name), "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

/** The recorded cases. */
export function loadCases(): Case[] {
  return rows<Case>("cases.jsonl");
}

/** What this build's real sshd said to them, and what it prints for an empty file. */
export function loadAnswers(build: BuildId): { standard: string[]; answers: RecordedAnswer[] } {
  const [first, ...answers] = rows<{ standard: string[] } & RecordedAnswer>(`${build}.jsonl`);
  return { standard: first?.standard ?? [], answers };
}

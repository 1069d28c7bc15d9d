import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type LoginCase, type LoginWorld, readLoginWorld } from "@/lib/access/testing/corpus";
import type { RecordedLogins } from "@/lib/access/testing/recorded";

/** The host on which the recorded logins were tried. */
export const loginWorldDirectory = path.resolve(import.meta.dirname, "../access/testing/world");

/** Reads a world: passwd, group, and public keys, certificates and lists by their names. */
export function loadLoginWorld(directory = loginWorldDirectory): LoginWorld {
  const files = new Map(
    readdirSync(directory).map((name) => [name, new Uint8Array(readFileSync(path.join(directory, name)))]),
  );
  const text = (name: string) => new TextDecoder().decode(files.get(name));
  return readLoginWorld(text("passwd"), text("group"), files);
}

function readLines<T>(name: string): T[] {
  const text = readFileSync(path.resolve(import.meta.dirname, "../access/testing/corpus", name), "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}

/** Logins that were tried against real sshds. */
export const loadLoginCases = () => readLines<LoginCase>("cases.jsonl");

/** What came of them, in the order of the cases. */
export const loadRecordedLogins = () => readLines<RecordedLogins>("answers.jsonl");

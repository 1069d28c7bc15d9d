#!/usr/bin/env node
// Prisma's schema engine, without its native binary.
//
// Prisma's command line speaks JSON-RPC over stdio with an executable that it downloads from a host of its own, where
// an installation behind a firewall ends. The same engine exists as WebAssembly in the package registry; this program
// puts the one behind the protocol of the other. It is used by developers (`npm run db:migration`) and by
// `prisma generate`; the running product applies its migrations with lib/db/migrate.mjs and never starts it.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { adapterFactoryFor } from "./adapter.mjs";

const ENGINE_ERROR = 4466; // JSON-RPC code that Prisma's command line prints as it is
const require = createRequire(import.meta.url);
const argv = process.argv.slice(2);

/** The value after an argument's name, undefined when it is absent. */
function argument(name) {
  const at = argv.indexOf(name);
  return at < 0 ? undefined : argv[at + 1];
}

/** `[path, text]` of each schema file: the engine has no file system of its own. */
function schemaFiles(place) {
  if (!place) return undefined;
  const files = statSync(place).isDirectory()
    ? readdirSync(place, { recursive: true, encoding: "utf8" })
        .filter((f) => f.endsWith(".prisma"))
        .map((f) => path.join(place, f))
    : [place];
  return files.sort().map((file) => [file, readFileSync(file, "utf8")]);
}

async function loadEngine() {
  const engine = await import("@prisma/schema-engine-wasm/schema_engine_bg");
  const wasm = require
    .resolve("@prisma/schema-engine-wasm")
    .replace(/schema_engine\.js$/, "schema_engine_bg.wasm");
  const module = await WebAssembly.compile(readFileSync(wasm));
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = engine[name];
  }
  const instance = await WebAssembly.instantiate(module, imports);
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return engine;
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

/** The error as Prisma's command line wants it; the engine's own errors carry theirs as JSON in the message. */
function rpcError(error) {
  const message = error?.message ?? String(error);
  try {
    return { code: ENGINE_ERROR, message, data: JSON.parse(message) };
  } catch {
    const data = { is_panic: false, message, error_code: error?.code, meta: error?.meta ?? {} };
    return { code: ENGINE_ERROR, message, data };
  }
}

/** `cli can-connect-to-database`: exit 0 when it can, else 1 with a log line on stderr. */
async function probe(factory) {
  try {
    const connection = await factory.connect();
    await connection.queryRaw({ sql: "SELECT 1", args: [], argTypes: [] });
    await connection.dispose();
    return 0;
  } catch (error) {
    const fields = { message: String(error.message ?? error), is_panic: false, error_code: "P1001" };
    const target = "schema_engine::logger";
    console.error(JSON.stringify({ timestamp: new Date().toISOString(), level: "ERROR", fields, target }));
    return 1;
  }
}

async function call(engine, method, params) {
  if (method === "getDatabaseVersion") return engine.version(params);
  if (method === "evaluateDataLoss") {
    // This method is handed no shadow database; the diagnostic replays the migrations into one and keeps the result.
    await engine.devDiagnostic({ migrationsList: params.migrationsList, filters: params.filters });
  }
  return engine[method](params);
}

async function serve(engine) {
  let printed = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    if (!line.trim()) continue;
    const { id, method, params } = JSON.parse(line);
    if (!method) continue; // the acknowledgement of a `print` of ours
    pending = id;
    try {
      const result = await call(engine, method, params);
      if (method === "diff" && typeof result?.stdout === "string") {
        send({ id: 1_000_000 + printed++, method: "print", params: { content: result.stdout } });
        result.stdout = null;
      }
      send({ id, result: result ?? null });
    } catch (error) {
      send({ id, error: rpcError(error) });
    }
    pending = undefined;
  }
}

/** Id of the request being served: a crash must answer it, or the command line ends with exit code 0. */
let pending;
const panics = {
  message: "",
  set_message: (message) => {
    panics.message = message;
  },
};
globalThis.PRISMA_WASM_PANIC_REGISTRY ??= panics;

function crash(error) {
  const message = panics.message || error?.stack || String(error);
  if (pending === undefined) {
    console.error(message);
    process.exit(101);
  }
  const data = { is_panic: false, message, meta: {} };
  const answer = { jsonrpc: "2.0", id: pending, error: { code: ENGINE_ERROR, message, data } };
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(101));
}

if (argv.includes("--version")) {
  console.log("schema-engine-cli wasm");
  process.exit(0);
}
process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);
const factory = adapterFactoryFor(JSON.parse(argument("--datasource") ?? "{}").url ?? "");
if (argv.includes("cli")) process.exit(await probe(factory));

const { bindMigrationAwareSqlAdapterFactory } = await import("@prisma/driver-adapter-utils");
const { SchemaEngine } = await loadEngine();
const log = () => {}; // the engine's debug log
await serve(
  await SchemaEngine.new(
    { datamodels: schemaFiles(argument("--datamodels")) },
    log,
    bindMigrationAwareSqlAdapterFactory(factory),
  ),
);
process.exit(0);

// The database behind the schema engine: a PostgreSQL by its address, else an in-memory one.
import { PGlite } from "@electric-sql/pglite";
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaPGlite } from "pglite-prisma-adapter";

const OID_CHAR = 18; // PostgreSQL's internal one-byte "char", which its catalogues use
const OID_TEXT = 25;
const PRISMA_CHARACTER = 6; // ColumnTypeEnum.Character of @prisma/driver-adapter-utils

/**
 * @param {string} url `postgresql://…`, `pglite:[folder]`, or "" for an in-memory database
 * @returns a migration-aware driver adapter factory of Prisma
 */
export function adapterFactoryFor(url) {
  if (/^postgres(ql)?:/.test(url)) return postgres(url);
  if (url === "" || url.startsWith("pglite:"))
    return new PrismaPGlite(new PGlite(url.slice("pglite:".length) || undefined));
  throw new Error(`Unknown kind of database address: ${url.split(":")[0]}. Use postgresql://… or pglite:.`);
}

function postgres(url) {
  const factory = new PrismaPg({ connectionString: url });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => readInternalChar(await connect());
  // The adapter's own shadow database is the real one when it was made from an address: migrations would be replayed
  // into the user's data. An in-memory one also needs no right to create databases.
  factory.connectToShadowDb = () => adapterFactoryFor("pglite:").connect();
  return factory;
}

/** Lets introspection read `"char"` columns, a type that the adapter refuses. */
function readInternalChar(adapter) {
  const performIO = adapter.performIO.bind(adapter);
  const queryRaw = adapter.queryRaw.bind(adapter);
  let chars = [];
  adapter.performIO = async (query) => {
    const result = await performIO(query);
    chars = [];
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== OID_CHAR) continue;
      field.dataTypeID = OID_TEXT;
      chars.push(index);
    }
    return result;
  };
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of chars) result.columnTypes[index] = PRISMA_CHARACTER;
    return result;
  };
  return adapter;
}

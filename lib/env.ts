import { z } from "zod";

const Port = z.coerce.number().int().min(1).max(65_535);

const Variables = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("development"),
  /** Set by `npm start` for the embedded PostgreSQL; set by the admin for a PostgreSQL of his own. */
  DATABASE_URL: z
    .string({
      error:
        "is missing. Start with `npm start`, or give the address of a PostgreSQL: postgresql://user@host/name",
    })
    .regex(/^postgres(ql)?:\/\//, "must begin with postgresql://"),
  /** Connections that this process may hold at once. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(200).default(10),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: Port.default(3000),
  /** The address in people's browsers. It decides the WebAuthn relying party, the Origin check and the cookie's name. */
  GATEHOUSE_URL: z
    .url({ protocol: /^https?$/, error: "must be an address such as https://gatehouse.example.org" })
    .refine((text) => isBare(text), "must have no path, query or user: https://gatehouse.example.org")
    .optional(),
  /** Where servers reach us for the install command, when that is another address than the browsers'. */
  GATEHOUSE_INSTALL_URL: z
    .url({ protocol: /^https?$/, error: "must be an address such as http://10.0.0.5:3000" })
    .refine((text) => isBare(text), "must have no path, query or user: http://10.0.0.5:3000")
    .optional(),
  GATEHOUSE_WEB_KEY_FILE: z.string().min(1).optional(),
  GATEHOUSE_WORKER_KEY_FILE: z.string().min(1).optional(),
  /** Reverse proxies in front of us whose X-Forwarded-For is believed; 0: the peer of the connection is the client. */
  GATEHOUSE_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /** PEM: makers of security keys whose attestation is believed. */
  GATEHOUSE_ATTESTATION_ROOTS_FILE: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  LOG_FORMAT: z.enum(["json", "pretty"]).optional(),
});

export interface Env {
  readonly mode: "production" | "development" | "test";
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly host: string;
  readonly port: number;
  /** The origin in people's browsers, without a slash at the end. */
  readonly origin: string;
  /** WebAuthn's relying party: the host name of `origin`. */
  readonly rpId: string;
  /** Where servers reach us for the install command, without a slash at the end. */
  readonly installOrigin: string;
  /** Path of the web process's key file; undefined in the worker. */
  readonly webKeyFile: string | undefined;
  /** Path of the worker's key file; undefined in the web process. */
  readonly workerKeyFile: string | undefined;
  readonly trustedProxies: number;
  /** Path of the roots by which attestations of security keys are believed; undefined: none is. */
  readonly attestationRootsFile: string | undefined;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logFormat: "json" | "pretty";
}

function isBare(text: string): boolean {
  if (!URL.canParse(text)) return true; // said already
  const { username, password, pathname, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === "" && pathname === "/";
}

/**
 * The environment, checked.
 *
 * @throws Error that lists every wrong variable at once, what is wrong with it and what it should be
 */
export function parseEnv(variables: Readonly<Record<string, string | undefined>>): Env {
  // An empty variable is how shells and compose files say "not set".
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const result = Variables.safeParse(given);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `  ${issue.path.join(".")} ${issue.message}`);
    throw new Error(`The environment is not usable:\n${lines.join("\n")}`);
  }
  const v = result.data;
  const url = new URL(v.GATEHOUSE_URL ?? `http://localhost:${v.PORT}`);
  return {
    mode: v.NODE_ENV,
    databaseUrl: v.DATABASE_URL,
    databasePoolSize: v.DATABASE_POOL_SIZE,
    host: v.HOST,
    port: v.PORT,
    origin: url.origin,
    installOrigin: new URL(v.GATEHOUSE_INSTALL_URL ?? url).origin,
    rpId: url.hostname,
    webKeyFile: v.GATEHOUSE_WEB_KEY_FILE,
    workerKeyFile: v.GATEHOUSE_WORKER_KEY_FILE,
    trustedProxies: v.GATEHOUSE_TRUSTED_PROXIES,
    attestationRootsFile: v.GATEHOUSE_ATTESTATION_ROOTS_FILE,
    logLevel: v.LOG_LEVEL,
    logFormat: v.LOG_FORMAT ?? (v.NODE_ENV === "production" ? "json" : "pretty"),
  };
}

let parsed: Env | undefined;

/** This process's environment, parsed at the first call and then kept. Throws as `parseEnv` does. */
export function env(): Env {
  parsed ??= parseEnv(process.env);
  return parsed;
}

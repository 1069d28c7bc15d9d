import { now } from "@/lib/clock";
import { type Env, env } from "@/lib/env";

const levels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof levels)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Field names whose value is never written, whatever it is. `Secret<T>` already prints as `[secret]`; this is the net
 * under it, for a plain string that should have been one.
 */
const secretName = /password|passphrase|secret|token|cookie|authorization|private.?key|nonce|credential/i;
const redacted = "[secret]";

/** A value as JSON can carry it: errors with their causes, big integers, bytes by their length, secrets hidden. */
export function loggable(value: unknown, depth = 0): unknown {
  if (value instanceof Error) return loggableError(value, depth);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (depth > 6) return "[deep]";
  if (Array.isArray(value)) return value.map((entry) => loggable(entry, depth + 1));
  if ("toJSON" in value && typeof value.toJSON === "function") return value.toJSON();
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      secretName.test(name) ? redacted : loggable(entry, depth + 1),
    ]),
  );
}

function loggableError(error: Error, depth: number): LogFields {
  return {
    name: error.name,
    message: error.message,
    ...("code" in error ? { code: error.code } : {}),
    ...("detail" in error && error.detail !== undefined ? { detail: error.detail } : {}),
    stack: error.stack,
    ...(error.cause !== undefined && depth < 6 ? { cause: loggable(error.cause, depth + 1) } : {}),
  };
}

/** One line for people: time, level, message, fields as JSON, stacks on lines of their own. */
function pretty(at: Date, level: LogLevel, message: string, fields: LogFields): string {
  const stacks: string[] = [];
  const shown = Object.entries(fields).map(([name, value]) => {
    if (typeof value === "object" && value !== null && "stack" in value) stacks.push(String(value.stack));
    const text = typeof value === "object" && value !== null && "message" in value ? value.message : value;
    return `${name}=${JSON.stringify(text)}`;
  });
  return [
    `${at.toISOString().slice(11, 23)} ${level.padEnd(5)} ${[message, ...shown].join(" ")}`,
    ...stacks,
  ].join("\n");
}

/** A wrong environment must not hide what is being said about it. */
function settings(): Pick<Env, "logLevel" | "logFormat"> {
  try {
    return env();
  } catch {
    return { logLevel: "info", logFormat: "json" };
  }
}

function write(level: LogLevel, message: string, fields: LogFields = {}): void {
  const { logLevel, logFormat } = settings();
  if (levels.indexOf(level) < levels.indexOf(logLevel)) return;
  const safe = loggable(fields) as LogFields;
  const at = now();
  const line =
    logFormat === "pretty"
      ? pretty(at, level, message, safe)
      : JSON.stringify({ at: at.toISOString(), level, message, ...safe });
  (level === "error" || level === "warn" ? process.stderr : process.stdout).write(`${line}\n`);
}

/**
 * The process's log: one JSON object a line (`LOG_FORMAT=pretty` for people), warnings and errors on stderr.
 *
 * `message` is a fixed sentence, so that it can be searched for; what varies goes into `fields`. Never secrets.
 */
export const log = {
  debug: (message: string, fields?: LogFields) => write("debug", message, fields),
  info: (message: string, fields?: LogFields) => write("info", message, fields),
  warn: (message: string, fields?: LogFields) => write("warn", message, fields),
  error: (message: string, fields?: LogFields) => write("error", message, fields),
} as const;

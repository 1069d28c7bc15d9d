import { type ChildProcess, spawn } from "node:child_process";

/** How a command ended, with all that it wrote. */
export interface Finished {
  /** The exit status; 128 + the signal's number when a signal ended it, as a shell counts. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a daemon that the command left behind may still hold open, we do not wait for longer than this. */
const DRAIN_MILLISECONDS = 500;

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
};

/**
 * Runs a command to its end.
 *
 * A background process that keeps the command's output open does not hold up the answer.
 *
 * @throws only when the command cannot be started at all
 */
export function runToEnd(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: options.env ?? process.env });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A command may end before it has read its input; how it ended is the answer, not the broken pipe.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");

  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new Error(`Could not start ${command}: ${cause.message}`, { cause })),
    );
    child.once("exit", (status, signal) => {
      const code = status ?? 128 + (signal ? (SIGNAL_NUMBERS[signal] ?? 0) : 0);
      let isFinished = false;
      const finish = () => {
        if (isFinished) return;
        isFinished = true;
        clearTimeout(drain);
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() });
      };
      // On a crowded machine the timer may come before what lies in the pipe has been read: that first.
      const drain = setTimeout(() => setImmediate(() => setImmediate(finish)), DRAIN_MILLISECONDS);
      child.once("close", finish);
    });
  });
}

/** As `runToEnd`, but anything other than exit status 0 is an error that quotes what the command said. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const finished = await runToEnd(command, args, options);
  if (finished.code !== 0) {
    const said = (finished.stderr.trim() || finished.stdout.toString().trim()).slice(-2000);
    throw new Error(`${command} ${args.join(" ")} ended with ${finished.code}: ${said || "it said nothing"}`);
  }
  return finished;
}

/**
 * Waits until a long-running child says "up" on its descriptor 3.
 *
 * @param whatItIs for the error, e.g. "the host web-1"
 * @param log reads what the child has logged so far, for the error
 * @throws when the child ends, or cannot be started, before it says so
 */
export function waitUntilUp(child: ChildProcess, whatItIs: string, log: () => string): Promise<void> {
  const signal = child.stdio[3];
  if (!signal) throw new Error("waitUntilUp: the child was started without a pipe on descriptor 3");
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      const tail = lastLines(log);
      reject(new Error(`Could not start ${whatItIs}: ${reason}${tail ? `\n${tail}` : ""}`));
    };
    const onError = (error: Error) => fail(error.message);
    const onExit = (code: number | null, killedBy: string | null) =>
      fail(`it ended with ${code ?? killedBy}`);
    child.once("error", onError);
    child.once("exit", onExit);
    signal.once("data", () => {
      child.off("error", onError);
      child.off("exit", onExit);
      signal.destroy();
      resolve();
    });
  });
}

/** A lab that is closed meanwhile takes its logs with it. */
function lastLines(log: () => string): string {
  try {
    return log().trim().split("\n").slice(-15).join("\n");
  } catch {
    return "";
  }
}

import type { Client, ClientChannel } from "ssh2";
import { SshError } from "@/lib/ssh/errors";

export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the command's stdin, which is then closed. */
  readonly input?: Uint8Array;
  /** Most bytes taken of stdout and stderr together. More: the connection is destroyed. */
  readonly maxBytes: number;
  readonly timeoutSeconds: number;
  /** Takes stdout as it comes; `stdout` of the result is then empty. */
  readonly onData?: (chunk: Buffer) => void;
  readonly onErrorData?: (chunk: Buffer) => void;
  /**
   * Asked after each chunk of stdout: is the answer whole? Then the host has two more seconds to end the command. A
   * process that it left behind may hold the channel open for ever.
   */
  readonly isWhole?: () => boolean;
}

export interface ExecResult {
  /** null when a signal ended it or the host did not say. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

const lingerSeconds = 2;

/**
 * Runs a command in a new channel of `client`; see SshConnection.exec.
 *
 * ssh2 buffers what nobody reads, so every byte is counted as it comes and the whole connection is cut at the cap.
 *
 * @param destroy closes the socket at once
 */
export function execute(
  client: Client,
  destroy: () => void,
  command: string,
  options: ExecOptions,
): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = 0;
    let code: number | null | undefined;
    let lingering: NodeJS.Timeout | undefined;
    const finish = (error: SshError | undefined) => {
      clearTimeout(timer);
      clearTimeout(lingering);
      client.off("close", lost);
      if (error) reject(error);
      else resolve({ code: code ?? null, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
    };
    const cut = (error: SshError) => {
      finish(error);
      destroy();
    };
    const lost = () =>
      finish(new SshError("connection-lost", "The connection broke off before the answer came."));
    const timer = setTimeout(
      () => cut(new SshError("timed-out", `No answer within ${options.timeoutSeconds} s.`)),
      options.timeoutSeconds * 1000,
    );
    client.on("close", lost);

    const count = (chunk: Buffer): boolean => {
      bytes += chunk.length;
      if (bytes <= options.maxBytes) return true;
      cut(
        new SshError(
          "too-much-output",
          `The server sent more than ${options.maxBytes} bytes; the connection was cut.`,
        ),
      );
      return false;
    };
    const read = (channel: ClientChannel) => {
      channel.on("data", (chunk: Buffer) => {
        if (!count(chunk)) return;
        if (options.onData) options.onData(chunk);
        else stdout.push(chunk);
        if (!lingering && options.isWhole?.())
          lingering = setTimeout(() => {
            finish(undefined);
            channel.close();
          }, lingerSeconds * 1000);
      });
      channel.stderr.on("data", (chunk: Buffer) => {
        if (!count(chunk)) return;
        options.onErrorData?.(chunk);
        stderr.push(chunk);
      });
      channel.on("exit", (status: number | null) => {
        code = status;
      });
      // When the whole connection breaks, its own event comes first and has rejected by now.
      channel.on("close", () => finish(undefined));
      channel.on("error", () => cut(new SshError("connection-lost", "The channel broke off.")));
      channel.end(Buffer.from(options.input ?? []));
    };
    try {
      client.exec(command, { env: options.env as NodeJS.ProcessEnv | undefined }, (error, channel) => {
        if (error)
          finish(
            new SshError("channel-refused", "The server refused to run anything in this login.", {
              cause: error,
            }),
          );
        else read(channel);
      });
    } catch (cause) {
      finish(new SshError("connection-lost", "The connection is closed.", { cause }));
    }
  });
}

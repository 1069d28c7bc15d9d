import { renderInstallScript, reportBegin, reportEnd } from "@/lib/agent/install-script";
import { shippedAgent } from "@/lib/agent/shipped-agent";
import { now as clockNow } from "@/lib/clock";
import { prisma } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { LoginCredential } from "@/lib/features/hosts/schema";
import { Prisma } from "@/lib/generated/prisma/client";
import type { JobContext } from "@/lib/jobs/handlers";
import { findLiveWorkers } from "@/lib/jobs/liveness";
import { Secret } from "@/lib/secrets/secret";
import type { SshAuth } from "@/lib/ssh/authenticate";
import { SshError } from "@/lib/ssh/errors";
import { connect, type SshConnection } from "@/lib/ssh/ssh2";

/** A slow package manager on a slow line. */
const installSeconds = 900;
const largestOutputBytes = 4 * 1024 * 1024;

/** Runs what comes on stdin. */
const asRoot = "sh -s";
const bySudo = "sudo -n sh -s";
/**
 * `sudo -S` reads the password from the first line of stdin, unless it does not ask: then nothing may run that line.
 * So the command throws away everything up to a mark, and only then reads the script.
 */
const scriptMark = "#gatehouse-script";
const bySudoWithPassword = `sudo -S -k -p "" sh -c 'while IFS= read -r line; do if [ "$line" = "${scriptMark}" ]; then exec sh -s; fi; done; exit 1'`;

/** The credential of an enrolment sits in the memory of other workers than this one; the job must go there. */
export class CredentialElsewhere extends Error {}

/**
 * Takes the credential out of the database, once: whoever comes second finds nothing.
 *
 * @throws CredentialElsewhere when it was sealed to other workers; AppError `expired` when it has been used
 */
export async function takeCredential(
  enrolment: { id: string; credentialBoxes: unknown },
  context: JobContext,
): Promise<LoginCredential> {
  const boxes = enrolment.credentialBoxes;
  if (typeof boxes !== "object" || boxes === null)
    throw new AppError(
      "expired",
      "Gatehouse's worker was interrupted after it had used what you entered. Look at the host keys and enter it again.",
    );
  const box = Object.entries(boxes).find(([workerId]) => workerId === context.workerId)?.[1];
  if (typeof box !== "string") {
    const live = await findLiveWorkers(prisma());
    if (live.some((worker) => worker.id in boxes)) throw new CredentialElsewhere("sealed to other workers");
    throw new AppError(
      "expired",
      "Gatehouse's worker was started again before it could use what you entered. Look at the host keys and enter it again.",
    );
  }
  const { count } = await prisma().enrolment.updateMany({
    where: { id: enrolment.id, credentialBoxes: { not: Prisma.AnyNull } },
    data: { credentialBoxes: Prisma.DbNull, usedAt: clockNow() },
  });
  if (count !== 1) throw new AppError("conflict", "Another worker is using this credential.");
  const bytes = context.openBox(Buffer.from(box, "base64"), `enrolment:${enrolment.id}`);
  return LoginCredential.parse(JSON.parse(bytes.toString("utf8")));
}

/**
 * Logs in to the host whose key a person compared, and installs the agent as root.
 *
 * @returns the report: lines `name=value`
 * @throws SshError; AppError with what to do when root's rights cannot be had or the installer refuses
 */
export async function installByLogin(
  host: { id: string; address: string; port: number; managementPublicKey: string | null },
  login: LoginCredential,
  options: { onOutput: (bytes: Buffer) => void; signal: AbortSignal },
): Promise<string> {
  if (!host.managementPublicKey)
    throw new AppError("unavailable", "The host's key is still being made. Try again.");
  const pins = await prisma().hostKeyPin.findMany({
    where: { hostId: host.id, retiredAt: null, offeredAt: null },
  });
  const connection = await connect({
    address: host.address,
    port: host.port,
    username: login.username,
    auth: authOf(login),
    pins,
    timeoutSeconds: 20,
    signal: options.signal,
  });
  try {
    const { command, preamble } = await findWayToRoot(connection, login);
    const script = renderInstallScript(shippedAgent(), {
      hostId: host.id,
      publicKey: host.managementPublicKey,
      reportUrl: null,
    });
    const result = await connection.exec(command, {
      input: Buffer.from(`${preamble}${script}`),
      maxBytes: largestOutputBytes,
      timeoutSeconds: installSeconds,
      onErrorData: options.onOutput,
    });
    const report = reportIn(result.stdout.toString("utf8"));
    if (result.code === 0 && report !== undefined) return report;
    throw new AppError(
      "unavailable",
      login.sudoPassword !== undefined &&
        result.stderr.length < 2000 &&
        report === undefined &&
        result.code === 1
        ? "The installation did not succeed. If sudo refused the password, enter it again; otherwise the last lines above say why."
        : "The installation did not succeed, and what it had done was undone. The last lines above say why.",
    );
  } finally {
    connection.end();
  }
}

function authOf(login: LoginCredential): SshAuth {
  const { credential } = login;
  if (credential.kind === "password") return { kind: "password", password: new Secret(credential.password) };
  return {
    kind: "key",
    privateKey: new Secret(credential.privateKey),
    ...(credential.passphrase !== undefined && { passphrase: new Secret(credential.passphrase) }),
  };
}

async function findWayToRoot(
  connection: SshConnection,
  login: LoginCredential,
): Promise<{ command: string; preamble: string }> {
  const ask = (command: string) => connection.exec(command, { maxBytes: 64 * 1024, timeoutSeconds: 20 });
  const id = await ask("id -u");
  if (id.stdout.toString("utf8").trim() === "0") return { command: asRoot, preamble: "" };
  if (id.code !== 0)
    throw new SshError(
      "channel-refused",
      "This account cannot run commands on the server (its shell or a forced command).",
    );
  if ((await ask("sudo -n true")).code === 0) return { command: bySudo, preamble: "" };
  if ((await ask("command -v sudo")).code !== 0)
    throw new AppError(
      "invalid",
      `There is no sudo on the server, and ${login.username} is not root. Log in as root, or use the install command.`,
    );
  const password =
    login.sudoPassword ?? (login.credential.kind === "password" ? login.credential.password : undefined);
  if (password === undefined)
    throw new AppError("invalid", `sudo asks ${login.username} for a password. Enter it, or log in as root.`);
  return { command: bySudoWithPassword, preamble: `${password}\n${scriptMark}\n` };
}

function reportIn(stdout: string): string | undefined {
  const lines = stdout.split("\n");
  const begin = lines.indexOf(reportBegin);
  const end = lines.indexOf(reportEnd, begin);
  return begin < 0 || end < 0 ? undefined : lines.slice(begin + 1, end).join("\n");
}

import { createHash } from "node:crypto";
import { z } from "zod";
import { sshdPamFile } from "@/lib/access/pam";
import { AgentError } from "@/lib/agent/errors";
import type { Answer } from "@/lib/agent/wire";

/** sshd's PAM file, as it stands on a host. */
export interface PamFile {
  readonly path: string;
  readonly sha256: string;
  /** The module for one-time codes is where libpam looks for it. */
  readonly hasModule: boolean;
  readonly content: Buffer;
}

const Headers = z.object({
  path: z.literal(sshdPamFile),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
  module: z.enum(["present", "absent"]),
});

/** The answer of `read-pam`. @throws AgentError "malformed" when a header is none, or size or hash is not the content's */
export function readPam(answer: Answer): PamFile {
  const read = Headers.safeParse(answer.headers);
  if (!read.success) throw malformed(`no usable "${read.error.issues[0]?.path.join(".")}"`);
  const { path, sha256, bytes, module } = read.data;
  const content = Buffer.from(answer.body);
  if (content.length !== bytes || createHash("sha256").update(content).digest("hex") !== sha256)
    throw malformed("a file whose size or hash is wrong");
  return { path, sha256, hasModule: module === "present", content };
}

function malformed(what: string): AgentError {
  return new AgentError("malformed", `The host's agent answered "read-pam" with ${what}.`);
}

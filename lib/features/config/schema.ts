import { z } from "zod";

export const HostConfigInput = z.strictObject({ hostId: z.uuid() });
export const FileInput = z.strictObject({ fileId: z.uuid() });
/** 128 KiB is what the agent takes; a larger sshd_config was not seen anywhere. */
export const ConfigText = z.string().max(131_072, "A configuration file may have at most 128 KiB.");
export const SaveDraftInput = z.strictObject({
  fileId: z.uuid(),
  baseSha256: z.string().regex(/^[0-9a-f]{64}$/),
  content: ConfigText,
});
export const DiscardDraftInput = FileInput;
export const VersionInput = z.strictObject({ versionId: z.uuid() });
/** Asks the host's own `sshd -t` about a draft; the answer comes as an operation. */
export const CheckDraftInput = z.strictObject({ fileId: z.uuid(), content: ConfigText });

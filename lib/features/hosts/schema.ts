import { z } from "zod";
import { areVisibleLines, notVisible } from "@/lib/text";

/** A host name in Gatehouse: what people call it; unique. Never begins with "-" (it stands in commands people paste). */
export const HostName = z
  .string()
  .trim()
  .min(1, "Give the host a name.")
  .max(63, "At most 63 characters.")
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    "Letters, digits, dot, dash and underscore; begin with a letter or digit.",
  );

/** A DNS name, IPv4 or IPv6 address (without brackets). */
export const HostAddress = z
  .string()
  .trim()
  .min(1, "Say where the server is reached.")
  .max(253)
  .regex(/^(?!-)[A-Za-z0-9._:-]+$/, "A DNS name or an IP address.");

export const Port = z.coerce.number().int().min(1).max(65535);

export const Tag = z
  .string()
  .trim()
  .min(1)
  .max(40)
  .regex(/^[a-z0-9][a-z0-9._:/-]*$/, "Lower-case letters, digits and . _ : / -");

export const HostId = z.strictObject({ hostId: z.uuid() });

export const AddHostInput = z.strictObject({
  name: HostName,
  address: HostAddress,
  port: Port.default(22),
  tags: z.array(Tag).max(20).default([]),
  /** "command": paste a command on the server. "login": Gatehouse connects once with a credential. */
  way: z.enum(["command", "login"]),
});

/** The second step of "login": the fingerprint that the person compared, and the credential, used once. */
export const EnrolByLoginInput = z.strictObject({
  hostId: z.uuid(),
  enrolmentId: z.uuid(),
  fingerprint: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/),
  username: z.string().regex(/^[A-Za-z_][A-Za-z0-9._-]{0,31}$/, "A UNIX account name."),
  credential: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("password"), password: z.string().min(1).max(1024) }),
    z.strictObject({
      kind: z.literal("key"),
      privateKey: z.string().min(1).max(16_384),
      passphrase: z.string().max(1024).optional(),
    }),
  ]),
  /** For an account that is not root and whose sudo asks. */
  sudoPassword: z.string().max(1024).optional(),
});

export const EditHostInput = z.strictObject({
  hostId: z.uuid(),
  name: HostName.optional(),
  address: HostAddress.optional(),
  port: Port.optional(),
  tags: z.array(Tag).max(20).optional(),
  note: z.string().max(2000).refine(areVisibleLines, notVisible).optional(),
});

export const RepinInput = z.strictObject({ hostId: z.uuid(), fingerprint: z.string().startsWith("SHA256:") });

export const RemoveHostInput = z.strictObject({
  hostId: z.uuid(),
  /** Typed by the person, to know that he means it. */
  name: z.string(),
  /** Forget it although it does not answer; what we installed stays there. */
  evenIfUnreachable: z.boolean().default(false),
});

export const PackagesInput = z.strictObject({
  hostId: z.uuid(),
  action: z.enum(["install", "upgrade"]),
  name: z.enum(["openssh-server", "openssh-client", "libpam-google-authenticator"]),
});

/** List filters, as they stand in the URL: ?q=web&state=unreachable&tag=prod&sort=name&page=2 */
export const HostListInput = z.object({
  q: z.string().max(200).default(""),
  state: z
    .enum(["", "managed", "enrolling", "unreachable", "key_changed", "drifted", "archived"])
    .default(""),
  tag: z.array(z.string().max(40)).max(10).default([]),
  sort: z.enum(["name", "address", "seen", "openssh", "os", "created"]).default("name"),
  direction: z.enum(["ascending", "descending"]).default("ascending"),
  page: z.coerce.number().int().min(1).default(1),
  perPage: z.coerce.number().int().min(10).max(1000).default(50),
});
export type HostListFilter = z.output<typeof HostListInput>;

export const importFormats = ["ssh_config", "known_hosts", "ansible", "csv"] as const;
export const ImportPreviewInput = z.strictObject({
  format: z.enum(importFormats),
  text: z.string().max(1_000_000, "At most 1 MB."),
});
export const ImportInput = z.strictObject({
  hosts: z
    .array(z.strictObject({ name: HostName, address: HostAddress, port: Port, tags: z.array(Tag).max(20) }))
    .min(1)
    .max(3000),
});

/** What the web process seals to the workers' memory for one enrolment by login; nobody else ever sees it. */
export const LoginCredential = z.strictObject({
  username: EnrolByLoginInput.shape.username,
  credential: EnrolByLoginInput.shape.credential,
  sudoPassword: z.string().max(1024).optional(),
});
export type LoginCredential = z.output<typeof LoginCredential>;

/** Host keys as an enrolment keeps them for a person to compare (base64 blobs). */
export const OfferedKeys = z.array(
  z.strictObject({ type: z.string().max(100), fingerprint: z.string().max(100), blob: z.string().max(8192) }),
);

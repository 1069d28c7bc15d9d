import { z } from "zod";
import type { HostFacts, LoginFacts } from "@/lib/access/facts";

export const HostAccessInput = z.strictObject({ hostId: z.uuid() });

/** What a person wants to see of a host's ways in; all of it stands in the address of the page. */
export const AccessFilter = z.strictObject({
  /** In the account, the key's comment or fingerprint, the person, the address. */
  q: z.string().max(200).default(""),
  /** One factor, or more than one. */
  factors: z.enum(["", "one", "more"]).default(""),
  /** The methods of the way, in their order: "publickey,password". */
  method: z.string().max(200).default(""),
});

export const HostAccessFilter = z.strictObject({ hostId: z.uuid(), ...AccessFilter.shape });

/** The column AccessReading.logins. */
export const Logins: z.ZodType<LoginFacts[]> = z.array(
  z.object({
    account: z.string(),
    at: z.string(),
    method: z.string().exactOptional(),
    fingerprint: z.string().exactOptional(),
    address: z.string().exactOptional(),
  }),
);

const Account = z.object({
  name: z.string(),
  uid: z.number(),
  gid: z.number(),
  fullName: z.string(),
  home: z.string(),
  shell: z.string(),
  groups: z.array(z.string()),
  password: z.enum(["usable", "locked", "star", "empty", "unknown"]),
  expiresOnDay: z.number().exactOptional(),
  passwordChangedOnDay: z.number().exactOptional(),
  passwordMaxDays: z.number().exactOptional(),
  passwordInactiveDays: z.number().exactOptional(),
});

const File = z.object({
  kind: z.enum(["file", "directory", "symlink", "other", "missing", "unreadable"]),
  uid: z.number().exactOptional(),
  gid: z.number().exactOptional(),
  mode: z.number().exactOptional(),
  target: z.string().exactOptional(),
  text: z.string().exactOptional(),
  base64: z.string().exactOptional(),
  size: z.number().exactOptional(),
  isCut: z.boolean().exactOptional(),
});

/** The column AccessReading.facts, inflated. */
export const StoredFacts: z.ZodType<HostFacts> = z.object({
  format: z.literal(1),
  collectedAt: z.string(),
  isConsistent: z.boolean(),
  cuts: z.array(z.string()),
  sshd: z.object({
    version: z.string(),
    system: z.string(),
    configPath: z.string(),
    listeners: z.array(
      z.object({
        args: z.array(z.string()),
        addresses: z.array(z.string()),
        isSocketActivated: z.boolean(),
      }),
    ),
    dump: z.string().exactOptional(),
    hasPam: z.boolean(),
    zoneMinutes: z.number(),
  }),
  accounts: z.array(Account),
  groups: z.array(z.object({ name: z.string(), gid: z.number(), members: z.array(z.string()) })),
  files: z.record(z.string(), File),
  otp: z.array(
    z.object({
      account: z.string(),
      module: z.string(),
      path: z.string(),
      isPresent: z.boolean(),
      isValid: z.boolean(),
      uid: z.number().exactOptional(),
      mode: z.number().exactOptional(),
    }),
  ),
  sudo: z.array(
    z.object({
      account: z.string(),
      isAll: z.boolean(),
      isWithoutPassword: z.boolean(),
      source: z.string().exactOptional(),
    }),
  ),
  logins: Logins,
  loginsSince: z.string().exactOptional(),
});

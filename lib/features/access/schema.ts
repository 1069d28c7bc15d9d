import { z } from "zod";
import type { HostFacts, LoginFacts } from "@/lib/access/facts";
import type { AccessPathView } from "@/lib/features/access/views";

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

/** What a way may be asked to be; each narrows the list down. */
export const pathTraits = [
  /** Of an account with uid 0. */
  "root",
  /** A password is one of its factors. */
  "password",
  /** It takes a key that nobody we know owns. */
  "unowned",
  /** No login by it within 90 days, on hosts whose records reach back that far. */
  "unused",
  /** Only the host can tell. */
  "uncertain",
  /** What is known of the host is old. */
  "stale",
] as const;

/** Names and patterns of hosts and accounts: `*` stands for anything. */
const NamePattern = z.string().trim().max(200).default("");

/** What a person wants to see of the fleet's ways in; all of it stands in the address of the page. */
export const FleetAccessFilter = z.strictObject({
  /** In the account, the keys, their comments, the addresses, the command, the host, the owner of the key. */
  q: z.string().trim().max(200).default(""),
  host: NamePattern,
  account: NamePattern,
  tag: z.array(z.string().max(40)).max(10).default([]),
  /** A person's id, or "nobody": no key of anybody we know. */
  person: z.union([z.uuid(), z.literal("nobody"), z.literal("")]).default(""),
  /** The methods of the way, in their order: "publickey,password". */
  method: z.string().max(200).default(""),
  factors: z.enum(["", "one", "more"]).default(""),
  is: z.array(z.enum(pathTraits)).max(pathTraits.length).default([]),
});

export const fleetSorts = ["host", "account", "methods", "factors", "used", "seen"] as const;

export const FleetAccessInput = FleetAccessFilter.extend({
  /** Ways one below the other, or grouped. */
  by: z.enum(["", "host", "account", "person"]).default(""),
  /** Of groups: those whose first ways are shown. A host's id, an account's name, a person's id or "nobody". */
  open: z.array(z.string().max(500)).max(20).default([]),
  sort: z.enum(fleetSorts).default("host"),
  direction: z.enum(["ascending", "descending"]).default("ascending"),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  perPage: z.coerce.number().int().min(10).max(200).default(50),
});
export type FleetAccessInput = z.output<typeof FleetAccessInput>;

/** One way, by its host and its id there. */
export const AccessPathId = z.strictObject({
  hostId: z.uuid(),
  id: z.string().regex(/^[0-9a-f]{32}(?:-\d{1,5})?$/),
});

/** Which findings of the fleet; all of it stands in the address of the page. */
export const FindingListInput = z.strictObject({
  q: z.string().trim().max(200).default(""),
  host: NamePattern,
  code: z.string().max(40).default(""),
  severity: z.enum(["", "high", "medium", "low"]).default(""),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  perPage: z.coerce.number().int().min(10).max(200).default(50),
});
export type FindingListInput = z.output<typeof FindingListInput>;

/** Somebody at an address, at a moment; all of it stands in the address of the page. */
export const WhatIfInput = z.strictObject({
  /** A person's id. */
  person: z.union([z.uuid(), z.literal("")]).default(""),
  account: z.string().trim().max(200).default(""),
  /** IPv4 or IPv6; nothing is asked while it is empty. */
  from: z.string().trim().max(64).default(""),
  /** "2026-11-23T08:00", in UTC; now when empty. */
  at: z
    .union([
      z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d$/),
      z.literal(""),
    ])
    .default(""),
  host: NamePattern,
});
export type WhatIfInput = z.output<typeof WhatIfInput>;

/** The way that an address names ("<host>.<way>"); undefined when it names none. */
export function readWay(text: unknown): z.output<typeof AccessPathId> | undefined {
  if (typeof text !== "string") return undefined;
  const [hostId, id] = text.split(".");
  return AccessPathId.safeParse({ hostId, id }).data;
}

/** Every way that fits, as a file. */
export const ExportAccessInput = FleetAccessFilter.extend({ format: z.enum(["csv", "json"]).default("csv") });

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
      isUnread: z.boolean().optional(),
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

const Key = z.object({
  kind: z.string(),
  fingerprint: z.string().nullable(),
  type: z.string().nullable(),
  bits: z.number().nullable(),
  comment: z.string().nullable(),
  principals: z.array(z.string()),
});

/** The column AccessPath.view. */
export const StoredPathView: z.ZodType<AccessPathView> = z.object({
  account: z.string(),
  from: z.array(z.string()),
  to: z.string().nullable(),
  steps: z.array(z.object({ method: z.string(), factors: z.array(z.string()), key: Key.nullable() })),
  factors: z.number(),
  personName: z.string().nullable(),
  forcedCommand: z.string().nullable(),
  limits: z.array(z.string()),
  why: z.array(z.object({ text: z.string(), source: z.string().nullable() })),
  dependsOn: z.array(z.string()),
  lastUsedAt: z.string().nullable(),
});

/** Roles, from most to least powerful. A person has exactly one. */
export const roles = ["owner", "admin", "operator", "auditor", "member"] as const;
export type Role = (typeof roles)[number];

/**
 * Who may do what: the one table. It is the enforcement (lib/usecase.ts), the test matrix and the page in Settings.
 *
 * `member` is self-service: what concerns a person's own sign-in needs no permission ("signed-in" use cases).
 */
export const permissions = {
  "host:read": ["owner", "admin", "operator", "auditor"],
  "host:write": ["owner", "admin", "operator"],
  "host:enrol": ["owner", "admin"],
  "host:repin": ["owner", "admin"],
  "host:remove": ["owner", "admin"],
  "host:packages": ["owner", "admin", "operator"],
  "host:agent": ["owner", "admin"],
  "config:read": ["owner", "admin", "operator", "auditor"],
  "config:draft": ["owner", "admin", "operator"],
  "config:apply": ["owner", "admin", "operator"],
  /** Directives of the risk class "execute" (they run code as root or as another person). */
  "config:apply-execute": ["owner", "admin"],
  /** Apply although the host says that the management account would be shut out. */
  "config:override": ["owner", "admin"],
  /** Who can log in on which host, and why. */
  "access:read": ["owner", "admin", "operator", "auditor"],
  /** Write rules about who may log in, and policies of keys; everybody who may read access reads them. */
  "access:rules": ["owner", "admin"],
  /** Let persons use accounts on hosts, and take that back: what is wanted there. Placing it is `config:apply`. */
  "access:grant": ["owner", "admin"],
  /** Enrol, mend and revoke one-time codes of other people on hosts; for one's own none is needed. */
  "host-codes:write": ["owner", "admin"],
  /** Answer for it that an account need not be ready when a second factor is required. */
  "two-factor:except": ["owner", "admin"],
  /** Have a host ask for a second factor, of whom, and stop it: plan, apply and keep such a change. */
  "two-factor:enforce": ["owner", "admin"],
  /** See review campaigns, what was decided in them, and what is different since. */
  "review:read": ["owner", "admin", "operator", "auditor"],
  /** Decide about ways in, as far as one is named as their reviewer. */
  "review:decide": ["owner", "admin", "operator"],
  "review:manage": ["owner", "admin"],
  "review:export": ["owner", "admin", "auditor"],
  "person:read": ["owner", "admin", "auditor"],
  "person:write": ["owner", "admin"],
  /** Bring, rename and remove SSH keys of other people. */
  "person:keys": ["owner", "admin"],
  /** Give or take the role of owner. */
  "person:owner": ["owner"],
  "activity:read": ["owner", "admin", "auditor"],
  "activity:export": ["owner", "admin", "auditor"],
  "settings:read": ["owner", "admin", "auditor"],
  "settings:write": ["owner", "admin"],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;

/** Whether people of this role hold the permission. */
export function can(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role);
}

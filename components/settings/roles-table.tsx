import { Check, Minus } from "lucide-react";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { can, type Permission, permissions, roles } from "@/lib/policy/permissions";

/** What each permission lets a person do. The compiler wants one for each. */
const words: Record<Permission, string> = {
  "host:read": "See hosts",
  "host:write": "Rename, tag, archive hosts; ask them again",
  "host:enrol": "Add and import hosts",
  "host:repin": "Trust a host's new key",
  "host:remove": "Remove hosts",
  "host:packages": "Install and upgrade OpenSSH",
  "host:agent": "Update the agent",
  "config:read": "See configurations and changes",
  "config:draft": "Edit drafts, plan changes",
  "config:apply": "Apply changes",
  "config:apply-execute": "Apply directives that run code",
  "config:override": "Apply against the lock-out check",
  "access:read": "See who can log in on hosts",
  "access:rules": "Write rules about who may log in, and policies of keys",
  "access:grant": "Let persons use accounts on hosts, and take that back",
  "host-codes:write": "Enrol, mend and revoke one-time codes of other people on hosts",
  "two-factor:except": "Answer for accounts that need no second factor",
  "two-factor:enforce": "Have hosts ask for a second factor, and stop it",
  "review:read": "See reviews of access",
  "review:decide": "Decide as a reviewer of access",
  "review:manage": "Open and close reviews of access",
  "review:export": "Export the evidence of reviews",
  "person:read": "See people",
  "person:write": "Invite people, give roles",
  "person:keys": "Bring and remove SSH keys of people",
  "person:owner": "Make and unmake owners",
  "activity:read": "See the activity",
  "activity:export": "Export the activity",
  "settings:write": "Change settings of this installation",
  "settings:read": "See these settings",
};

/** Who may do what: drawn from the table that is the enforcement itself. */
export function RolesTable() {
  const names = Object.keys(permissions) as Permission[];
  return (
    <Table label="Roles and what they may do">
      <TableHead>
        <ColumnHead>May</ColumnHead>
        {roles.map((role) => (
          <ColumnHead key={role} className="text-center">
            {role}
          </ColumnHead>
        ))}
      </TableHead>
      <tbody>
        {names.map((permission) => (
          <TableRow key={permission}>
            <Cell className="min-w-48 py-1">
              {words[permission]}
              <span className="block font-mono text-2xs text-ink-faint">{permission}</span>
            </Cell>
            {roles.map((role) => (
              <Cell key={role} className="text-center">
                {can(role, permission) ? (
                  <Check aria-label="yes" className="mx-auto size-4 text-ink" />
                ) : (
                  <Minus aria-label="no" className="mx-auto size-4 text-line-control" />
                )}
              </Cell>
            ))}
          </TableRow>
        ))}
      </tbody>
    </Table>
  );
}

import type { EnforcementView } from "@/lib/features/changes/views";
import { Select } from "../ui/select";
import { UntrustedText } from "../ui/untrusted-text";

/** What the members of a group log in by. */
export type Role = "code" | "security-key" | "key";

interface Props {
  groups: EnforcementView["groups"];
  /** Groups that are not named here are asked for key and code. */
  roles: Readonly<Record<string, Role>>;
  onChange: (group: string, role: Role) => void;
}

/** The groups of a host with somebody in them who can log in, and what each is asked for. */
export function GroupRoles({ groups, roles, onChange }: Props) {
  if (groups.length === 0)
    return (
      <p className="text-sm text-ink-soft">
        No group of this host has a member who can log in. Make a group there first, for example for robots.
      </p>
    );
  return (
    <ul
      aria-label="Groups"
      className="grid max-h-56 grid-cols-1 divide-y divide-line overflow-y-auto rounded-lg border border-line"
    >
      {groups.map(({ name, members }) => (
        <li key={name} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 px-3 py-1.5">
          <div className="min-w-0">
            <UntrustedText text={name} className="font-mono text-xs" />
            <p className="truncate text-xs text-ink-faint">
              <UntrustedText text={members.slice(0, 4).join(", ")} />
              {members.length > 4 && ` and ${members.length - 4} more`}
            </p>
          </div>
          <Select
            aria-label={`Members of ${name} log in by`}
            value={roles[name] ?? "code"}
            onChange={(event) => {
              const { value } = event.target;
              if (value === "code" || value === "security-key" || value === "key") onChange(name, value);
            }}
          >
            <option value="code">key and code</option>
            <option value="security-key">security key, verified</option>
            <option value="key">key alone (robots)</option>
          </Select>
        </li>
      ))}
    </ul>
  );
}

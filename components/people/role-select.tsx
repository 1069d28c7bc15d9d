import type { FieldControl } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { type Role, roles } from "@/lib/policy/permissions";

/** What each role is for, in one line. The exact table stands in Settings. */
export const roleWords: Record<Role, string> = {
  owner: "everything, also owners",
  admin: "everything but owners",
  operator: "hosts and their configuration",
  auditor: "sees everything, changes nothing",
  member: "only his own keys and factors",
};

interface Props {
  control: FieldControl;
  value: Role;
  mayMakeOwners: boolean;
  onChange: (role: Role) => void;
}

export function RoleSelect({ control, value, mayMakeOwners, onChange }: Props) {
  return (
    <Select
      {...control}
      value={value}
      onChange={(event) => {
        const role = roles.find((known) => known === event.target.value);
        if (role) onChange(role);
      }}
    >
      {roles
        .filter((role) => mayMakeOwners || role !== "owner" || value === "owner")
        .map((role) => (
          <option key={role} value={role}>
            {role}: {roleWords[role]}
          </option>
        ))}
    </Select>
  );
}

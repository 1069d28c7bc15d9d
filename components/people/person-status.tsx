import { Mail, UserX } from "lucide-react";
import { Status } from "@/components/ui/badge";
import type { PersonRow } from "@/lib/features/people/views";

/** Whether a person can sign in now. */
export function PersonStatus({ person }: { person: PersonRow }) {
  if (person.disabled)
    return (
      <Status tone="neutral" icon={UserX}>
        Disabled
      </Status>
    );
  if (person.invited)
    return (
      <Status tone="info" icon={Mail}>
        Invited
      </Status>
    );
  return <Status tone="ok">Active</Status>;
}

/** What a person signs in with, in words. */
export function waysIn(person: PersonRow): string {
  const passkeys = person.passkeys === 1 ? "1 passkey" : `${person.passkeys} passkeys`;
  const password = person.hasPassword ? (person.hasTotp ? "password and code" : "password only") : "";
  return [person.passkeys > 0 && passkeys, password].filter(Boolean).join(", ") || "none yet";
}

import { can, type Role } from "@/lib/policy/permissions";

/**
 * Whether people of role `actor` may act on somebody of role `subject`: give or take that role, disable him, let him in
 * by a new link.
 *
 * An owner stands above all others. A new link for an owner would be a way to become one, so only an owner makes it.
 */
export function mayManage(actor: Role, subject: Role): boolean {
  return can(actor, subject === "owner" ? "person:owner" : "person:write");
}

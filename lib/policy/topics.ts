import { can, type Permission, type Role } from "@/lib/policy/permissions";

/** What a person must hold to hear of news, by the kind of topic. */
const permissionOfKind = new Map<string, Permission>(
  Object.entries({
    hosts: "host:read",
    host: "host:read",
    operation: "host:read",
    change: "config:read",
    "key-batch": "config:read",
    "access-rules": "access:read",
    person: "person:read",
    reviews: "review:read",
  }),
);

const id = /^[A-Za-z0-9-]{1,64}$/;

/** The permission that a topic ("hosts", "change:<id>") needs; undefined: there is no such topic. */
function permissionOfTopic(topic: string): Permission | undefined {
  const at = topic.indexOf(":");
  const kind = at < 0 ? topic : topic.slice(0, at);
  if (at >= 0 && !id.test(topic.slice(at + 1))) return undefined;
  return permissionOfKind.get(kind);
}

/** Whether somebody may hear of a topic. What is about a person he hears himself, whatever his role. */
export function mayHear(listener: { personId: string; role: Role }, topic: string): boolean {
  if (topic === `person:${listener.personId}`) return true;
  const permission = permissionOfTopic(topic);
  return permission !== undefined && can(listener.role, permission);
}

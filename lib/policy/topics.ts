import type { Permission } from "@/lib/policy/permissions";

/** What a person must hold to hear of news, by the kind of topic. */
const permissionOfKind = new Map<string, Permission>(
  Object.entries({
    hosts: "host:read",
    host: "host:read",
    operation: "host:read",
    change: "config:read",
    reviews: "review:read",
  }),
);

const id = /^[A-Za-z0-9-]{1,64}$/;

/** The permission that a topic ("hosts", "change:<id>") needs; undefined: there is no such topic. */
export function permissionOfTopic(topic: string): Permission | undefined {
  const at = topic.indexOf(":");
  const kind = at < 0 ? topic : topic.slice(0, at);
  if (at >= 0 && !id.test(topic.slice(at + 1))) return undefined;
  return permissionOfKind.get(kind);
}

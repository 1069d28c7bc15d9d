import { isHostName } from "@/lib/sshd-config/rules/host-names";
import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";
import { isYes } from "@/lib/sshd-config/rules/ways-in";

const code = "no-name-without-dns";

/** `alice@example.com` is alice from a host of that name, and without UseDNS sshd knows no names. */
export const noNameWithoutDns: Rule = {
  code,
  severity: "warning",
  what: "AllowUsers or DenyUsers names a client by its host name while UseDNS is off.",
  why: "sshd compares with the client's address alone: the item never matches.",
  find: ({ of, scopes: [everyone] }) => {
    if (isYes(everyone, "usedns")) return [];
    return ["AllowUsers", "DenyUsers"].flatMap((name) =>
      of(name).flatMap((visit) =>
        visit.line.args
          .filter(({ value }) => {
            const at = value.lastIndexOf("@");
            if (at < 0) return false;
            const items = value
              .slice(at + 1)
              .split(",")
              .filter((item) => item !== "");
            const wanted = items.filter((item) => !item.startsWith("!"));
            return wanted.length > 0 && wanted.every(isHostName);
          })
          .map((word) =>
            findingAt(visit, word, "warning", code, {
              what: `"${word.value}" never matches: UseDNS is off.`,
              why: `sshd takes what stands behind the @ for the client's host and compares it with the address alone${name === "AllowUsers" ? "; nobody is let in by it" : "; nobody is refused by it"}.`,
              advice: "Write addresses or networks, or the account alone; or switch UseDNS on.",
            }),
          ),
      ),
    );
  },
};

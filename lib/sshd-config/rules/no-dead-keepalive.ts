import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-dead-keepalive";

/** From 8.2 on a count of 0 means never, where it meant at once. */
export const noDeadKeepalive: Rule = {
  code,
  severity: "warning",
  what: "ClientAliveCountMax is 0 while ClientAliveInterval is set.",
  why: "From OpenSSH 8.2 on sshd then never ends a connection whose client is gone; old guides promise the opposite.",
  find: ({ naming }) =>
    naming("clientalivecountmax").flatMap((scope) => {
      const held = scope.own("clientalivecountmax")[0];
      if (held?.value !== "0" || (scope.value("clientaliveinterval") ?? "0") === "0") return [];
      return findingAbout(held, "warning", code, {
        what: "ClientAliveCountMax 0 switches the check off: clients that are gone stay connected.",
        why: "Up to OpenSSH 8.1 it ended idle connections, and old guides still say so.",
        advice:
          "Write 1 or more; to end idle sessions use UnusedConnectionTimeout, ChannelTimeout or the shell's TMOUT.",
      });
    }),
};

import { findingAt, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-port-of-socket";

/** Where systemd listens in place of sshd, the file's ports and addresses are not looked at, or not at once. */
export const noPortOfSocket: Rule = {
  code,
  severity: "warning",
  what: "Port, ListenAddress or AddressFamily is set where systemd's ssh.socket listens.",
  why: "sshd gets its connections from systemd: the line has no effect, or only once systemd reads it.",
  find: ({ of, build, host }) => {
    // Ubuntu 24.04 made it the default and brought a generator that takes the ports from sshd_config.
    const hasGenerator = build.distribution === "Ubuntu" && build.release >= 906;
    if (host.isSocketActivated === false || (!host.isSocketActivated && !hasGenerator)) return [];
    return ["Port", "ListenAddress", "AddressFamily"]
      .flatMap(of)
      .filter((visit) => visit.active)
      .map((visit) => {
        const { name } = visit.keyword;
        if (!hasGenerator)
          return findingAt(visit, visit.line.keyword, "warning", code, {
            what: `${name} has no effect: systemd's ssh.socket listens on this host.`,
            why: "sshd gets its connections from systemd and opens no port itself.",
            advice: "Set ListenStream for ssh.socket, or switch to ssh.service.",
          });
        return findingAt(visit, visit.line.keyword, "info", code, {
          what: host.isSocketActivated
            ? `${name} takes effect only when systemd reads it: ssh.socket listens on this host.`
            : `If systemd's ssh.socket listens, as is the default here, ${name} takes effect only when systemd reads it.`,
          why: "A reload of sshd changes nothing.",
          advice: "Afterwards run systemctl daemon-reload and systemctl restart ssh.socket.",
        });
      });
  },
};

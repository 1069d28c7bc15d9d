import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-loopback-only";

/** Addresses that nobody else can reach. A lone star is no wildcard: sshd resolves it to this host itself. */
const isLoopback = (address: string) => /^(?:127\.[\d.]+|\[?::1\]?|localhost|\*)$/i.test(address);

/** sshd that listens for this host alone. */
export const noLoopbackOnly: Rule = {
  code,
  severity: "warning",
  what: "Every ListenAddress is this host itself; a star counts as that.",
  why: "Nobody can connect from elsewhere, Gatehouse neither.",
  find: ({ scopes: [everyone], host }) => {
    const addresses = everyone.own("listenaddress");
    if (host.isSocketActivated || addresses.length === 0) return [];
    if (!addresses.every((held) => isLoopback(held.name ?? ""))) return [];
    return findingAbout(addresses[0], "warning", code, {
      what: "sshd would listen for this host alone.",
      why: addresses.some((held) => held.name === "*")
        ? 'sshd resolves "*" to this host itself; it is no wildcard here. Nobody can connect from elsewhere.'
        : "Nobody can connect from elsewhere, Gatehouse neither.",
      advice: "Add the address that people reach the host by, or 0.0.0.0 and ::.",
    });
  },
};

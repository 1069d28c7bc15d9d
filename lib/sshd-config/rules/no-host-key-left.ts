import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";

const code = "no-host-key-left";

/** By the names that ssh-keygen -A gives host keys: which algorithms each can sign by. */
const algorithmsOf: readonly (readonly [file: RegExp, algorithm: RegExp])[] = [
  [/ssh_host_rsa_key$/, /^(?:ssh-rsa|rsa-sha2)/],
  [/ssh_host_ecdsa_key$/, /^ecdsa-/],
  [/ssh_host_mldsa44_ed25519_key$/, /^ssh-mldsa44/],
  [/ssh_host_ed25519_key$/, /^ssh-ed25519/],
];

/** HostKeyAlgorithms and the host keys have nothing in common: there is no key to show. */
export const noHostKeyLeft: Rule = {
  code,
  severity: "warning",
  what: "HostKeyAlgorithms names no algorithm of the host keys.",
  why: "sshd starts, and every connection fails: the host cannot prove who it is.",
  find: ({ scopes: [everyone] }) => {
    if (!everyone.sets("hostkeyalgorithms")) return [];
    const algorithms = everyone.algorithms("hostkeyalgorithms");
    const able = everyone
      .held("hostkey")
      .map((held) => algorithmsOf.find(([file]) => file.test(held.value))?.[1]);
    // A key of another name may be of any type; so may those of an agent.
    if (able.length === 0 || able.includes(undefined) || everyone.sets("hostkeyagent")) return [];
    if (algorithms.some((name) => able.some((pattern) => pattern?.test(name)))) return [];
    return findingAbout(everyone.own("hostkeyalgorithms")[0], "warning", code, {
      what: "None of the host keys can sign by one of these algorithms.",
      why: "Every connection fails, because the host cannot prove who it is; sshd -t does not tell.",
      advice: "Name an algorithm of a key that this host has, such as ssh-ed25519.",
    });
  },
};

import { needsMac, ownClient } from "@/lib/sshd-config/own-client";
import { acceptedKeysOf } from "@/lib/sshd-config/rules/accepted-keys";
import { findingAbout, type Rule, type RuleContext } from "@/lib/sshd-config/rules/rule";

const code = "no-client-excluded";

/** Settings under which Gatehouse's own SSH client cannot connect or log in. */
export const noClientExcluded: Rule = {
  code,
  severity: "warning",
  what: "A list leaves out everything that Gatehouse's own SSH client speaks, or keys are switched off for it.",
  why: "Gatehouse could not reach the host any more; a change that does this is rolled back.",
  find: (context) => [...findAlgorithms(context), ...findKeyType(context), ...findNoKeys(context)],
};

function findAlgorithms({ scopes: [everyone] }: RuleContext) {
  const shared = (key: string, ours: readonly string[]) => {
    const offered = everyone.algorithms(key);
    return ours.filter((name) => offered.includes(name));
  };
  const ciphers = shared("ciphers", ownClient.ciphers);
  const lists = [
    ["Ciphers", ownClient.ciphers, true],
    // GCM and ChaCha20 bring a MAC of their own.
    ["MACs", ownClient.macs, ciphers.every(needsMac)],
    ["KexAlgorithms", ownClient.kex, true],
    ["HostKeyAlgorithms", ownClient.hostKeys, true],
  ] as const;
  return lists.flatMap(([name, ours, isNeeded]) => {
    const key = name.toLowerCase();
    if (!isNeeded || !everyone.sets(key) || shared(key, ours).length > 0) return [];
    return findingAbout(everyone.own(key)[0], "warning", code, {
      what: `${name} names nothing that Gatehouse's own SSH client speaks.`,
      why: "Gatehouse could not connect any more.",
      advice: `Keep one of ${ours.slice(0, 3).join(", ")}.`,
    });
  });
}

function findKeyType({ scopes: [everyone, ...blocks], build }: RuleContext) {
  const key = acceptedKeysOf(build);
  if (!everyone.sets(key) || everyone.algorithms(key).includes(ownClient.publicKey)) return [];
  if (blocks.some((block) => block.sets(key) && block.algorithms(key).includes(ownClient.publicKey)))
    return [];
  return findingAbout(everyone.own(key)[0], "warning", code, {
    what: `PubkeyAcceptedAlgorithms leaves out ${ownClient.publicKey}.`,
    why: "Gatehouse logs in with a key of that type: it could not any more.",
    advice: `Add ${ownClient.publicKey}, or add it in a Match User block for Gatehouse's account.`,
  });
}

function findNoKeys({ scopes: [everyone, ...blocks] }: RuleContext) {
  const held = everyone.own("pubkeyauthentication")[0];
  if (held?.value !== "no") return [];
  if (blocks.some((block) => block.own("pubkeyauthentication")[0]?.value === "yes")) return [];
  return findingAbout(held, "warning", code, {
    what: "PubkeyAuthentication is off.",
    why: "People fall back to passwords, and Gatehouse, which logs in with a key alone, is shut out.",
    advice: "Leave it on; to make people use passwords too, write AuthenticationMethods publickey,password.",
  });
}

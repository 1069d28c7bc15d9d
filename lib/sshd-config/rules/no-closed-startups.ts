import { findingAbout, type Rule, type RuleContext } from "@/lib/sshd-config/rules/rule";

const code = "no-closed-startups";

/** From how many waiting connections on others are dropped, for a warning. */
const few = 3;

/** Limits on connections that have not logged in yet which let nobody, or hardly anybody, begin. */
export const noClosedStartups: Rule = {
  code,
  severity: "warning",
  what: "MaxStartups or PerSourceMaxStartups lets nobody, or hardly anybody, begin a login.",
  why: "Every connection counts until it has logged in; what is over the limit is dropped.",
  find: (context) => [...findMaxStartups(context), ...findPerSource(context)],
};

function findMaxStartups({ scopes: [everyone] }: RuleContext) {
  const held = everyone.own("maxstartups");
  const [begin, rate, full] = [10, 30, 100].map((standard, i) => {
    const value = held[i]?.value;
    return value === undefined || value === "" || value === "-1" ? standard : Number(value);
  });
  if (held.length === 0 || begin === undefined || rate === undefined || full === undefined) return [];
  if (full <= 0 || (begin <= 0 && rate >= 100))
    return findingAbout(held[0], "warning", code, {
      what: "MaxStartups drops every connection.",
      why: "Not even one may begin to log in: nobody gets in.",
      advice: "Write 10:30:100, which is the default, or larger numbers.",
    });
  const drops = rate >= 100 ? Math.min(begin, full) : full;
  if (drops >= few) return [];
  return findingAbout(held[0], "warning", code, {
    what: `MaxStartups drops connections as soon as ${drops} ${drops === 1 ? "is" : "are"} about to log in.`,
    why: "Anybody who opens so many and waits keeps everyone else out.",
    advice: "Write 10:30:100, which is the default, or larger numbers.",
  });
}

function findPerSource({ scopes: [everyone] }: RuleContext) {
  const held = everyone.own("persourcemaxstartups")[0];
  if (held?.value !== "0") return [];
  return findingAbout(held, "warning", code, {
    what: "PerSourceMaxStartups is 0: every connection is dropped.",
    why: "Not even one from an address may begin to log in: nobody gets in.",
    advice: 'Write "none", or a number from 1 on.',
  });
}

import type { Diagnostic } from "@/lib/sshd-config/diagnostic";
import { isHostName } from "@/lib/sshd-config/rules/host-names";
import { eachCriterion, readCriteria } from "@/lib/sshd-config/rules/match-criteria";
import { findingAt, nothing, type Rule, type RuleContext } from "@/lib/sshd-config/rules/rule";
import { isYes } from "@/lib/sshd-config/rules/ways-in";

const code = "no-idle-match";

/** Match blocks that hold for no connection. */
export const noIdleMatch: Rule = {
  code,
  severity: "warning",
  what: "A Match line has a criterion that no connection fulfils.",
  why: "Its block never takes effect.",
  find: (context) => [...findUnfulfilled(context), ...findRefusedRoot(context)],
};

function findUnfulfilled(context: RuleContext): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const visit of context.of("Match"))
    eachCriterion(visit.line, context.build, (name, value) => {
      const reason = idleReason(name, value, context);
      if (!reason) return;
      const word = visit.line.args.find((w) => w.value.endsWith(value));
      found.push(
        findingAt(visit, word, "warning", code, {
          what: `No connection fulfils "${name} ${value}".`,
          why: `${reason} The block never takes effect.`,
          advice: "Correct the criterion, or remove the block.",
        }),
      );
    });
  return found;
}

/** Blocks for root alone where root does not get in anyway. */
function findRefusedRoot({ scopes, build }: RuleContext): Diagnostic[] {
  return scopes.flatMap((scope) => {
    const { match } = scope;
    if (!match?.line.restText?.includes("root")) return nothing;
    if (scope.sets("permitrootlogin") || scope.value("permitrootlogin") !== "no") return [];
    const criteria = readCriteria(match.line, build);
    if (!criteria.some((criterion) => criterion.name === "user" && criterion.value === "root")) return [];
    return [
      findingAt(match, undefined, "info", code, {
        what: "This block is for root, and PermitRootLogin refuses root.",
        why: "The block never takes effect.",
        advice: "Remove the block, or write PermitRootLogin in it.",
      }),
    ];
  });
}

function idleReason(name: string, value: string, context: RuleContext): string | undefined {
  // Almost all are like these, and a file may have thousands.
  if ((name === "user" || name === "group") && !value.includes("!")) return undefined;
  if (name === "address" && /^[\d.]/.test(value)) return undefined;
  const items = value.split(",").filter((item) => item !== "");
  if (items.length === 0) return undefined;
  if (items.every((item) => item.startsWith("!")))
    return 'A list of "!" items alone matches nothing; "*" has to stand before them.';
  const wanted = items.filter((item) => !item.startsWith("!"));
  const [everyone] = context.scopes;
  switch (name) {
    case "host":
      if (isYes(everyone, "usedns") || !wanted.every(isHostName)) return undefined;
      return "UseDNS is off, so sshd knows the client's address and not its name.";
    case "address":
    case "localaddress":
      if (!wanted.every((item) => isHostName(item) && !/[*?]/.test(item))) return undefined;
      return "It is compared with addresses, and this is a name.";
    case "localport":
      return idlePort(value, context);
    default:
      return undefined;
  }
}

/** A port that sshd does not listen on; what systemd or the command line name is not known here. */
function idlePort(value: string, { scopes: [everyone], host }: RuleContext): string | undefined {
  const named = [...everyone.own("port"), ...everyone.own("listenaddress")];
  // Without a line that names a port, systemd or the command line may.
  if (host.isSocketActivated || named.length === 0) return undefined;
  const ports = everyone.held("port").map((held) => held.value);
  const ofAddresses = everyone.held("listenaddress").map((held) => held.value);
  if ([...ports, ...ofAddresses].includes(value) || !/^\d+$/.test(value)) return undefined;
  return `sshd listens on ${[...new Set([...ports, ...ofAddresses.filter(Boolean)])].join(", ")}.`;
}

import { type ExpiryTime, expiresAtSecond } from "@/lib/authorized-keys/expiry-time";
import type { KeyOptions } from "@/lib/authorized-keys/options";
import { maxInt } from "@/lib/sshd-config/number";

/** One thing that a line says about its key, for people. */
export interface OptionDescription {
  /** `limit`: takes something away. `demand`: asks for more. `grant`: gives or relaxes. */
  readonly kind: "limit" | "demand" | "grant";
  readonly text: string;
}

/**
 * What the options of a line mean, most important first; empty when the key may do what the server permits.
 *
 * Values come from hosts: show the texts as text.
 *
 * @param zoneMinutes the host's offset east of UTC, for a time without `Z`; the time is shown as written when unknown
 */
export function describeOptions(options: KeyOptions, zoneMinutes?: number): OptionDescription[] {
  return [
    ...describeAuthority(options),
    ...describeSources(options),
    ...describeExpiry(options, zoneMinutes),
    ...describeCommand(options),
    ...describeSecurityKey(options),
    ...describeChannels(options),
    ...options.environment.map((value) =>
      grant(`Sets ${value} where the server's PermitUserEnvironment lets it.`),
    ),
    ...(options.tunnel === undefined
      ? []
      : [
          limit(
            options.tunnel === maxInt
              ? "May use any tun device."
              : `Tunnels through tun device ${options.tunnel} only.`,
          ),
        ]),
  ];
}

const limit = (text: string): OptionDescription => ({ kind: "limit", text });
const demand = (text: string): OptionDescription => ({ kind: "demand", text });
const grant = (text: string): OptionDescription => ({ kind: "grant", text });

function describeAuthority({ isCertAuthority, principals }: KeyOptions): OptionDescription[] {
  if (!isCertAuthority) {
    // sshd refuses such a line at every login.
    return principals === undefined
      ? []
      : [limit("Opens nothing: principals= needs cert-authority beside it.")];
  }
  const whom = principals === undefined ? "the account's own name" : joinWords(splitList(principals), "or");
  return [grant(`Opens nothing itself; lets in every certificate that it signed for ${whom}.`)];
}

function describeSources({ from, sourceAddress }: KeyOptions): OptionDescription[] {
  const sources: OptionDescription[] = [];
  if (from !== undefined) {
    const items = splitList(from);
    const allowed = items.filter((item) => !item.startsWith("!"));
    const refused = items.flatMap((item) => (item.startsWith("!") ? [item.slice(1)] : []));
    if (allowed.length === 0) sources.push(limit("From nowhere: from= only says where not."));
    else {
      const except = refused.length > 0 ? `, but not from ${joinWords(refused, "or")}` : "";
      sources.push(limit(`Only from ${joinWords(allowed, "or")}${except}.`));
    }
  }
  if (sourceAddress !== undefined) {
    sources.push(limit(`The certificate is good from ${joinWords(splitList(sourceAddress), "or")} only.`));
  }
  return sources;
}

function describeExpiry({ expiries }: KeyOptions, zoneMinutes: number | undefined): OptionDescription[] {
  const [first, ...others] = expiries;
  if (!first) return [];
  const offset = zoneMinutes ?? 0;
  const earliest = others.reduce(
    (one, other) => (expiresAtSecond(other, offset) < expiresAtSecond(one, offset) ? other : one),
    first,
  );
  return [limit(`Until ${printMoment(earliest, zoneMinutes)}.`)];
}

function printMoment(expiry: ExpiryTime, zoneMinutes: number | undefined): string {
  const isKnown = expiry.isUtc || zoneMinutes !== undefined;
  const second = isKnown ? expiresAtSecond(expiry, zoneMinutes ?? 0) : expiry.wallClockSecond;
  if (!Number.isFinite(second)) return "never, since it lies before 1970";
  const text = new Date(second * 1000).toISOString().slice(0, 19).replace("T", " ");
  return `${text} ${isKnown ? "UTC" : "in the host's own time zone"}`;
}

function describeCommand({ command }: KeyOptions): OptionDescription[] {
  if (command === undefined) return [];
  if (command === "") return [limit("Runs nothing: command= is empty.")];
  return [limit(`Always runs ${command} and nothing else.`)];
}

function describeSecurityKey({ requiresTouch, requiresVerification }: KeyOptions): OptionDescription[] {
  const texts: OptionDescription[] = [];
  if (requiresVerification) texts.push(demand("A security key must check a PIN or a fingerprint."));
  if (!requiresTouch) texts.push(grant("A security key need not be touched, unless the server asks for it."));
  return texts;
}

function describeChannels(options: KeyOptions): OptionDescription[] {
  const texts: OptionDescription[] = [];
  const missing = [
    ...(options.permitsPty ? [] : ["terminal"]),
    ...(options.permitsPortForwarding ? [] : ["port forwarding"]),
    ...(options.permitsAgentForwarding ? [] : ["agent forwarding"]),
    ...(options.permitsX11Forwarding ? [] : ["X11 forwarding"]),
    ...(options.permitsUserRc ? [] : ["~/.ssh/rc"]),
  ];
  if (missing.length > 0) texts.push(limit(`No ${joinWords(missing, "or")}.`));
  if (options.permitsPortForwarding && options.permitOpen.length > 0) {
    texts.push(limit(`Forwards to ${joinWords(options.permitOpen, "or")} only.`));
  }
  if (options.permitsPortForwarding && options.permitListen.length > 0) {
    texts.push(limit(`Listens on ${joinWords(options.permitListen, "or")} only.`));
  }
  return texts;
}

const splitList = (list: string) => list.split(",").filter((item) => item !== "");

/** "a", "a or b", "a, b or c". */
function joinWords(words: readonly string[], last: "and" | "or"): string {
  if (words.length <= 1) return words[0] ?? "nobody";
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

import type { Kind } from "@/lib/sshd-config/keyword";
import { releaseNumber } from "@/lib/sshd-config/keyword";
import * as commands from "@/lib/sshd-config/readers/commands";
import * as listening from "@/lib/sshd-config/readers/listening";
import * as lists from "@/lib/sshd-config/readers/lists";
import * as paths from "@/lib/sshd-config/readers/paths";
import * as scalars from "@/lib/sshd-config/readers/scalars";
import type { Reader, Reading } from "@/lib/sshd-config/reading";

/** One reader a kind. Match and Include are read where the files are walked. */
const readers: { readonly [kind in Exclude<Kind, "match" | "include" | "legacy">]: Reader } = {
  "yes-no": scalars.readEnum,
  enum: scalars.readEnum,
  tunnel: scalars.readTunnel,
  "log-level": scalars.readLogLevel,
  "log-facility": scalars.readLogFacility,
  digest: scalars.readDigest,
  int: scalars.readInteger,
  "int-or-none": scalars.readIntegerOrNone,
  time: scalars.readTime,
  "time-or-none": scalars.readTimeOrNone,
  octal: scalars.readOctal,
  "user-environment": scalars.readUserEnvironment,
  path: paths.readPath,
  "path-added": paths.readPathAdded,
  "path-list": paths.readPathList,
  "token-path": paths.readTokenPath,
  "agent-socket": paths.readAgentSocket,
  "agent-path": paths.readAgentPath,
  provider: paths.readProvider,
  account: paths.readAccountName,
  string: paths.readWord,
  "routing-domain": paths.readRoutingDomain,
  raw: commands.readCommandText,
  addendum: commands.readVersionAddendum,
  command: commands.readCommand,
  subsystem: commands.readSubsystem,
  words: lists.readWords,
  "accept-env": lists.readAcceptEnv,
  "group-list": lists.readGroupList,
  "user-host-list": lists.readUserHostList,
  "set-env": lists.readSetEnv,
  methods: lists.readMethods,
  "pubkey-options": lists.readPubkeyOptions,
  algorithms: lists.readAlgorithms,
  "key-algorithms": lists.readKeyAlgorithms,
  "address-list": lists.readAddressList,
  port: listening.readPort,
  "listen-address": listening.readListenAddress,
  "max-startups": listening.readMaxStartups,
  "net-block": listening.readNetBlock,
  penalties: listening.readPenalties,
  "ip-qos": listening.readIpQos,
  "rekey-limit": listening.readRekeyLimit,
  "channel-timeouts": listening.readChannelTimeouts,
  "open-list": listening.readForwardList,
  "listen-list": listening.readForwardList,
};

/** Reads the words of a live directive and holds its values; throws a Refusal where sshd refuses it. */
export function readDirective(r: Reading): void {
  const kind = r.keyword.kind;
  if (kind === "match" || kind === "include" || kind === "legacy") return;
  const { listSince } = r.keyword;
  const reader =
    listSince && r.build.release >= releaseNumber(listSince) ? paths.readPathList : readers[kind];
  reader(r);
}

import { compareStandings, type DraftJudgement, type Standing, standingOf } from "@/lib/access/judge-draft";
import { factsWithPam } from "@/lib/access/pam-draft";
import type { KeyOwner, LoginPath } from "@/lib/access/who-can-log-in";
import type { CodeFile } from "@/lib/agent/read-codes";
import { managementAccount, stripMarker } from "@/lib/change/marker";
import type { TwoFactorReading } from "@/lib/features/changes/two-factor-reading";
import type { TwoFactorRequest } from "@/lib/features/changes/two-factor-schema";
import type { AskedAccountView, TwoFactorPlanView } from "@/lib/features/changes/views";
import { decodeFile } from "@/lib/features/config/file-text";
import { problemsOf } from "@/lib/features/host-codes/problems";
import { findBuild } from "@/lib/sshd-config/build";
import { pamStepOf, setPamStep } from "@/lib/two-factor/pam-step";
import { findTwoFactorProblems, type SecretState, type TwoFactorAccount } from "@/lib/two-factor/problems";
import { secretPlaceOf } from "@/lib/two-factor/secret-place";
import { addTwoFactor, removeTwoFactor } from "@/lib/two-factor/sshd-step";

/** Both files as they are and as they become. */
export interface TwoFactorTexts {
  readonly path: string;
  readonly base: string;
  readonly baseSha256: string;
  readonly content: string;
  readonly pamBase: string;
  readonly pamBaseSha256: string;
  /** Null: it stays as it is. */
  readonly pamContent: string | null;
}

/** What the request comes to on this host, at the moment of the reading. */
export interface TwoFactorJudgement {
  readonly texts: TwoFactorTexts;
  readonly view: TwoFactorPlanView;
  /** Who gains and who loses. */
  readonly difference: DraftJudgement;
  /** Every way in with the change. */
  readonly after: readonly LoginPath[];
}

/** @throws nothing; why no plan can be made at all is `refused` */
export function judgeTwoFactor(
  request: TwoFactorRequest,
  reading: TwoFactorReading,
  people: readonly KeyOwner[],
): TwoFactorJudgement | { refused: string } {
  const texts = writeTexts(request, reading);
  if ("refused" in texts) return texts;
  const now = Math.floor(reading.at.getTime() / 1000);
  const files = new Map(reading.config.files.map(({ path, content }) => [path, decodeFile(content).text]));
  const before = standingOf(reading.facts, { texts: files, now, people });
  const after = standingOf(
    texts.pamContent === null ? reading.facts : factsWithPam(reading.facts, texts.pamContent),
    {
      texts: new Map([...files, [texts.path, texts.content]]),
      now,
      people,
    },
  );
  for (const { server } of [before, after])
    if (server.refused !== undefined) return { refused: `sshd refuses the configuration: ${server.refused}` };
  const difference = compareStandings(before, after);
  const accounts = judgedAccounts(before, after, reading);
  const problems = [
    ...problemsOfHost(reading),
    ...findTwoFactorProblems({
      files: orderedFiles(reading, texts),
      pam: texts.pamContent ?? texts.pamBase,
      build: before.server.build,
      hasModule: reading.pam.hasModule,
      accounts: [...accounts, ourselves(reading)],
    }).map(({ account = null, text }) => ({ account, text })),
  ];
  const told = new Set(problems.map(({ account }) => account));
  for (const account of difference.shutOut)
    if (!told.has(account))
      problems.push({
        account,
        text: `Nobody could log in any more as ${account}: ${whyShut(difference, account)}.`,
      });
  for (const { account, person } of difference.difference.loses)
    if (person !== undefined && !told.has(account) && !difference.shutOut.includes(account))
      problems.push({
        account,
        text: `${person} could not log in any more as ${account}: none of ${person}'s keys is a security key that verifies its owner.`,
      });
  const rows = rowsOf(request, before, after, accounts);
  const step = request.step;
  return {
    texts,
    difference,
    after: after.paths,
    view: {
      from: pamStepOf(texts.pamBase),
      step,
      // The way back is never closed: who loses by it is told by name, and confirmed as for every other change.
      problems: step === "off" ? [] : problems,
      accounts: { total: rows.length, rows },
      proof: proofOf(step, rows, reading.logins.source),
    },
  };
}

function writeTexts(
  { step, exceptions, keyOnlyGroups, securityKeyGroups }: TwoFactorRequest,
  { facts, config, pam, codes }: TwoFactorReading,
): TwoFactorTexts | { refused: string } {
  const path = facts.sshd.configPath;
  const main = config.files.find((file) => file.path === path);
  if (!main) return { refused: `sshd on this host reads ${path} first, and it was not among what was read.` };
  for (const file of [main, pam]) {
    const { notEditable } = decodeFile(file.content);
    if (notEditable) return { refused: `${file.path}: ${notEditable}` };
  }
  const base = stripMarker(decodeFile(main.content).text);
  const pamBase = decodeFile(pam.content).text;
  const from = pamStepOf(pamBase);
  if (step === "required" && from === "off")
    return {
      refused:
        "A host is not sent from nothing to “required”: make it optional first, so that people log in with their codes while nobody depends on it.",
    };
  const found = secretPlaceOf(codes.pattern, codes.readAs);
  if (found.refused !== undefined && step !== "off") return { refused: found.refused };
  const recipe = {
    keyOnlyAccounts: exceptions.map(({ account }) => account),
    keyOnlyGroups,
    securityKeyGroups,
  };
  const build = findBuild(facts.sshd.version, facts.sshd.system).build;
  const edited = step === "off" ? removeTwoFactor(base) : addTwoFactor(base, recipe, build);
  if (edited.refused !== undefined) return { refused: edited.refused };
  const editedPam = setPamStep(pamBase, step, found.place ?? { kind: "home" });
  if (editedPam.refused !== undefined) return { refused: editedPam.refused };
  if (edited.text === base && editedPam.text === pamBase)
    return { refused: "Nothing would change: the host asks for a second factor just so already." };
  return {
    path,
    base,
    baseSha256: main.sha256,
    content: edited.text,
    pamBase,
    pamBaseSha256: pam.sha256,
    pamContent: editedPam.text === pamBase ? null : editedPam.text,
  };
}

/** What cannot be judged because the reading is not whole: that is no ground to shut somebody out. */
function problemsOfHost({ codes, facts }: TwoFactorReading): TwoFactorPlanView["problems"] {
  const problems: TwoFactorPlanView["problems"] = [];
  if (codes.isCut)
    problems.push({
      account: null,
      text: "The host has more state files of codes than were read, so it is not known who has one.",
    });
  if (!facts.isConsistent)
    problems.push({
      account: null,
      text: "Something moved on the host while it was read. Ask it again.",
    });
  for (const cut of facts.cuts) problems.push({ account: null, text: `Not all could be read: ${cut}` });
  return problems;
}

/** The main file first, as sshd reads them. */
function orderedFiles({ config }: TwoFactorReading, { path, content }: TwoFactorTexts) {
  const others = config.files
    .filter((file) => file.path !== path)
    .map((file) => ({ path: file.path, text: decodeFile(file.content).text }));
  return [{ path, text: content }, ...others];
}

/** Accounts that somebody can log in to now, or could with the change; our own is judged apart. */
function judgedAccounts(before: Standing, after: Standing, { codes }: TwoFactorReading): TwoFactorAccount[] {
  const names = new Set([...before.paths, ...after.paths].filter(isWay).map(({ account }) => account));
  names.delete(managementAccount);
  return before.facts.accounts
    .filter(({ name }) => names.has(name))
    .map(({ name, uid, groups }) => ({
      name,
      uid,
      groups,
      secret: secretOf(codes.files.find(({ account }) => account === name)),
      hasSecurityKey: before.paths.some(
        (path) =>
          path.account === name && path.steps.some(({ key }) => key?.type?.startsWith("sk-") ?? false),
      ),
    }));
}

/** As lib/access/judge-draft.ts counts a way that somebody may miss. */
const isWay = ({ dependsOn, limits }: LoginPath) => dependsOn.length === 0 || !limits.hasNoShell;

function ourselves({ facts }: TwoFactorReading): TwoFactorAccount {
  const own = facts.accounts.find(({ name }) => name === managementAccount);
  return {
    name: managementAccount,
    uid: own?.uid ?? 999,
    groups: own?.groups ?? [],
    secret: "none",
    hasSecurityKey: false,
  };
}

function secretOf(file: CodeFile | undefined): SecretState {
  if (!file) return "none";
  return problemsOf(file, false).some(({ isBroken }) => isBroken) ? "broken" : "good";
}

function rowsOf(
  { exceptions, step }: TwoFactorRequest,
  before: Standing,
  after: Standing,
  accounts: readonly TwoFactorAccount[],
): AskedAccountView[] {
  return accounts.map(({ name, secret }) => {
    const [was, is] = [before, after].map(({ paths }) => paths.filter(({ account }) => account === name));
    const persons = [...(was ?? []), ...(is ?? [])].flatMap(({ person }) => person?.name ?? []);
    return {
      account: name,
      persons: [...new Set(persons)].sort(),
      before: methodsOf(was ?? []),
      after: methodsOf(is ?? []),
      asked: askedBy(is ?? [], step, secret),
      secret,
      exception: wordsOf(exceptions.find(({ account }) => account === name)),
    };
  });
}

const wordsOf = (exception: TwoFactorRequest["exceptions"][number] | undefined) =>
  exception ? `${exception.reason} (${exception.byName})` : null;

const methodsOf = (paths: readonly LoginPath[]) =>
  [...new Set(paths.map(({ steps }) => steps.map(({ method }) => method).join()))].sort();

/** Some way in goes through PAM's questions, whatever the others ask: by address or group they may differ. */
export function asksCode({ after }: Pick<AskedAccountView, "after">): boolean {
  return after.some((methods) => methods.split(",").includes("keyboard-interactive"));
}

/** For people; `asksCode` is what decides. */
function askedBy(
  paths: readonly LoginPath[],
  step: TwoFactorRequest["step"],
  secret: SecretState,
): AskedAccountView["asked"] {
  if (paths.length === 0) return "nothing";
  const methods = methodsOf(paths);
  if (methods.length === 1 && methods[0] === "publickey,keyboard-interactive" && step !== "off")
    return step === "optional" && secret === "none" ? "code-later" : "code";
  if (methods.length !== 1 || methods[0] !== "publickey") return "other";
  const isSecurityKey = ({ steps }: LoginPath) =>
    steps.every(({ key }) => key?.type?.startsWith("sk-") ?? false);
  return paths.every(isSecurityKey) ? "security-key" : "key";
}

/** Whose login shows that the whole path works: of those with a secret where there are any. */
function proofOf(
  step: TwoFactorRequest["step"],
  rows: readonly AskedAccountView[],
  source: TwoFactorReading["logins"]["source"],
): TwoFactorPlanView["proof"] {
  if (step === "off")
    return { kind: "person", why: "Nobody is asked for a code any more, so there is none to try." };
  const asked = rows.filter(asksCode);
  if (asked.length === 0) return { kind: "person", why: "Nobody who can log in is asked for a code." };
  if (source === "none")
    return { kind: "person", why: "This host keeps no record of logins, so it cannot tell of yours." };
  const enrolled = asked.filter(({ secret }) => secret === "good");
  return {
    kind: "login",
    accounts: (enrolled.length > 0 ? enrolled : asked).map(({ account }) => account),
  };
}

function whyShut({ difference, why }: DraftJudgement, account: string): string {
  const lost = difference.loses.find((who) => who.account === account);
  const reason = lost && why(lost).at(0);
  return reason
    ? `${reason.text}${reason.source ? ` (${reason.source})` : ""} leaves it no way in`
    : "no way in is left";
}

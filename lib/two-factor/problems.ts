import { managementAccount } from "@/lib/change/marker";
import type { Build } from "@/lib/sshd-config/build";
import { prepareEvaluation } from "@/lib/sshd-config/evaluate";
import type { ConfigFile } from "@/lib/sshd-config/model";
import { unknownWorld, type World } from "@/lib/sshd-config/world";
import { type PamQuestions, readPamQuestions } from "@/lib/two-factor/pam-step";

/** What the module would say to the account's secret. broken: too open, foreign, empty or unreadable: no code is right. */
export type SecretState = "good" | "broken" | "none";

/** An account whose logins must go on working. */
export interface TwoFactorAccount {
  readonly name: string;
  readonly uid: number;
  /** Names of all its groups; they decide `Match Group`. */
  readonly groups: readonly string[];
  readonly secret: SecretState;
  /** One of its keys is a security key. */
  readonly hasSecurityKey: boolean;
}

/** Why a second factor may not go into force as it is drafted. */
export interface TwoFactorProblem {
  readonly code:
    | "configuration-refused"
    | "pam-refuses-everybody"
    | "module-missing"
    | "asked-for-nothing"
    | "code-without-key"
    | "shut-out"
    | "gatehouse-asked-for-code";
  /** Undefined: it concerns everybody. */
  readonly account?: string;
  /** What, why and what to do, for people. */
  readonly text: string;
}

export interface TwoFactorDraft {
  /** sshd's configuration with the draft in it, main file first. */
  readonly files: readonly ConfigFile[];
  /** The new text of /etc/pam.d/sshd. */
  readonly pam: string;
  readonly build: Build;
  readonly hasModule: boolean;
  readonly accounts: readonly TwoFactorAccount[];
  readonly world?: World;
}

/**
 * What would shut somebody out, or let somebody in who should be asked more, and that `sshd -t` does not see.
 *
 * By the text alone: what the methods ask for and whether each account can give it. Whether an account may log in at
 * all (AllowUsers, keys, expiry) is the question of lib/access. Order: what concerns everybody, then by account.
 *
 * @see docs/decisions/0097-second-factor-as-blocks.md: each was reproduced on OpenSSH 8.4, 9.2 and 10.0
 */
export function findTwoFactorProblems(draft: TwoFactorDraft): TwoFactorProblem[] {
  const questions = readPamQuestions(draft.pam);
  const problems = findPamProblems(questions, draft.hasModule);
  const world = worldOf(draft);
  const evaluateFor = prepareEvaluation(draft.files, draft.build, world);
  for (const account of draft.accounts) {
    const { settings, refused } = evaluateFor({ user: account.name });
    if (refused !== undefined) {
      problems.push({ code: "configuration-refused", text: `sshd refuses the configuration: ${refused}` });
      return problems;
    }
    const values = (keyword: string) =>
      settings.filter((one) => one.keyword.toLowerCase() === keyword).map(({ value }) => value);
    problems.push(...judgeAccount(account, readMethods(values, draft.build), questions));
  }
  return problems;
}

/** The draft's own accounts with their groups: who is not known to the world is known from here. */
function worldOf({ accounts, world = unknownWorld }: TwoFactorDraft): World {
  const known = new Map(world.accounts);
  for (const { name, groups } of accounts)
    known.set(name, { home: known.get(name)?.home ?? `/home/${name}`, groups });
  return { ...world, accounts: known };
}

function findPamProblems(questions: PamQuestions | undefined, hasModule: boolean): TwoFactorProblem[] {
  if (!questions)
    return [
      {
        code: "pam-refuses-everybody",
        text: "No line of sshd's PAM file asks for anything, so PAM takes /etc/pam.d/other, which refuses everybody.",
      },
    ];
  if (questions.code === "nobody") return [];
  if (!hasModule)
    return [
      {
        code: "module-missing",
        text: "pam_google_authenticator.so is not installed on the host: PAM would refuse everybody. Install libpam-google-authenticator first.",
      },
    ];
  if (questions.code === "those with a secret" && !questions.permits && !questions.asksMore)
    return [
      {
        code: "pam-refuses-everybody",
        text: "nullok alone refuses everybody who has no secret. Put below it: auth required pam_permit.so",
      },
    ];
  return [];
}

interface Methods {
  /** The lists of AuthenticationMethods; empty: any one method is enough. */
  readonly lists: readonly string[];
  readonly isOn: (method: string) => boolean;
  readonly asksPam: boolean;
  readonly rootMayBeAsked: boolean;
  readonly wantsSecurityKey: boolean;
  readonly why: (method: string) => string;
}

function readMethods(values: (keyword: string) => string[], build: Build): Methods {
  const is = (keyword: string) => values(keyword)[0] === "yes";
  const asksPam = is("usepam");
  // Up to 8.6 ChallengeResponseAuthentication decides, although `sshd -T` shows the other one as yes.
  const challenges = build.release >= 807 || values("challengeresponseauthentication")[0] !== "no";
  const on: Record<string, boolean> = {
    publickey: is("pubkeyauthentication"),
    password: is("passwordauthentication"),
    "keyboard-interactive": is("kbdinteractiveauthentication") && challenges && asksPam,
  };
  const lists = values("authenticationmethods").flatMap((value) => value.split(" "));
  const types = [...values("pubkeyacceptedalgorithms"), ...values("pubkeyacceptedkeytypes")].flatMap(
    (value) => value.split(","),
  );
  return {
    lists: lists.length === 1 && lists[0] === "any" ? [] : lists,
    isOn: (method) => on[method] ?? true,
    asksPam,
    rootMayBeAsked: values("permitrootlogin")[0] === "yes",
    wantsSecurityKey:
      types.length > 0 && types.every((type) => type.startsWith("sk-") || type.startsWith("webauthn-sk-")),
    why: (method) => {
      if (method !== "keyboard-interactive") return `${method} is switched off`;
      if (!asksPam) return "UsePAM is not yes, so nobody asks for the code";
      if (!challenges) return "ChallengeResponseAuthentication is no, which decides on this version";
      return "KbdInteractiveAuthentication is not yes";
    },
  };
}

const answered = ["password", "keyboard-interactive"];

function judgeAccount(
  account: TwoFactorAccount,
  methods: Methods,
  questions: PamQuestions | undefined,
): TwoFactorProblem[] {
  const { name } = account;
  const lists = methods.lists.length > 0 ? methods.lists : ["publickey", ...answered.filter(methods.isOn)];
  const usable = lists
    .map((list) => list.split(",").map((item) => item.split(":")[0] ?? ""))
    .filter((list) => list.every(methods.isOn));
  const problems: TwoFactorProblem[] = [];
  const withoutKey = usable.some((list) => list.every((method) => answered.includes(method)));
  if (withoutKey && questions?.permits && !questions.asksMore && questions.code !== "everybody")
    problems.push({
      code: "asked-for-nothing",
      account: name,
      text: `${name} would get in without a key, and PAM lets through who has no secret: asked for nothing at all. Name publickey in every list of AuthenticationMethods.`,
    });
  else if (withoutKey && questions?.code !== "nobody")
    problems.push({
      code: "code-without-key",
      account: name,
      text: `A code alone would let ${name} in, without a key. Name publickey in every list of AuthenticationMethods.`,
    });
  const obstacles = usable.map((list) => findObstacle(list, account, methods, questions));
  if (obstacles.includes(undefined) && !(name === managementAccount && !usable.some(isByKeyAlone)))
    return problems;
  if (name === managementAccount)
    return [
      ...problems,
      {
        code: "gatehouse-asked-for-code",
        account: name,
        text: `Gatehouse itself would be asked for a code, which it has not. Add a Match User ${name} block with: AuthenticationMethods publickey`,
      },
    ];
  const off = lists[0]
    ?.split(",")
    .map((item) => item.split(":")[0] ?? "")
    .find((method) => !methods.isOn(method));
  const reason =
    obstacles.find((one) => one !== undefined) ??
    (off === undefined ? "no list of methods can be completed" : methods.why(off));
  return [
    ...problems,
    { code: "shut-out", account: name, text: `${name} could not log in any more: ${reason}.` },
  ];
}

const isByKeyAlone = (list: readonly string[]) => list.length === 1 && list[0] === "publickey";

/** Why this account cannot complete a list whose methods are all switched on; undefined when it can, or we cannot tell. */
function findObstacle(
  list: readonly string[],
  { uid, secret, hasSecurityKey }: TwoFactorAccount,
  methods: Methods,
  questions: PamQuestions | undefined,
): string | undefined {
  if (list.includes("publickey") && methods.wantsSecurityKey && !hasSecurityKey)
    return "only security keys are taken, and it has none";
  if (!list.includes("keyboard-interactive") || questions === undefined || questions.code === "nobody")
    return undefined;
  if (uid === 0 && !methods.rootMayBeAsked)
    return "PermitRootLogin lets root in by key only and forbids the questions of PAM, so the code is never asked for; let root in by key alone, or not at all";
  if (secret === "good") return undefined;
  if (secret === "broken")
    return "its file with the secret is one that the module refuses (owner, mode or content), so no code is right";
  return questions.code === "everybody" ? "it has no secret, so no code is right" : undefined;
}

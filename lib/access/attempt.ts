import { refuseAccount } from "@/lib/access/account";
import type { RunCommand } from "@/lib/access/command";
import { type LoginConnection, meet, type Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import { trustHost } from "@/lib/access/hostbased";
import type { KeyGrant } from "@/lib/access/key-grant";
import {
  completeMethod,
  isAllowed,
  isEnabled,
  type MethodLists,
  type MethodName,
  setUpMethods,
} from "@/lib/access/methods";
import { isSameBlob, readOfferedKey } from "@/lib/access/offered-key";
import { judgeAccount, type PamStack } from "@/lib/access/pam";
import {
  isAnswerTaken,
  isBlankForPam,
  isPasswordTaken,
  judgeRoot,
  type TypedPassword,
} from "@/lib/access/password";
import { authorizeKey, isSignatureTaken, type Signature } from "@/lib/access/public-key";
import { refuseByRevocation } from "@/lib/access/revocation";
import type { Server } from "@/lib/access/server";
import { refuseSession } from "@/lib/access/session";

/** One thing that a client tries. */
export type Step =
  | { readonly method: "none" }
  | { readonly method: "password"; readonly typed: TypedPassword }
  /** One answer for each question; more than one means that the host asks more than the password. */
  | { readonly method: "keyboard-interactive"; readonly typed: TypedPassword }
  | {
      readonly method: "publickey";
      /** "ssh-ed25519", "rsa-sha2-512-cert-v01@openssh.com", … */
      readonly algorithm: string;
      /** The key or the certificate. */
      readonly blob: Uint8Array;
      /** Undefined: the client only asks whether the key would do. */
      readonly signature: Signature | undefined;
    }
  | {
      readonly method: "hostbased";
      readonly algorithm: string;
      readonly blob: Uint8Array;
      readonly clientHost: string;
      readonly clientUser: string;
      readonly isSignatureValid: boolean;
    };

/**
 * success: authenticated · denied: still outside when the steps are used up · closed: sshd ended the connection ·
 * closed-after-success: let in, then cut before there is a session · no-server: sshd refuses its configuration.
 */
export type AttemptResult = "success" | "denied" | "closed" | "closed-after-success" | "no-server";

export interface AttemptOptions {
  /** Answers for AuthorizedKeysCommand and AuthorizedPrincipalsCommand. */
  readonly run?: RunCommand;
}

interface Progress {
  situation: Situation;
  /** Undefined: sshd plays along but nothing can succeed. */
  account: AccountFacts | undefined;
  methods: MethodLists;
  stack: PamStack;
  options: AttemptOptions;
  failures: number;
  requests: number;
  noneTried: boolean;
  /** Keys that were refused on a mere question, where those count apart (10.6). */
  queries: number;
  usedKeys: Uint8Array[];
  grants: KeyGrant[];
  talk: PamTalk;
}

/** What sshd's monitor remembers of PAM from one step to the next. */
interface PamTalk {
  /** The last password that PAM was asked about was wrong. */
  isPasswordWrong: boolean;
  /** Its questions were answered, once at least. */
  isAnswered: boolean;
  /** Questions since the account stage refused the account, that one included. */
  sinceRefused: number;
}

/** What one step comes to. */
type StepResult =
  | {
      readonly kind: "accepted";
      readonly device?: string;
      readonly key?: Uint8Array;
      readonly grant?: KeyGrant;
    }
  | { readonly kind: "refused" | "postponed" | "uncounted" | "fatal" };

/**
 * What sshd does with a client that tries these steps, one after the other.
 *
 * @see OpenSSH auth2.c:input_userauth_request, userauth_finish; monitor.c:mm_answer_pam_init_ctx; auth-pam.c:sshpam_query
 */
export function tryLogin(
  server: Server,
  connection: LoginConnection,
  steps: readonly Step[],
  options: AttemptOptions = {},
): AttemptResult {
  if (server.refused !== undefined) return "no-server";
  // What stands behind a colon is a style for the questions, not part of the name.
  const [user = ""] = connection.user.split(":");
  const situation = meet(server, { ...connection, user });
  const { effective } = situation;
  if (effective.crashes || effective.isYes("refuseconnection")) return "closed";
  const refusal = refuseAccount(situation);
  if (refusal?.reason === "bad-pattern") return "closed";
  const methods = setUpMethods(effective);
  if (!methods) return "closed";
  const progress: Progress = {
    situation,
    account: refusal ? undefined : situation.account,
    methods,
    stack: server.pam,
    options,
    failures: 0,
    requests: 0,
    noneTried: false,
    queries: 0,
    usedKeys: [],
    grants: [],
    talk: { isPasswordWrong: false, isAnswered: false, sinceRefused: 0 },
  };
  for (const step of steps) {
    const ended = takeStep(progress, step);
    if (ended) return ended;
  }
  return "denied";
}

function takeStep(progress: Progress, step: Step): AttemptResult | undefined {
  const { situation } = progress;
  const most = Number(situation.effective.value("maxauthtries"));
  progress.requests++;
  let result: StepResult = { kind: "refused" };
  if (mayTry(progress, step.method) && progress.failures < most) result = judgeStep(progress, step);
  if (result.kind === "fatal") return "closed";
  if (result.kind === "postponed") return undefined;
  if (result.kind === "accepted" && progress.account) {
    const ended = finishStep(progress, progress.account, step, result);
    if (ended !== "failed") return ended;
  }
  const isFree = result.kind === "uncounted" || (progress.requests === 1 && step.method === "none");
  if (!isFree) progress.failures++;
  return progress.failures >= most ? "closed" : undefined;
}

/** Is the method switched on, and its turn? */
function mayTry(progress: Progress, method: MethodName): boolean {
  if (method === "none") {
    if (progress.noneTried) return false;
  } else if (!isEnabled(progress.situation.effective, method)) return false;
  return isAllowed(progress.methods, method);
}

/** What follows a method that succeeded: the rules for root, the lists, PAM's account stage, the session. */
function finishStep(
  progress: Progress,
  account: AccountFacts,
  step: Step,
  result: Extract<StepResult, { kind: "accepted" }>,
): AttemptResult | undefined | "failed" {
  const { situation, methods } = progress;
  const { effective, server, connection } = situation;
  const grants = result.grant ? [...progress.grants, result.grant] : progress.grants;
  const hasCommand = grants.some((g) => g.forcedCommand !== undefined);
  const root = account.uid === 0 ? judgeRoot(effective, step.method, hasCommand) : "allowed";
  if (root === "refused") return "failed";
  const done = completeMethod(methods, step.method, result.device);
  if (done === "fatal" || isMixedUp(methods, step)) return "closed";
  progress.grants = grants;
  if (result.key) progress.usedKeys.push(result.key);
  if (done === "partial") return undefined;
  if (effective.isYes("usepam") && judgeAccount(server, account, connection.now) === "no") return "closed";
  if (root === "cut" || isCredentialRefused(progress)) return "closed-after-success";
  return refuseSession(situation, account) === undefined ? "success" : "closed-after-success";
}

/**
 * PAM answers questions in a process of its own: the monitor's PAM still remembers a wrong password, and refuses the
 * credentials of the session for it. Only where questions were answered does sshd mind.
 *
 * @see OpenSSH auth-pam.c:do_pam_setcred; Linux-PAM pam_unix/pam_unix_auth.c:pam_sm_setcred
 */
function isCredentialRefused({ talk, stack }: Progress): boolean {
  return talk.isAnswered && talk.isPasswordWrong && stack.passwordSource !== undefined;
}

/** An empty password is "none" to one half of sshd and "password" to the other: their lists disagree, and it dies. */
function isMixedUp(methods: MethodLists, step: Step): boolean {
  return methods.areSet && step.method === "password" && step.typed === "empty";
}

function judgeStep(progress: Progress, step: Step): StepResult {
  const { situation } = progress;
  const { effective } = situation;
  const decide = (isAccepted: boolean): StepResult => ({ kind: isAccepted ? "accepted" : "refused" });
  switch (step.method) {
    case "none": {
      progress.noneTried = true;
      const isOn = effective.isYes("permitemptypasswords") && effective.isYes("passwordauthentication");
      return decide(isOn && judgePassword(progress, "empty"));
    }
    case "password":
      return decide(judgePassword(progress, step.typed));
    case "keyboard-interactive":
      return judgeAnswers(progress, step.typed);
    case "publickey":
      return judgeKey(progress, step);
    case "hostbased":
      return judgeHost(progress, step);
  }
}

function judgePassword({ situation, account, stack, talk }: Progress, typed: TypedPassword): boolean {
  const { effective } = situation;
  const isTaken = account !== undefined && isPasswordTaken(effective, account, typed, stack);
  const isAsked = typed !== "empty" || effective.isYes("permitemptypasswords");
  if (isAsked) talk.isPasswordWrong = !isTaken;
  return isTaken;
}

/** PAM is the one device; it also runs its account stage, and has an overdue password changed, before it says yes. */
function judgeAnswers(progress: Progress, typed: TypedPassword): StepResult {
  const { situation, account, stack, methods, talk } = progress;
  const { effective, server, connection } = situation;
  const refused: StepResult = { kind: "refused" };
  if (!effective.isYes("usepam") || !isAllowed(methods, "keyboard-interactive", "pam")) return refused;
  // Once PAM has refused the account sshd asks nothing any more, and its monitor does not expect to be asked again.
  if (talk.sinceRefused > 0) return ++talk.sinceRefused > 2 ? { kind: "fatal" } : refused;
  const isTaken = account !== undefined && isAnswerTaken(effective, account, typed, stack);
  // PAM knows accounts that sshd refuses; sshd itself stops when PAM then lets one in.
  const { account: known } = situation;
  if (!known || !(isTaken || isBlankForPam(effective, known, stack))) return refused;
  const stage = judgeAccount(server, known, connection.now);
  if (stage === "no") talk.sinceRefused = 1;
  if (stage !== "yes") return refused;
  if (!isTaken) return { kind: "fatal" };
  talk.isAnswered = true;
  return { kind: "accepted", device: "pam" };
}

function judgeKey(progress: Progress, step: Extract<Step, { method: "publickey" }>): StepResult {
  const { situation, account, options } = progress;
  const refused: StepResult = { kind: "refused" };
  const read = readOfferedKey(situation.effective, "pubkeyacceptedalgorithms", step.algorithm, step.blob);
  const isQuery = step.signature === undefined;
  if (!read.key) return isQuery ? refuseQuery(progress) : refused;
  const { key } = read;
  if (!account || progress.usedKeys.some((used) => isSameBlob(used, key.blob)))
    return isQuery ? refuseQuery(progress) : refused;
  const verdict = authorizeKey(situation, account, key, options.run);
  if (verdict.kind === "fatal") return { kind: "fatal" };
  if (verdict.kind !== "granted") return isQuery ? refuseQuery(progress) : refused;
  if (step.signature === undefined) return { kind: "postponed" };
  const grant = verdict.grant;
  if (!isSignatureTaken(situation.effective, key, grant, step.signature)) return refused;
  // Two keys with two commands cannot be followed both.
  const others = progress.grants.map((g) => g.forcedCommand).filter((c) => c !== undefined);
  if (grant.forcedCommand !== undefined && others.some((c) => c !== grant.forcedCommand)) return refused;
  return { kind: "accepted", key: key.blob, grant };
}

/** From 10.6 on questions have a limit of their own (PubkeyAuthOptions max-pk-ok) and are no failures below it. */
function refuseQuery(progress: Progress): StepResult {
  const { effective } = progress.situation;
  if (effective.build.release < 1006) return { kind: "refused" };
  progress.queries++;
  const most = /max-pk-ok:(\d+)/.exec(effective.values("pubkeyauthoptions").join(" "))?.[1];
  return { kind: progress.queries > Number(most ?? 6) ? "refused" : "uncounted" };
}

function judgeHost(progress: Progress, step: Extract<Step, { method: "hostbased" }>): StepResult {
  const { situation, account } = progress;
  const read = readOfferedKey(situation.effective, "hostbasedacceptedalgorithms", step.algorithm, step.blob);
  if (!read.key || !account || !step.isSignatureValid) return { kind: "refused" };
  if (refuseByRevocation(situation, read.key) !== undefined) return { kind: "refused" };
  const claim = { clientHost: step.clientHost, clientUser: step.clientUser, blob: read.key.blob };
  return { kind: trustHost(situation, account, claim) ? "accepted" : "refused" };
}

import { refuseAccount } from "@/lib/access/account";
import type { Situation } from "@/lib/access/connection";
import type { AccountFacts } from "@/lib/access/facts";
import { entriesOf } from "@/lib/access/key-entries";
import { keyFilesOf, refuseKeyFile } from "@/lib/access/key-files";
import { printOf } from "@/lib/access/key-print";
import { isEnabled, setUpMethods } from "@/lib/access/methods";
import { judgeAccount } from "@/lib/access/pam";
import { judgeRoot } from "@/lib/access/password";
import { authorizeKey } from "@/lib/access/public-key";
import { refuseSession } from "@/lib/access/session";
import { type Reason, reasonOf } from "@/lib/access/ways";

/** More lines of keys than this are not explained one by one. */
const mostKeys = 20;

/**
 * Why nothing opens an account for a connection: the first thing that shuts it whatever is tried, else what each
 * method lacks.
 *
 * @param prints only the keys with these fingerprints are explained; undefined: all
 */
export function explainShut(situation: Situation, prints?: ReadonlySet<string>): Reason[] {
  const { effective, account, server, connection } = situation;
  if (effective.crashes) return [{ text: "sshd ends every such connection: a Match block makes it fail." }];
  if (effective.isYes("refuseconnection"))
    return [reasonOf(effective, "refuseconnection", "RefuseConnection")];
  const refusal = refuseAccount(situation);
  if (refusal || !account) {
    const { text = "There is no such account.", origin } = refusal ?? {};
    return [{ text, ...(origin && { source: `${origin.path}:${origin.line}` }) }];
  }
  if (Number(effective.value("maxauthtries")) < 1)
    return [reasonOf(effective, "maxauthtries", "MaxAuthTries")];
  const rule = reasonOf(effective, "authenticationmethods", "AuthenticationMethods");
  const methods = setUpMethods(effective);
  if (!methods) return [{ ...rule, text: `${rule.text} asks for methods that are switched off` }];
  const session = refuseSession(situation, account);
  if (session !== undefined) return [{ ...reasonOf(effective, "chrootdirectory", ""), text: session }];
  if (effective.isYes("usepam") && judgeAccount(server, account, connection.now) === "no")
    return [{ text: "PAM lets nobody into it: the account has expired, or /etc/nologin closes the host." }];
  return [
    ...(methods.areSet ? [rule] : []),
    ...whyNoKey(situation, account, prints),
    ...whyNoPassword(situation, account),
  ];
}

function whyNoKey(
  situation: Situation,
  account: AccountFacts,
  prints: ReadonlySet<string> | undefined,
): Reason[] {
  const { effective, server } = situation;
  if (!isEnabled(effective, "publickey"))
    return [reasonOf(effective, "pubkeyauthentication", "PubkeyAuthentication")];
  if (account.uid === 0 && judgeRoot(effective, "publickey", true) !== "allowed")
    return [reasonOf(effective, "permitrootlogin", "PermitRootLogin")];
  const reasons: Reason[] = [];
  let files = 0;
  for (const path of keyFilesOf(situation, account)) {
    if (path === undefined) break;
    files++;
    const entries = entriesOf(server, path).filter(
      ({ key }) => prints === undefined || prints.has(printOf(key.blob)),
    );
    const refused = refuseKeyFile(situation, account, path);
    if (refused !== undefined) {
      if (server.files.stat(path) && entries.length > 0)
        reasons.push({ text: `sshd does not read the keys: ${refused}`, source: path });
      continue;
    }
    for (const { key, line } of entries.slice(0, mostKeys)) {
      const verdict = authorizeKey(situation, account, { ...key, sent: key.blob }, undefined);
      if (verdict.kind === "refused") reasons.push({ text: verdict.text, source: `${path}:${line}` });
    }
  }
  if (reasons.length > 0) return reasons;
  const none =
    prints === undefined ? "No key that sshd takes is named for it" : "None of the keys is named for it";
  return [
    {
      ...reasonOf(effective, "authorizedkeysfile", ""),
      text: files === 0 ? "No file of keys is read" : none,
    },
  ];
}

const passwordStates = {
  usable: undefined,
  unknown: undefined,
  locked: "its password is locked",
  star: "it has no password",
  empty: "its password is empty",
} as const;

function whyNoPassword({ effective }: Situation, account: AccountFacts): Reason[] {
  const isOff = (["password", "keyboard-interactive"] as const).every(
    (method) => !isEnabled(effective, method),
  );
  if (isOff) return [reasonOf(effective, "passwordauthentication", "PasswordAuthentication")];
  if (account.uid === 0 && judgeRoot(effective, "password", false) !== "allowed")
    return [reasonOf(effective, "permitrootlogin", "PermitRootLogin")];
  const state = passwordStates[account.password];
  return state === undefined ? [] : [{ text: `No password opens it: ${state}` }];
}

import { equalsIgnoringCase } from "@/lib/sshd-config/pattern";
import type { Reader, Reading } from "@/lib/sshd-config/reading";

/** One path, made absolute. */
export const readPath: Reader = (r: Reading) => {
  const text = r.required("missing file name.");
  if (r.active && !r.isSet()) r.setOne(r.absolutePath(text));
};

/** HostKey and HostCertificate: every line adds one. */
export const readPathAdded: Reader = (r: Reading) => {
  const text = r.required("missing file name.");
  if (r.active) r.add(r.absolutePath(text));
};

/** A path that is expanded at login and therefore kept as it is, but for a tilde. */
export const readTokenPath: Reader = (r: Reading) => {
  const text = r.requiredBy("missing file name.");
  if (r.active && !r.isSet()) r.setOne(r.key === "chrootdirectory" ? text : r.expandTilde(text));
};

/** AuthorizedKeysFile, and RevokedKeys from 10.3: the first line wins as a whole. */
export const readPathList: Reader = (r: Reading) => {
  if (!r.splitsAhead) {
    // Without effect, the rest of the line is not even looked at.
    if (r.active && !r.isSet()) r.setOnce(r.leftOfList().map((word) => r.expandTilde(word)));
    r.skipRest();
    return;
  }
  const paths: string[] = [];
  let count = 0;
  const mayEmpty = r.build.release < 907;
  for (let word = r.nextOfList(); word !== undefined; word = r.nextOfList()) {
    if (word === "") r.error("missing-value", `keyword ${r.spelled} empty argument`);
    if (r.build.release >= 1003 && equalsIgnoringCase(word, "none") && (count > 0 || r.left > 0)) {
      r.error("bad-value", `keyword ${r.spelled} "none" argument must appear alone.`);
    }
    count++;
    const path = r.expandTilde(word);
    if (r.active) paths.push(path);
  }
  if (count === 0 && !mayEmpty) r.fatal("missing-value", `no ${r.spelled} specified`);
  r.setOnce(paths);
};

/** HostKeyAgent: SSH_AUTH_SOCK stands for the variable of that name. */
export const readAgentSocket: Reader = (r: Reading) => {
  const text = r.required("missing socket name.");
  if (r.active && !r.isSet()) r.setOne(text === "SSH_AUTH_SOCK" ? text : r.absolutePath(text));
};

/** SecurityKeyProvider. */
export const readProvider: Reader = (r: Reading) => {
  const text = r.requiredBy("missing file name.");
  if (r.active && !r.isSet()) r.setOne(equalsIgnoringCase(text, "internal") ? text : r.absolutePath(text));
};

/** AgentSocketPath, from 10.6: `user:PATH` (relative to the home directory), `shared:/PATH` or `none`. */
export const readAgentPath: Reader = (r: Reading) => {
  const text = r.required("missing path.");
  if (text === "user:") r.fatal("bad-value", "invalid user path.");
  if (/^shared:(?!\/)/.test(text)) r.fatal("bad-value", "invalid shared path.");
  if (text !== "none" && !/^(user|shared):/.test(text)) r.fatal("bad-value", "invalid path.");
  r.setOne(text);
};

/** The name of an account. */
export const readAccountName: Reader = (r: Reading) => {
  r.setOne(r.required(`missing ${r.splitsAhead ? r.spelled : r.keyword.name} argument.`));
};

export const readWord: Reader = (r: Reading) => r.setOne(r.required("missing argument."));

/** RDomain: only Ubuntu 20.04's sshd can set one. */
export const readRoutingDomain: Reader = (r: Reading) => {
  if (r.build.release >= 804) r.fatal("bad-value", "setting RDomain not supported on this platform.");
  const text = r.required("Missing argument.");
  if (!equalsIgnoringCase(text, "none") && text !== "%D") r.fatal("bad-value", "bad routing domain");
  r.setOne(text);
};

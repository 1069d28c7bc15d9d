import { isSoundAddressList } from "@/lib/sshd-config/address";
import { algorithmFamily, findUnknownAlgorithm } from "@/lib/sshd-config/algorithms";
import { findUnknownMethod } from "@/lib/sshd-config/methods";
import { maxInt, parseDecimal } from "@/lib/sshd-config/number";
import { equalsIgnoringCase } from "@/lib/sshd-config/pattern";
import type { Reader, Reading } from "@/lib/sshd-config/reading";

/** From 9.7 a list without a word is refused. */
function refuseEmpty(r: Reading, count: number): void {
  if (count === 0 && r.build.release >= 907) r.fatal("missing-value", `no ${r.spelled} specified`);
}

/** AllowUsers, DenyUsers: every word adds one; the host part behind `@` must be a sound list of addresses. */
export const readUserHostList: Reader = (r: Reading) => {
  let count = 0;
  for (let word = r.nextOfList(); word !== undefined; word = r.nextOfList()) {
    const at = r.build.release >= 909 ? word.lastIndexOf("@") : word.indexOf("@");
    if (word === "" || (at >= 0 && !isSoundAddressList(word.slice(at + 1), r.build.release))) {
      const shown = r.splitsAhead ? word : word.slice(0, 100);
      r.fatal("bad-value", `invalid ${r.splitsAhead ? r.spelled : r.keyword.name} pattern: "${shown}"`);
    }
    count++;
    r.add(word);
  }
  refuseEmpty(r, count);
};

/** AllowGroups, DenyGroups: every word adds one. */
export const readGroupList: Reader = (r: Reading) => {
  let count = 0;
  for (let word = r.nextOfList(); word !== undefined; word = r.nextOfList()) {
    if (word === "") r.fatal("missing-value", `empty ${r.spelled} pattern`);
    count++;
    r.add(word);
  }
  refuseEmpty(r, count);
};

/** AcceptEnv: every word adds one. */
export const readAcceptEnv: Reader = (r: Reading) => {
  let count = 0;
  for (let word = r.nextOfList(); word !== undefined; word = r.nextOfList()) {
    if (word === "" || word.includes("=")) r.fatal("bad-value", "Invalid environment name.");
    count++;
    r.add(word);
  }
  refuseEmpty(r, count);
};

const variableOf = (assignment: string) => assignment.slice(0, assignment.indexOf("="));

/** SetEnv: the first line wins as a whole; from 9.1 the first of two values for one variable. */
export const readSetEnv: Reader = (r: Reading) => {
  const values: string[] = [];
  const names = new Set<string>();
  for (let word = r.nextOfList(); word !== undefined; word = r.nextOfList()) {
    if (!word.includes("=")) r.fatal("bad-value", "Invalid environment.");
    const name = variableOf(word);
    if (r.build.release < 901 || !names.has(name)) values.push(word);
    names.add(name);
  }
  refuseEmpty(r, values.length);
  r.setOnce(values);
};

/** LogVerbose: the first line wins as a whole. */
export const readWords: Reader = (r: Reading) => {
  const values: string[] = [];
  for (let word = r.nextOfList(); word !== undefined; word = r.nextOfList()) {
    if (word === "") r.error("missing-value", `keyword ${r.spelled} empty argument`);
    if (equalsIgnoringCase(word, "none") && (values.length > 0 || r.left > 0)) {
      r.error("bad-value", `keyword ${r.spelled} "none" argument must appear alone.`);
    }
    values.push(word);
  }
  refuseEmpty(r, values.length);
  r.setOnce(values);
};

/** PubkeyAuthOptions: the first line wins as a whole. */
export const readPubkeyOptions: Reader = (r: Reading) => {
  const { release } = r.build;
  const flags = new Set<string>();
  let maxQueries: number | undefined;
  for (let word = r.nextOfList(); word !== undefined; word = r.nextOfList()) {
    if (equalsIgnoringCase(word, "none")) continue;
    const limit = release >= 1006 ? /^max-pk-ok:(.*)$/is.exec(word)?.[1] : undefined;
    if (limit !== undefined) {
      const value = parseDecimal(limit, 0, maxInt);
      if (typeof value === "string") r.error("bad-value", `bad ${r.spelled} max-pk-ok value: ${value}`);
      maxQueries = value;
      continue;
    }
    const flag = (release >= 804 ? ["touch-required", "verify-required"] : ["touch-required"]).find((f) =>
      equalsIgnoringCase(f, word),
    );
    if (!flag && r.splitsAhead) r.error("bad-value", `unsupported ${r.spelled} option ${word}`);
    if (!flag) r.fatal("bad-value", `unsupported PubkeyAuthOptions option ${word}`);
    flags.add(flag);
  }
  const shown = ["touch-required", "verify-required"].filter((f) => flags.has(f));
  const text = shown.length === 0 ? ["none"] : shown;
  r.setOnce([[...text, ...(maxQueries === undefined ? [] : [`max-pk-ok:${maxQueries}`])].join(" ")]);
};

/** AuthenticationMethods: the first line wins as a whole; `any` stands alone. */
export const readMethods: Reader = (r: Reading) => {
  const { release } = r.build;
  if (!r.splitsAhead && r.isSet()) {
    r.skipRest();
    return;
  }
  const name = r.splitsAhead ? r.spelled : "AuthenticationMethods";
  const held = r.settings.get(r.key)?.length ?? 0;
  const values: string[] = [];
  let count = 0;
  let any = false;
  for (let word = r.nextOfList(); word !== undefined; word = r.nextOfList()) {
    // 8.7 to 9.6 looked at what an earlier line had set, not at this line alone.
    const before = release >= 907 ? count : held + (held === 0 && r.active ? count : 0);
    // Where nothing counts, up to 9.6 nothing is held either, and `any any` passes.
    if (word === "any" ? before > 0 : any) r.fatal("bad-value", `"any" must appear alone in ${name}`);
    if (word === "any") any = true;
    else {
      if (word === "") r.log("empty authentication method list");
      const unknown = word === "" ? "" : findUnknownMethod(word, r.build);
      if (unknown !== undefined) {
        if (word !== "") r.log(`Unknown authentication method "${unknown}" in list`);
        r.fatal(
          "bad-value",
          r.splitsAhead ? `invalid ${name} method list.` : "invalid authentication method list.",
        );
      }
    }
    count++;
    if (r.active) values.push(word);
  }
  if (count === 0) r.fatal("missing-value", `no ${name} specified`);
  r.setOnce(values);
  if (!r.splitsAhead) r.skipRest();
};

/** Ciphers, MACs, KexAlgorithms, GSSAPIKexAlgorithms. */
export const readAlgorithms: Reader = (r: Reading) => {
  const text = r.requiredBy("Missing argument.");
  const family = algorithmFamily(r.key) ?? "cipher";
  const unknown = findUnknownAlgorithm(text, family, r.build);
  if (unknown !== undefined) {
    if ((family === "kex" || family === "gss") && unknown !== "") {
      r.log(`Unsupported KEX algorithm "${unknown.slice(0, 100)}"`);
    }
    const what = {
      cipher: "SSH2 cipher spec",
      mac: "SSH2 mac spec",
      kex: "SSH2 KexAlgorithms",
      gss: "GSSAPI KexAlgorithms",
    };
    r.fatal("bad-value", `Bad ${what[family as keyof typeof what]} '${text}'.`);
  }
  r.setOne(text);
};

/** Lists of key and signature algorithms, where a name may be a pattern. */
export const readKeyAlgorithms: Reader = (r: Reading) => {
  const text = r.required("Missing argument.");
  if (findUnknownAlgorithm(text, algorithmFamily(r.key) ?? "key", r.build) !== undefined) {
    r.fatal("bad-value", `Bad key types '${text}'.`);
  }
  r.setOne(text);
};

/** PerSourcePenaltyExemptList. */
export const readAddressList: Reader = (r: Reading) => {
  const text = r.required("missing argument.");
  if (!isSoundAddressList(text, r.build.release)) {
    r.fatal("bad-value", `keyword ${r.spelled} invalid address argument.`);
  }
  r.setOne(text);
};

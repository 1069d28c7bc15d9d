import type { Build } from "@/lib/sshd-config/build";

/** Methods and the keyword that enables each; `none` always is. */
const methods: readonly { name: string; keyword: string | undefined; gssapi?: true }[] = [
  { name: "none", keyword: undefined },
  { name: "publickey", keyword: "pubkeyauthentication" },
  { name: "gssapi-with-mic", keyword: "gssapiauthentication", gssapi: true },
  { name: "gssapi-keyex", keyword: "gssapiauthentication", gssapi: true },
  { name: "password", keyword: "passwordauthentication" },
  { name: "keyboard-interactive", keyword: "kbdinteractiveauthentication" },
  { name: "hostbased", keyword: "hostbasedauthentication" },
];

const byName = new Map(methods.map((method) => [method.name, method]));

/** Every authentication method this build has; names are case-sensitive. */
function methodsOf(build: Build) {
  return methods.filter((m) => !m.gssapi || build.release < 1004);
}

/** The methods of one list (`publickey,password:pam`) without what stands behind a colon. */
function namesOf(list: string): string[] {
  return list.split(",").map((method) => method.split(":")[0] ?? "");
}

/** The first method of a list that the build does not have; undefined when it has all. */
export function findUnknownMethod(list: string, build: Build): string | undefined {
  for (let from = 0; ; ) {
    const comma = list.indexOf(",", from);
    const to = comma < 0 ? list.length : comma;
    const item = list.slice(from, to);
    const name = item.includes(":") ? item.slice(0, item.indexOf(":")) : item;
    const method = byName.get(name);
    if (!method || (method.gssapi && build.release >= 1004)) return name;
    if (comma < 0) return undefined;
    from = comma + 1;
  }
}

/** The first method of a list that is switched off. */
export function findDisabledMethod(
  list: string,
  build: Build,
  isOn: (keyword: string) => boolean,
): string | undefined {
  const off = methodsOf(build).filter((m) => m.keyword !== undefined && !isOn(m.keyword));
  return namesOf(list).find((name) => off.some((m) => m.name === name));
}

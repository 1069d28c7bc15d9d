import { findingAbout, type Rule } from "@/lib/sshd-config/rules/rule";
import { isNamed } from "@/lib/sshd-config/rules/ways-in";

const code = "no-shared-keys-file";

/** One file of keys for all accounts, or none at all. */
export const noSharedKeysFile: Rule = {
  code,
  severity: "warning",
  what: "AuthorizedKeysFile names one file for all accounts, or none.",
  why: "Every key in a shared file opens every account, root too; with none, no key opens any.",
  find: ({ scopes: [everyone] }) => {
    const files = everyone.own("authorizedkeysfile");
    const sources = ["authorizedkeysfile", "authorizedkeyscommand", "trustedusercakeys"];
    if (files.length > 0 && !sources.some((key) => isNamed(everyone, key)))
      return findingAbout(files[0], "warning", code, {
        what: `No key is accepted: AuthorizedKeysFile is ${files[0]?.value}, and there is no command and no authority.`,
        why: "Whoever logs in with a key is shut out, Gatehouse too.",
        advice: "Name the files, such as .ssh/authorized_keys.",
      });
    return files
      .filter(({ value }) => value.startsWith("/") && value !== "/dev/null" && !/%[huU]/.test(value))
      .flatMap((held) =>
        findingAbout(held, "warning", code, {
          what: `${held.value} is one file for all accounts.`,
          why: "Every key in it opens every account, root too where PermitRootLogin lets keys in.",
          advice: "Have %u in the path, so that each account has a file of its own.",
        }),
      );
  },
};

import type { MethodScope } from "@/lib/access/assertions/assertion";
import type { KeyAlternative } from "@/lib/access/key-alternatives";
import type { KeyOwner, LoginPath } from "@/lib/access/who-can-log-in";

/** What is said of a way, and whether it can be told; "no" needs no words. */
export type Fit =
  | { readonly is: "no" }
  | { readonly is: "yes"; readonly reason?: string }
  | { readonly is: "maybe"; readonly dependsOn: string };

/** Whose key it is, by fingerprint. */
export type OwnerOf = (fingerprint: string) => KeyOwner | undefined;

const no: Fit = { is: "no" };
const yes = (reason: string): Fit => ({ is: "yes", reason });
const typed = new Set(["password", "code", "nothing"]);

/** Is the way one of those that a rule speaks of, by what it asks for? */
export function fitsMethods(methods: MethodScope, path: LoginPath, ownerOf: OwnerOf): Fit {
  const factors = path.steps.flatMap((step) => step.factors);
  const keys = path.steps.flatMap(({ key }) => key ?? []);
  switch (methods) {
    case "any":
      return { is: "yes" };
    case "password":
      if (factors.includes("nothing")) return yes("it needs no password at all");
      return factors.includes("password") ? yes("it takes a password") : no;
    case "typed-only":
      return factors.every((factor) => typed.has(factor)) ? yes("what is typed is enough") : no;
    case "single-factor":
      return path.factors <= 1 ? yes("one factor is enough") : no;
    case "no-security-key":
      return withoutSecurityKey(keys);
    case "unowned-key":
      return firstFit(keys, (print) =>
        ownerOf(print) ? undefined : `the key ${print} belongs to nobody whom Gatehouse knows`,
      );
    case "leaver-key":
      return firstFit(keys, (print) => {
        const owner = ownerOf(print);
        return owner?.hasLeft ? `the key ${print} is of ${owner.name}, who has left` : undefined;
      });
  }
}

/** One security key among the keys of a way is enough. */
function withoutSecurityKey(keys: readonly KeyAlternative[]): Fit {
  if (keys.some(({ kind, type }) => kind === "key" && type?.startsWith("sk-"))) return no;
  if (keys.some(({ kind }) => kind !== "key"))
    return {
      is: "maybe",
      dependsOn: "whether the certified key, or the one that a program names, is a security key",
    };
  return yes("no security key is needed");
}

/** The first key of which the reason holds; certificates and programs name keys that we do not see. */
function firstFit(keys: readonly KeyAlternative[], why: (fingerprint: string) => string | undefined): Fit {
  for (const { kind, fingerprint } of keys) {
    const reason = kind === "key" && fingerprint !== undefined ? why(fingerprint) : undefined;
    if (reason !== undefined) return yes(reason);
  }
  if (keys.some(({ kind, fingerprint }) => kind !== "key" || fingerprint === undefined))
    return { is: "maybe", dependsOn: "whose key is certified, or named by a program on the host" };
  return no;
}

import { expect, test } from "vitest";
import { setPamStep } from "@/lib/two-factor/pam-step";
import { secretPlaceOf } from "@/lib/two-factor/secret-place";

const home = "$" + "{HOME}/.google_authenticator";
const user = "$" + "{USER}";

test("secrets stay where they are: in home directories, or in root's directory", () => {
  expect(secretPlaceOf(home, "account").place).toEqual({ kind: "home" });
  expect(secretPlaceOf("~/.google_authenticator", "account").place).toEqual({ kind: "home" });
  const { place } = secretPlaceOf(`/var/lib/google-authenticator/${user}`, "root");
  expect(place).toEqual({ kind: "directory", path: "/var/lib/google-authenticator" });
  const pam = place && setPamStep("@include common-auth\n", "required", place).text;
  expect(pam).toContain(`user=root secret=/var/lib/google-authenticator/${user}\n`);
});

test("a place that our line cannot name is refused, not replaced", () => {
  for (const [pattern, readAs] of [
    [home, "root"],
    [`/var/lib/otp/${user}`, "account"],
    [`/var/lib/otp/${user}.otp`, "root"],
    [`/var/lib/o tp/${user}`, "root"],
    ["/etc/otp", "root"],
    ["", "account"],
  ] as const)
    expect(secretPlaceOf(pattern, readAs).refused).toContain("keeps the secrets");
});

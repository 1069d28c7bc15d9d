import { expect, test } from "vitest";
import { FoundKeysInput } from "@/lib/features/key-fleet/schema";
import { foundAddress, keyAddress } from "./found-address";

const plain = FoundKeysInput.parse({});

test("what is at its default is not in the address, and what is comes back as it was", () => {
  expect(foundAddress(plain, {})).toBe("/access/keys");
  const address = foundAddress(plain, { owner: "", host: "web-*", page: 3, sort: "used" });
  const query = new URL(address, "http://x").searchParams;
  expect(FoundKeysInput.parse(Object.fromEntries(query))).toEqual({
    ...plain,
    owner: "",
    host: "web-*",
    page: 3,
    sort: "used",
  });
});

test("a fingerprint with a slash and a plus is whole in its address", () => {
  const fingerprint = "SHA256:a/b+c";
  expect(new URL(keyAddress(fingerprint), "http://x").searchParams.get("fingerprint")).toBe(fingerprint);
});

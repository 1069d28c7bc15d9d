import { expect, test } from "vitest";
import { fixOf } from "@/lib/features/access-reviews/fix";

const way = { hostId: "h", account: "ann", keySources: [], keyKinds: [], methods: "password", why: [] };

test("a key goes with its line, though a path may hold colons", () => {
  const keySources = ["", "/srv/a:b/authorized_keys:12"];
  expect(fixOf({ ...way, methods: "publickey", keyKinds: ["key"], keySources })).toEqual({
    text: "Remove line 12 of /srv/a:b/authorized_keys, which lets this key in as ann.",
    source: "/srv/a:b/authorized_keys:12",
    link: { href: "/hosts/h/accounts", label: "Open accounts & keys" },
  });
});

test("an authority's line is not called the thing to remove: others would be shut out with it", () => {
  const fix = fixOf({
    ...way,
    methods: "publickey",
    keyKinds: ["authority"],
    keySources: ["/etc/ssh/ca.pub:1"],
  });
  expect(fix.text).toMatch(
    /take the account out of their principals.*everybody with a certificate of it is shut out/,
  );
});

test("a key that a program tells has no line", () => {
  const why = [{ text: "AuthorizedKeysCommand /usr/bin/keys", source: "/etc/ssh/sshd_config:9" }];
  expect(fixOf({ ...way, methods: "publickey", keyKinds: ["command"], why })).toMatchObject({
    source: "/etc/ssh/sshd_config:9",
    link: null,
  });
});

test("a password goes by the line that allows it, in the editor at that line", () => {
  const why = [
    { text: "UsePAM yes", source: "/etc/ssh/sshd_config:2" },
    { text: "passwordauthentication yes", source: "/etc/ssh/sshd_config.d/50-cloud.conf:1" },
  ];
  expect(fixOf({ ...way, why })).toMatchObject({
    source: "/etc/ssh/sshd_config.d/50-cloud.conf:1",
    link: { href: "/hosts/h/config?at=%2Fetc%2Fssh%2Fsshd_config.d%2F50-cloud.conf%3A1" },
  });
});

test("what sshd allows by itself wants a line that says no", () => {
  const why = [{ text: "passwordauthentication yes", source: null }];
  expect(fixOf({ ...way, why })).toMatchObject({
    text: expect.stringMatching(/set PasswordAuthentication to no/),
    source: null,
  });
});

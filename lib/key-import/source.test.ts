import { describe, expect, test } from "vitest";
import { keySourceUrl, parseAllowedPrefix, parseKeySource } from "@/lib/key-import/source";

const allowed = ["https://keys.example.org/people/"];

describe("a name at a provider", () => {
  test.each([
    ["launchpad", "alice", "https://launchpad.net/~alice/+sshkeys"],
    ["launchpad", "a.b+c-d", "https://launchpad.net/~a.b%2Bc-d/+sshkeys"],
    ["github", "Alice-B", "https://github.com/alice-b.keys"],
    ["gitlab", "alice_b.c", "https://gitlab.com/alice_b.c.keys"],
  ] as const)("%s %s is read from %s", (provider, name, url) => {
    expect(keySourceUrl(parseKeySource(provider, name, []), []).href).toBe(url);
  });

  const hostile = [
    "",
    ".",
    "..",
    "-a",
    "a/b",
    "a\\b",
    "../evil",
    "a/../../evil",
    "a?x=1",
    "a#x",
    "a%2f..",
    "a@evil.example",
    "@evil.example",
    ":443",
    "a:b",
    "a b",
    "a\n",
    "\na",
    "a\r\nHost: evil",
    "a\0",
    "ａlice",
    "аlice",
    "a;b",
    "a&b",
    "[::1]",
    "alice\u202e",
    "x".repeat(300),
  ];
  test.each(
    (["launchpad", "github", "gitlab"] as const).flatMap((provider) =>
      hostile.map((name) => [provider, name] as const),
    ),
  )("%s refuses %j and says what its names look like", (provider, name) => {
    expect(() => parseKeySource(provider, name, [])).toThrow(/^A (Launchpad|GitHub|GitLab) name has/);
  });

  test.each([
    ["github", "a--b"],
    ["github", "a-"],
    ["github", "x".repeat(40)],
    ["github", "a_b"],
    ["gitlab", "alice.keys"],
    ["gitlab", "alice.git"],
    ["gitlab", "alice."],
    ["launchpad", "Alice"],
    ["launchpad", "+a"],
  ] as const)("%s has no name %s", (provider, name) => {
    expect(() => parseKeySource(provider, name, [])).toThrow(/name has/);
  });
});

describe("an address", () => {
  test("below an allowed one is taken, in one spelling", () => {
    expect(parseKeySource("url", "HTTPS://Keys.Example.Org:443/people/alice?format=ssh", allowed)).toEqual({
      provider: "url",
      name: "https://keys.example.org/people/alice?format=ssh",
    });
  });

  test("that is allowed no more is not read", () => {
    expect(() =>
      keySourceUrl({ provider: "url", name: "https://keys.example.org/people/alice" }, []),
    ).toThrow(/may not be imported/);
  });

  test.each([
    "http://keys.example.org/people/alice",
    "ftp://keys.example.org/people/alice",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/",
    "data:text/plain,ssh-ed25519",
    "javascript:alert(1)",
    "https://keys.example.org/",
    "https://keys.example.org/people",
    "https://keys.example.org/people-of-others/alice",
    "https://keys.example.org/people/../admin",
    "https://keys.example.org/people/%2e%2e/admin",
    "https://keys.example.org/people/%2E%2E%2Fadmin",
    "https://keys.example.org/people/..%2fadmin",
    "https://keys.example.org/people/..%5cadmin",
    "https://keys.example.org/people\\..\\admin",
    "https://keys.example.org/people/%252e%252e/admin",
    "https://keys.example.org/people/..%252fadmin",
    "https://keys.example.org/people/..;/admin",
    "https://keys.example.org/people/..%3B/admin",
    "https://keys.example.org/people//admin",
    "https://keys.example.org.evil.example/people/alice",
    "https://keys.example.org@evil.example/people/alice",
    "https://evil.example/people/#https://keys.example.org/people/",
    "https://evil.example/?https://keys.example.org/people/",
    "https://evil.example\\@keys.example.org/people/alice",
    "https://user:pass@keys.example.org/people/alice",
    "https://keys.example.org:8443/people/alice",
    "https://keys.example.org./people/alice",
    "https://KEYS.EXAMPLE.ORG%00.evil.example/people/",
    "https://keys。example。org/people/alice",
    "https://ⓚeys.example.org/people/alice",
    "https://keys.example.org/people/alice\nhttps://evil.example/",
    " https://keys.example.org/people/alice",
    "https:keys.example.org/people/alice\t",
    "//keys.example.org/people/alice",
    "https://keys.example.org/people/alice#x",
    `https://keys.example.org/people/${"a".repeat(1000)}`,
    "",
  ])("%j is refused", (text) => {
    expect(() => parseKeySource("url", text, allowed)).toThrow();
  });
});

describe("an admin allows", () => {
  test("a folder of a server, whose end is a slash", () => {
    expect(parseAllowedPrefix("https://Keys.Example.org/people")).toBe("https://keys.example.org/people/");
    expect(parseAllowedPrefix("https://keys.example.org:8443")).toBe("https://keys.example.org:8443/");
  });

  test.each([
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://①②⑦.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://localhost/",
    "https://host.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://db/",
    "https://keys.example.org/?q=",
    "http://keys.example.org/",
    "https://a..b/",
    "https://*.example.org/",
    "https://-a.example.org/",
    "https://example.org.1/",
  ])("never %j", (text) => {
    expect(() => parseAllowedPrefix(text)).toThrow();
  });
});

import { expect, test } from "vitest";
import { expandInclude, includePattern, sourceOf } from "@/lib/sshd-config/include";

const source = sourceOf(
  [
    "/etc/ssh/sshd_config",
    "/etc/ssh/a/10.conf",
    "/etc/ssh/a/9.conf",
    "/etc/ssh/a/.hidden.conf",
    "/etc/ssh/a/b [1].conf",
  ].map((path) => ({ path, text: path })),
);

test("files come in order of their bytes, hidden ones only when the dot is written", () => {
  expect(expandInclude("/etc/ssh/a/*.conf", source)).toEqual([
    "/etc/ssh/a/10.conf",
    "/etc/ssh/a/9.conf",
    "/etc/ssh/a/b [1].conf",
  ]);
  expect(expandInclude("/etc/ssh/a/.*.conf", source)).toEqual(["/etc/ssh/a/.hidden.conf"]);
});

test("sets, ranges and escapes are those of glob(3)", () => {
  expect(expandInclude("/etc/ssh/?/[0-9][!x]*", source)).toEqual(["/etc/ssh/a/10.conf", "/etc/ssh/a/9.conf"]);
  expect(expandInclude("/etc/ssh/a/b \\[1\\].conf", source)).toEqual(["/etc/ssh/a/b [1].conf"]);
});

test("a file that is not there is silently nothing", () => {
  expect(expandInclude("/etc/ssh/missing", source)).toEqual([]);
  expect(expandInclude("/nowhere/*", source)).toEqual([]);
});

test("a directory is read as an empty file", () => {
  expect(expandInclude("/etc/ssh/a", source)).toEqual(["/etc/ssh/a"]);
  expect(source.read("/etc/ssh/a")).toBe("");
});

test("relative words begin at /etc/ssh, in OpenSSH 8.2 the keyword is taken instead", () => {
  expect(includePattern("a/*.conf", "Include", 902)).toBe("/etc/ssh/a/*.conf");
  expect(includePattern("a/*.conf", "Include", 802)).toBe("/etc/ssh/Include");
});

test("what a slash or two dots follow must be a directory", () => {
  const tree = sourceOf([{ path: "/etc/ssh/a/1.conf", text: "" }]);
  expect(expandInclude("/etc/ssh/a/1.conf/", tree)).toEqual([]);
  expect(expandInclude("/etc/ssh/a/1.conf/../1.conf", tree)).toEqual([]);
  expect(expandInclude("/etc/ssh/a/../a/1.conf", tree)).toEqual(["/etc/ssh/a/../a/1.conf"]);
  expect(expandInclude("/etc/ssh//a/1.conf", tree)).toEqual(["/etc/ssh//a/1.conf"]);
});

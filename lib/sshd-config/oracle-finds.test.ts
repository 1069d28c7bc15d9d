import { expect, test } from "vitest";
import { buildById } from "@/lib/sshd-config/build";
import { answerCase } from "@/lib/sshd-config/testing/corpus";
import { loadWorld } from "@/lib/testing/sshd-corpus";

// What generated configurations showed, and real sshds said of them (e2e/oracle).

const world = loadWorld();
const main = "/etc/ssh/sshd_config";

test.each([
  ["deb11-8.4p1", 'RekeyLimit default 16"\n', "line 1: missing time value."],
  ["deb11-8.4p1", "AllowUsers u@10.0.0.1/+8\n", 'line 1: invalid AllowUsers pattern: "u@10.0.0.1/+8"'],
  [
    "deb11-8.4p1",
    "Match User a\nAuthenticationMethods any any\nSecurityKeyProvider internal\n",
    "line 3: Directive 'SecurityKeyProvider' is not allowed within a Match block",
  ],
  [
    "deb12-9.2p1",
    "AuthenticationMethods any any\n",
    'line 1: "any" must appear alone in AuthenticationMethods',
  ],
])("%s refuses %j", (id, text, message) => {
  const { t } = answerCase({ id, files: { [main]: text }, queries: [] }, buildById(id)!, world);
  expect(t).toEqual({ code: 255, stderr: `${main} ${message}\r\n` });
});

test.each([
  ["deb12-9.2p1", 'Match Host *.example.org\nAuthenticationMethods "any" "any"\n'],
  ["deb11-8.4p1", "AllowUsers u@10.0.0.0/+8\n"],
])("%s takes %j", (id, text) => {
  const { t } = answerCase({ id, files: { [main]: text }, queries: [] }, buildById(id)!, world);
  expect(t).toEqual({ code: 0, stderr: "" });
});

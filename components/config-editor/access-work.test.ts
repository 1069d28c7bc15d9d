import { beforeEach, expect, test } from "vitest";
import { hostWith } from "@/lib/access/testing/host";
import { type AccessQuestion, judgeLive, learnFacts } from "./access-work";

const path = "/etc/ssh/sshd_config";
const text = "UsePAM yes\nPasswordAuthentication yes\n";
const live = [{ path, text }];
const facts = hostWith({ config: "", accounts: [{ name: "ann" }, { name: "bob" }, { name: "eve" }] });
const ask = (draft: string, more: Partial<AccessQuestion> = {}) =>
  judgeLive({ facts: "1", live, draft: [{ path, text: draft }], ...more });

beforeEach(() => {
  learnFacts({ id: "1", json: JSON.stringify(facts), now: Date.UTC(2026, 6, 1) / 1000 });
});

test("who would lose every way in is told by name", () => {
  expect(ask(`${text}DenyUsers ann eve\n`)).toMatchObject({
    shutOut: ["ann", "eve"],
    loses: [],
    gains: [],
  });
});

test("what the host has now is what a draft is held against, also when it becomes another", () => {
  const denied = [{ path, text: `${text}DenyUsers bob\n` }];
  expect(ask(text, { live: denied })).toMatchObject({ shutOut: [], gains: [{ account: "bob" }] });
  expect(ask(text)).toMatchObject({ shutOut: [], gains: [] });
});

test("a text that sshd refuses, facts that are not there and facts that make no sense are no answer, and no error", () => {
  expect(ask("PermitRotLogin no\n")).toBe("refused");
  expect(ask(text, { facts: "2" })).toBe("untaught");
  learnFacts({ id: "3", json: "{}", now: 0 });
  expect(ask(text, { facts: "3" })).toBe("failed");
});

import { describe, expect, test } from "vitest";
import { printAssertion } from "@/lib/access/assertions/print-assertion";
import { AssertionForm } from "@/lib/features/access-rules/schema";
import { assertionOf, draftOf, emptyDraft, type RuleDraft } from "./rule-draft";
import { exampleDraft, ruleExamples } from "./rule-examples";

const person = "0b8f2f9e-7f0c-4c55-9c1e-0d6f7a3c1a11";
const drafts: [string, Partial<RuleDraft>][] = [
  ["nobody", {}],
  [
    "only",
    {
      quantifier: "only",
      subjects: [
        { id: 3, kind: "person", value: person },
        { id: 5, kind: "account", value: "a" },
      ],
    },
  ],
  ["always", { quantifier: "always", subjects: [{ id: 0, kind: "person", value: person }], session: "any" }],
  ["tags", { hosts: "tags", hostWords: "prod, eu  db" }],
  ["names", { hosts: "names", hostWords: "db-*", accounts: "names", accountWords: "a b", addresses: "any" }],
];

describe("a draft", () => {
  test.each(drafts)("of %s says a rule that is taken, and comes back from it", (_, more) => {
    const draft = { ...emptyDraft, ...more, networks: more.addresses === "any" ? "" : "10.0.0.0/8, ::1" };
    const assertion = assertionOf(draft);
    expect(AssertionForm.safeParse(assertion).error?.issues).toBeUndefined();
    expect(assertionOf(draftOf(assertion, draft))).toEqual(assertion);
  });

  test("with gaps has a sentence that shows them, and is refused", () => {
    const draft: RuleDraft = { ...emptyDraft, quantifier: "always", hosts: "tags", networks: " " };
    expect(printAssertion(assertionOf(draft, "…"), () => "…")).toBe(
      "… always reaches root on every host tagged … from every address outside …",
    );
    expect(AssertionForm.safeParse(assertionOf(draft)).success).toBe(false);
  });
});

test("each example is a rule once somebody is chosen, and an unknown one is an empty form", () => {
  for (const { id } of ruleExamples) {
    const draft = exampleDraft(id);
    const chosen = { ...draft, subjects: [{ id: 0, kind: "person" as const, value: person }] };
    expect(AssertionForm.safeParse(assertionOf(chosen)).success).toBe(true);
  }
  expect(exampleDraft("nonsense")).toEqual(emptyDraft);
});

import { emptyDraft, type RuleDraft } from "./rule-draft";

export interface RuleExample {
  /** In the address of the form. */
  id: string;
  draft: RuleDraft;
}

/** Rules to begin with. */
export const ruleExamples: readonly RuleExample[] = [
  {
    id: "root-from-inside",
    draft: {
      ...emptyDraft,
      name: "Root from inside only",
      reason: "Root is for emergencies, and those are handled from our own network.",
    },
  },
  {
    id: "no-passwords",
    draft: {
      ...emptyDraft,
      name: "No passwords",
      reason: "Passwords are guessed and shared; keys are not.",
      accounts: "all",
      addresses: "any",
      networks: "",
      methods: "password",
    },
  },
  {
    id: "on-call",
    draft: {
      ...emptyDraft,
      name: "The person on call gets in",
      reason: "Somebody has to be able to help at night, whatever is changed.",
      quantifier: "always",
      accounts: "all",
      addresses: "any",
      networks: "",
    },
  },
];

export function exampleDraft(id: unknown): RuleDraft {
  return ruleExamples.find((example) => example.id === id)?.draft ?? emptyDraft;
}

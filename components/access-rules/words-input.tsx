"use client";

import { classNames } from "../ui/class-names";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { wordsOf } from "./rule-draft";

interface Props {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  /** Words that there are: a press adds one, or takes it away. */
  suggestions?: readonly string[];
}

/** More would hide the form. */
const mostSuggestions = 12;

/** Several words, with blanks or commas between. */
export function WordsInput({ label, hint, value, onChange, error, suggestions = [] }: Props) {
  const chosen = wordsOf(value);
  const toggle = (word: string) =>
    onChange((chosen.includes(word) ? chosen.filter((one) => one !== word) : [...chosen, word]).join(", "));
  return (
    <div className="grid grid-cols-1 gap-1.5">
      <Field label={label} hint={hint} error={error}>
        {(control) => (
          <Input
            {...control}
            value={value}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            className="font-mono"
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      {suggestions.length > 0 && (
        <fieldset className="flex flex-wrap gap-1.5">
          <legend className="sr-only">{label}: those that there are</legend>
          {suggestions.slice(0, mostSuggestions).map((word) => (
            <button
              key={word}
              type="button"
              aria-pressed={chosen.includes(word)}
              onClick={() => toggle(word)}
              className={classNames(
                "h-6 max-w-40 truncate rounded-full border px-2.5 text-xs transition-colors focus-visible:rounded-full",
                chosen.includes(word)
                  ? "border-accent bg-accent-soft font-medium text-ink"
                  : "border-line-strong bg-surface text-ink-soft hover:bg-hover hover:text-ink",
              )}
            >
              {word}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

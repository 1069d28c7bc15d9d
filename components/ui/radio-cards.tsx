"use client";

import { type ReactNode, useId } from "react";
import { classNames } from "./class-names";

export interface RadioCard<Value extends string> {
  value: Value;
  title: ReactNode;
  text: ReactNode;
  icon?: ReactNode;
}

interface Props<Value extends string> {
  legend: string;
  name: string;
  cards: readonly RadioCard<Value>[];
  value: Value;
  onChange: (value: Value) => void;
  className?: string;
}

/** One of a few ways, each with a sentence that says when to take it. */
export function RadioCards<Value extends string>({
  legend,
  name,
  cards,
  value,
  onChange,
  className,
}: Props<Value>) {
  const id = useId();
  return (
    <fieldset className={classNames("grid gap-2 sm:grid-cols-2", className)}>
      <legend className="sr-only">{legend}</legend>
      {cards.map((card) => (
        <label
          key={card.value}
          className={classNames(
            "flex cursor-pointer gap-3 rounded-lg border bg-surface p-3 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
            value === card.value ? "border-accent bg-accent-soft" : "border-line-strong hover:bg-hover",
          )}
        >
          <input
            type="radio"
            name={name}
            value={card.value}
            checked={value === card.value}
            onChange={() => onChange(card.value)}
            aria-labelledby={`${id}-${card.value}-title`}
            aria-describedby={`${id}-${card.value}-text`}
            className="sr-only"
          />
          {card.icon && <span className="mt-0.5 text-ink-faint [&_svg]:size-4">{card.icon}</span>}
          <span className="grid content-start gap-0.5">
            <span id={`${id}-${card.value}-title`} className="text-sm font-medium">
              {card.title}
            </span>
            <span id={`${id}-${card.value}-text`} className="text-xs text-ink-soft">
              {card.text}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

"use client";

import { useState } from "react";
import type { FormField } from "@/lib/sshd-config/form";
import { Input } from "../ui/input";
import { Select } from "../ui/select";

interface Props {
  id: string;
  field: FormField;
  disabled: boolean;
  describedBy: string;
  isWrong: boolean;
  /** Takes the arguments as one would write them in the file; empty goes back to the default. */
  onWrite: (value: string) => void;
}

/** The control that fits what a directive takes. What is typed is written when it is left, or by Enter. */
export function FormControl(props: Props) {
  return props.field.control === "choice" ? <Choice {...props} /> : <Typed {...props} />;
}

function Choice({ id, field, disabled, describedBy, isWrong, onWrite }: Props) {
  const { written = "", choices } = field;
  const value = choices.find((word) => word.toLowerCase() === written.toLowerCase()) ?? written;
  return (
    <Select
      id={id}
      className="w-full"
      value={value}
      disabled={disabled}
      aria-describedby={describedBy}
      aria-invalid={isWrong || undefined}
      onChange={(event) => onWrite(event.target.value)}
    >
      <option value="">Default{field.default !== undefined && `: ${field.default}`}</option>
      {choices.map((word) => (
        <option key={word} value={word}>
          {word}
        </option>
      ))}
      {value !== "" && !choices.includes(value) && <option value={value}>{value}</option>}
    </Select>
  );
}

function Typed({ id, field, disabled, describedBy, isWrong, onWrite }: Props) {
  const { written = "" } = field;
  const [text, setText] = useState(written);
  // What was typed is about the value that stood there; another value begins anew.
  const [base, setBase] = useState(written);
  if (base !== written) {
    setBase(written);
    setText(written);
  }
  const commit = () => {
    if (text.trim() !== written) onWrite(text.trim());
  };
  return (
    <Input
      id={id}
      value={text}
      disabled={disabled}
      placeholder={field.algorithms ? "default" : (field.default ?? "not set")}
      inputMode={field.control === "number" ? "numeric" : "text"}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
      className="font-mono"
      aria-describedby={describedBy}
      aria-invalid={isWrong || undefined}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Escape") setText(written);
      }}
    />
  );
}

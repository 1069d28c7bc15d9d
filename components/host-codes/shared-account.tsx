import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

interface Props {
  /** Why the name is wanted; undefined: it is not. */
  error: string | undefined;
  value: string;
  onChange: (name: string) => void;
}

/** Others use the account by keys of their own: whoever may lets codes come there all the same, by its name. */
export function SharedAccount({ error, value, onChange }: Props) {
  if (error === undefined) return null;
  return (
    <Field label="Name of the account" error={error}>
      {(control) => (
        <Input
          {...control}
          value={value}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

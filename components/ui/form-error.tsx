import { Notice } from "./notice";
import type { CommandError } from "./send-command";

interface Props {
  error: CommandError | undefined;
  /** Fields whose own errors stand beside them: then nothing is said twice. */
  shownFields?: readonly string[];
}

/** Why an act was refused, in the place where it was asked for. */
export function FormError({ error, shownFields = [] }: Props) {
  if (!error) return null;
  const fields = Object.keys(error.fields ?? {});
  if (fields.length > 0 && fields.every((field) => shownFields.includes(field))) return null;
  return (
    <Notice tone="danger" urgent>
      {error.message}
      {error.retryAfterSeconds !== undefined && ` Try again in ${error.retryAfterSeconds} seconds.`}
    </Notice>
  );
}

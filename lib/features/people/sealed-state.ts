import type { z } from "zod";
import { AppError } from "@/lib/errors";
import { Secret } from "@/lib/secrets/secret";
import { webSealer } from "@/lib/secrets/web-sealer";
import type { FoundChallenge } from "@/lib/webauthn/challenge";

const place = (row: string) => ({ table: "Challenge", column: "stateSealed", row });

/** What must wait, unread and unchanged, until a step is answered. It may hold secrets; it is plain JSON. */
export function sealState(state: object): (challengeId: string) => Buffer {
  return (challengeId) => webSealer().sealText(place(challengeId), new Secret(JSON.stringify(state)));
}

/** The state of a step that was answered. */
export function openState<Schema extends z.ZodType>(
  schema: Schema,
  { id, stateSealed }: FoundChallenge,
): z.output<Schema> {
  if (!stateSealed) throw new AppError("expired", "This was begun in another way. Begin again.");
  return schema.parse(JSON.parse(webSealer().openText(place(id), stateSealed).reveal()));
}

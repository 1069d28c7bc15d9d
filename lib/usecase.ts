import type { z } from "zod";
import { now as clockNow } from "@/lib/clock";
import { type ActivityTarget, appendActivity } from "@/lib/db/activity";
import { type Db, prisma, type Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { can, type Permission, type Role } from "@/lib/policy/permissions";

/** Who is acting now: a signed-in person, or nobody yet (set-up and sign-in). */
export interface Actor {
  readonly personId: string;
  readonly name: string;
  readonly login: string;
  readonly role: Role;
  readonly sessionId: string;
  /** The last fresh touch (or password and code), for dangerous acts. */
  readonly steppedUpAt: Date | null;
}

/** Where a request comes from, for throttles and activity. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
}

export interface QueryContext {
  readonly actor: Actor;
  readonly origin: Origin;
  readonly db: Db;
  readonly now: Date;
}

export interface CommandContext extends Omit<QueryContext, "db"> {
  /** One transaction: what `run` writes and the activity row stand or fall together. */
  readonly db: Transaction;
  /** Adds to the activity row: whom the act concerned and what was asked. Never secrets. */
  record(entry: { target?: ActivityTarget; detail?: Record<string, unknown> }): void;
}

/** "signed-in": any person, for what concerns himself alone. */
export type Gate = Permission | "signed-in";

/** Ten minutes after a fresh touch, not sliding (security.md 21). */
export const stepUpSeconds = 600;

interface Definition<Input extends z.ZodType> {
  /** "<noun>.<verb>", as it stands in the activity. */
  readonly name: string;
  readonly permission: Gate;
  readonly input: Input;
}

export interface Query<Input extends z.ZodType = z.ZodType, Output = unknown> extends Definition<Input> {
  readonly kind: "query";
  run(input: z.output<Input>, context: QueryContext): Promise<Output>;
}

export interface Command<Input extends z.ZodType = z.ZodType, Output = unknown> extends Definition<Input> {
  readonly kind: "command";
  /** Needs a fresh touch. */
  readonly stepUp?: boolean;
  /** "later": the worker writes the result row when the host has answered; this row is the intent. */
  readonly ends?: "now" | "later";
  /** False for what is no act worth a row (saving a draft). */
  readonly recorded?: boolean;
  run(input: z.output<Input>, context: CommandContext): Promise<Output>;
}

/** Something a person reads. */
export function query<Input extends z.ZodType, Output>(
  definition: Omit<Query<Input, Output>, "kind">,
): Query<Input, Output> {
  return { kind: "query", ...definition };
}

/** Something a person does. */
export function command<Input extends z.ZodType, Output>(
  definition: Omit<Command<Input, Output>, "kind">,
): Command<Input, Output> {
  return { kind: "command", ...definition };
}

/** Refuses unless the actor's role holds the gate. Says `not_found` where the thing may not even be read. */
function authorize(gate: Gate, actor: Actor): void {
  if (gate === "signed-in" || can(actor.role, gate)) return;
  throw new AppError(
    "forbidden",
    `Your role, ${actor.role}, does not allow this. Ask an admin of Gatehouse.`,
    {
      detail: gate,
    },
  );
}

function parse<Input extends z.ZodType>(schema: Input, input: unknown): z.output<Input> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const fields: Record<string, string> = {};
  for (const issue of result.error.issues) fields[issue.path.join(".")] ??= issue.message;
  const first = Object.entries(fields)[0];
  throw new AppError(
    "invalid",
    first ? `${first[0] ? `${first[0]}: ` : ""}${first[1]}` : "The input is not valid.",
    {
      fields,
    },
  );
}

/** Whether the actor touched his key within the last ten minutes. */
export function isSteppedUp(actor: Actor, now: Date): boolean {
  return actor.steppedUpAt !== null && now.getTime() - actor.steppedUpAt.getTime() < stepUpSeconds * 1000;
}

/** Reads: parse, authorize, run. */
export async function read<Input extends z.ZodType, Output>(
  useCase: Query<Input, Output>,
  input: unknown,
  actor: Actor,
  origin: Origin,
): Promise<Output> {
  authorize(useCase.permission, actor);
  return useCase.run(parse(useCase.input, input), { actor, origin, db: prisma(), now: clockNow() });
}

/**
 * Acts: parse, authorize, check the step-up, run, and write the activity row in the same transaction.
 *
 * No row, no act: when the row cannot be written the transaction fails. A refusal is written too, by itself.
 */
export async function act<Input extends z.ZodType, Output>(
  useCase: Command<Input, Output>,
  input: unknown,
  actor: Actor,
  origin: Origin,
): Promise<Output> {
  const now = clockNow();
  let target: ActivityTarget | undefined;
  let detail: Record<string, unknown> = {};
  const record: CommandContext["record"] = (entry) => {
    target = entry.target ?? target;
    detail = { ...detail, ...entry.detail };
  };
  const row = (outcome: "intent" | "done" | "refused") => ({
    at: now,
    actor: { id: actor.personId, name: actor.name },
    address: origin.address,
    action: useCase.name,
    outcome,
    target,
    detail,
  });
  try {
    authorize(useCase.permission, actor);
    const parsed = parse(useCase.input, input);
    if (useCase.stepUp && !isSteppedUp(actor, now))
      throw new AppError(
        "step_up_required",
        "Touch your security key (or enter a code) once more for this act.",
      );
    return await prisma().$transaction(
      async (db) => {
        const output = await useCase.run(parsed, { actor, origin, db, now, record });
        if (useCase.recorded !== false)
          await appendActivity(db, row(useCase.ends === "later" ? "intent" : "done"));
        return output;
      },
      { timeout: 15_000 },
    );
  } catch (error) {
    // What the actor got wrong while typing, and the request for a touch, are no acts.
    if (error instanceof AppError && error.code !== "invalid" && error.code !== "step_up_required") {
      detail = { ...detail, refusal: error.code, message: error.message };
      await prisma().$transaction((db) => appendActivity(db, row("refused")));
    }
    throw error;
  }
}

import type { z } from "zod";
import { now as clockNow } from "@/lib/clock";
import { type ActivityTarget, appendActivity } from "@/lib/db/activity";
import { type Db, prisma, type Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import { can, type Permission, type Role } from "@/lib/policy/permissions";

/** Who is acting now: a signed-in person. */
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

/** A browser in which nobody is signed in yet: what it began is bound to it. */
export interface Visitor {
  /** SHA-256 (hex) of the random value in its pre-session cookie. */
  readonly visitId: string;
}

export interface QueryContext {
  readonly actor: Actor;
  readonly origin: Origin;
  readonly db: Db;
  readonly now: Date;
}

interface Recorder {
  /** Adds to the activity row: whom the act concerned and what was asked. Never secrets. */
  record(entry: { target?: ActivityTarget; detail?: Record<string, unknown> }): void;
}

export interface CommandContext<Prepared = undefined> extends Omit<QueryContext, "db">, Recorder {
  /** One transaction: what `run` writes and the activity row stand or fall together. */
  readonly db: Transaction;
  readonly prepared: Prepared;
}

/** What an open use case (set-up, sign-in) works with. */
export interface OpenContext extends Recorder {
  readonly visitor: Visitor;
  readonly origin: Origin;
  readonly now: Date;
  /** Says who acts, as soon as that is known: the activity row, a refusal's too, carries his name. */
  identify(person: { id: string; name: string }): void;
}

export interface OpenCommandContext<Prepared> extends OpenContext {
  readonly db: Transaction;
  readonly prepared: Prepared;
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

export interface Command<Input extends z.ZodType = z.ZodType, Output = unknown, Prepared = unknown>
  extends Definition<Input> {
  readonly kind: "command";
  /** Needs a fresh touch. */
  readonly stepUp?: boolean;
  /** "later": the worker writes the result row when the host has answered; this row is the intent. */
  readonly ends?: "now" | "later";
  /** False for what is no act worth a row (saving a draft). */
  readonly recorded?: boolean;
  /**
   * What must not be undone by a refusal (a counted guess, a used-up challenge) or would hold a transaction for long
   * (a password hash). It runs before the transaction, after authorization; `run` finds its answer in `prepared`.
   */
  prepare?(input: z.output<Input>, context: QueryContext & Recorder): Promise<Prepared>;
  run(input: z.output<Input>, context: CommandContext<Prepared>): Promise<Output>;
}

/** An act of somebody who is not signed in. What guards it (a token, a password, a key) is checked in `prepare`. */
export interface OpenCommand<Input extends z.ZodType = z.ZodType, Output = unknown, Prepared = unknown> {
  readonly kind: "open-command";
  readonly name: string;
  readonly input: Input;
  readonly recorded?: boolean;
  prepare(input: z.output<Input>, context: OpenContext & { readonly db: Db }): Promise<Prepared>;
  run(input: z.output<Input>, context: OpenCommandContext<Prepared>): Promise<Output>;
}

/** Something a person reads. */
export function query<Input extends z.ZodType, Output>(
  definition: Omit<Query<Input, Output>, "kind">,
): Query<Input, Output> {
  return { kind: "query", ...definition };
}

/** Something a person does. */
export function command<Input extends z.ZodType, Output, Prepared = undefined>(
  definition: Omit<Command<Input, Output, Prepared>, "kind">,
): Command<Input, Output, Prepared> {
  return { kind: "command", ...definition };
}

/** Something that is done to get in: set-up, sign-in, accepting an invitation. */
export function openCommand<Input extends z.ZodType, Output, Prepared>(
  definition: Omit<OpenCommand<Input, Output, Prepared>, "kind">,
): OpenCommand<Input, Output, Prepared> {
  return { kind: "open-command", ...definition };
}

/** Refuses unless the actor's role holds the gate. What he may not even read, the use case itself says `not_found` of. */
function authorize(gate: Gate, actor: Actor): void {
  if (gate === "signed-in" || can(actor.role, gate)) return;
  throw new AppError(
    "forbidden",
    `Your role, ${actor.role}, does not allow this. Ask an admin of Gatehouse.`,
    { detail: gate },
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
    { fields },
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
 * Acts: parse, authorize, check the step-up, prepare, run, and write the activity row in the same transaction.
 *
 * No row, no act: when the row cannot be written the transaction fails. A refusal is written too, by itself.
 */
export async function act<Input extends z.ZodType, Output, Prepared>(
  useCase: Command<Input, Output, Prepared>,
  input: unknown,
  actor: Actor,
  origin: Origin,
): Promise<Output> {
  const now = clockNow();
  const draft = new RowDraft(useCase.name, now, origin, { id: actor.personId, name: actor.name });
  const record = draft.record;
  return recordingRefusals(draft, async () => {
    authorize(useCase.permission, actor);
    const parsed = parse(useCase.input, input);
    if (useCase.stepUp && !isSteppedUp(actor, now))
      throw new AppError(
        "step_up_required",
        "Touch your security key (or enter a code) once more for this act.",
      );
    const prepared = await useCase.prepare?.(parsed, { actor, origin, db: prisma(), now, record });
    return inTransaction(async (db) => {
      const context = { actor, origin, db, now, record, prepared: prepared as Prepared };
      const output = await useCase.run(parsed, context);
      if (useCase.recorded !== false)
        await appendActivity(db, draft.row(useCase.ends === "later" ? "intent" : "done"));
      return output;
    });
  });
}

/** Acts for somebody who is not signed in. As `act`, without an actor: the use case's own `prepare` is the guard. */
export async function actOpenly<Input extends z.ZodType, Output, Prepared>(
  useCase: OpenCommand<Input, Output, Prepared>,
  input: unknown,
  visitor: Visitor,
  origin: Origin,
): Promise<Output> {
  const now = clockNow();
  const draft = new RowDraft(useCase.name, now, origin, { id: null, name: "" });
  const { record, identify } = draft;
  return recordingRefusals(draft, async () => {
    const parsed = parse(useCase.input, input);
    const open = { visitor, origin, now, record, identify };
    const prepared = await useCase.prepare(parsed, { ...open, db: prisma() });
    return inTransaction(async (db) => {
      const output = await useCase.run(parsed, { ...open, db, prepared });
      if (useCase.recorded !== false) await appendActivity(db, draft.row("done"));
      return output;
    });
  });
}

/** The longest use case; a worker's jobs do what takes longer. */
const transactionTimeoutSeconds = 15;

function inTransaction<Output>(run: (db: Transaction) => Promise<Output>): Promise<Output> {
  return prisma().$transaction(run, { timeout: transactionTimeoutSeconds * 1000, maxWait: 10_000 });
}

/** The activity row of one act, as far as it is known. */
class RowDraft {
  private target: ActivityTarget | undefined;
  private detail: Record<string, unknown> = {};

  constructor(
    private readonly action: string,
    private readonly at: Date,
    private readonly origin: Origin,
    private actor: { id: string | null; name: string },
  ) {}

  readonly record: Recorder["record"] = (entry) => {
    this.target = entry.target ?? this.target;
    this.detail = { ...this.detail, ...entry.detail };
  };

  readonly identify: OpenContext["identify"] = ({ id, name }) => {
    this.actor = { id, name };
  };

  row(outcome: "intent" | "done" | "refused") {
    const { at, actor, action, target, detail } = this;
    return { at, actor, address: this.origin.address, action, outcome, target, detail };
  }
}

/**
 * What the actor got wrong while typing and the request for a touch are no acts. A throttled attempt is none either:
 * whoever knocks ten times a second must not fill the activity; the failures that led to it are there.
 */
const unrecordedRefusals = new Set<AppError["code"]>(["invalid", "step_up_required", "throttled"]);

async function recordingRefusals<Output>(draft: RowDraft, run: () => Promise<Output>): Promise<Output> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AppError && !unrecordedRefusals.has(error.code)) {
      draft.record({ detail: { refusal: error.code, message: error.message } });
      await inTransaction((db) => appendActivity(db, draft.row("refused")));
    }
    throw error;
  }
}

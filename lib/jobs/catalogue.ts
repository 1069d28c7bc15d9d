import { z } from "zod";

/**
 * Every kind of job and its payload: the one list.
 *
 * A payload holds ids, never content and never a secret: it lies in the database and in its backups. What a job needs
 * it reads when it runs, so that it acts on the state of then. `lib/features/*\/jobs.ts` handle them, and
 * `scripts/worker.ts` does not compile while one is unhandled.
 */
export const jobCatalogue = {
  /** Makes the management key pair of a new host. */
  "host.make-key": z.strictObject({ hostId: z.uuid() }),
  /** Reads which host keys the host offers; sends no credential. */
  "host.look-at-keys": z.strictObject({ enrolmentId: z.uuid() }),
  /** Connects once with the operator's credential and installs the agent. */
  "host.enrol-by-login": z.strictObject({ enrolmentId: z.uuid() }),
  /** After an install report: says hello over the pinned connection; only then the host is managed. */
  "host.first-contact": z.strictObject({ enrolmentId: z.uuid() }),
  /** Each minute: enqueues the heartbeats that are due. */
  "host.heartbeat-all": z.object({}),
  /** Is the host there, and what does it say of itself? */
  "host.heartbeat": z.strictObject({ hostId: z.uuid() }),
  /** A longer act that people watch: packages, agent update, removal, accounts. */
  "host.operate": z.strictObject({ operationId: z.uuid() }),
  /** Reads the sshd configuration tree. */
  "config.read": z.strictObject({ hostId: z.uuid() }),
  /** Asks the host's own `sshd -t` about a draft; the answer is in the operation. */
  "config.check": z.strictObject({ operationId: z.uuid() }),
  /** Cron: reads the configuration of every managed host that was not read for a while. */
  "config.sweep": z.object({}),
  /** Reads who can log in, and by what: accounts, keys, configuration, the modes of what leads there. */
  "access.collect": z.strictObject({ hostId: z.uuid() }),
  /** Cron: reads the hosts whose access was not read for a day. */
  "access.sweep": z.object({}),
  /** Makes the rows of a host's ways in anew from what was read, because the model has become another one. */
  "access.derive": z.strictObject({ hostId: z.uuid() }),
  /** Cron: marks reviews of access that are overdue, and looks whether revoked ways are gone. */
  "review.watch": z.object({}),
  /** Reads the keys that somebody publishes at a provider, and proposes what is new and what is gone. */
  "key-import.read": z.strictObject({ importId: z.uuid() }),
  /** Cron: reads the subscriptions that are due. */
  "key-import.sweep": z.object({}),
  /** Brings what is wanted of somebody's one-time codes to the host. */
  "host-code.drive": z.strictObject({ placementId: z.uuid() }),
  /** Mends the modes of a state file that was made on the host itself. */
  "host-code.mend-foreign": z.strictObject({ hostId: z.uuid(), account: z.string() }),
  /** Reads the state files of one-time codes on a host: never a secret. */
  "host-code.read": z.strictObject({ hostId: z.uuid() }),
  /** Cron: reads the state files of hosts that were not read for a while. */
  "host-code.sweep": z.object({}),
  /** Cron: takes codes off hosts that could not be asked when they were revoked. */
  "host-code.follow": z.object({}),
  /** Holds the rules about access against what was last read on a host. */
  "access-rules.check": z.strictObject({ hostId: z.uuid() }),
  /** Each hour, and when a rule is another one: has every host checked. What expires, and whose key it is, counts too. */
  "access-rules.check-all": z.object({}),
  /** Asks the host what a change would do. */
  "change.plan": z.strictObject({ changeId: z.uuid() }),
  /** Drives one change towards its end: tells the host, proves, keeps or rolls back, asks for the truth. */
  "change.drive": z.strictObject({ changeId: z.uuid() }),
  /** Cron: drives every pending change that nobody drives. */
  "change.reconcile": z.object({}),
  /** Cron: signs where the activity ends; hosts keep it as witnesses. */
  "activity.checkpoint": z.object({}),
  /** Takes the next step of the batches of keys that a host has a part in. */
  "key-fleet.drive": z.strictObject({ hostId: z.uuid() }),
  /** Cron: takes the next step on every host that still has a part in a batch of keys. */
  "key-fleet.sweep": z.object({}),
  /** Each hour: forgets events that nobody replays any more, and queues of removed hosts. */
  "jobs.tidy": z.object({}),
} as const satisfies Record<string, z.ZodType>;

export type JobName = keyof typeof jobCatalogue;
export type JobPayload<Name extends JobName> = z.output<(typeof jobCatalogue)[Name]>;

/** How often a job may begin before it counts as failed; a worker that dies in the middle spends one. */
export const defaultAttempts = 5;

/** The schema of each payload, so that it can be found by a name that is only known when it runs. */
export const payloadSchemas: { readonly [Name in JobName]: z.ZodType<JobPayload<Name>> } = jobCatalogue;

/**
 * The jobs that may be put into a queue, to run one after the other. A worker takes them one at a time: of several taken at
 * once two could be of one queue, and would run at once.
 */
export const queuedJobs: ReadonlySet<JobName> = new Set([
  "host.enrol-by-login",
  "host.first-contact",
  "host.operate",
  "config.read",
  "access.collect",
  "access.derive",
  "host-code.drive",
  "host-code.mend-foreign",
  "host-code.read",
]);

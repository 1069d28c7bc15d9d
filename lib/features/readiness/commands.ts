import { managementAccount } from "@/lib/change/marker";
import { appendEvent } from "@/lib/db/events";
import { AppError } from "@/lib/errors";
import { targetOf } from "@/lib/features/hosts/host-target";
import { ExceptAccountInput, ExceptionId, mostExceptionDays } from "@/lib/features/readiness/schema";
import { command } from "@/lib/usecase";

const dayMilliseconds = 86_400_000;

/** Answers for it that an account need not be ready, until a day. Another answer for the same account takes its place. */
export const exceptAccount = command({
  name: "two-factor.except",
  permission: "two-factor:except",
  stepUp: true,
  input: ExceptAccountInput,
  async run({ hostId, account, reason, endsAt }, { db, actor, now, record }) {
    // Locked: of two at once one comes after the other.
    await db.$queryRaw`SELECT id FROM "Host" WHERE id = ${hostId}::uuid FOR UPDATE`;
    const host = await db.host.findUnique({ where: { id: hostId } });
    if (!host || host.state === "archived")
      throw new AppError("not_found", "There is no such host, or it is in the archive.");
    record({ target: targetOf(host), detail: { account, reason, endsAt } });
    if (account === managementAccount)
      throw new AppError(
        "invalid",
        `${managementAccount} is the account of Gatehouse itself. It is never asked for a code.`,
      );
    const until = new Date(endsAt);
    if (until <= now)
      throw new AppError("invalid", "The end lies in the past.", {
        fields: { endsAt: "Choose a later day." },
      });
    if (until.getTime() - now.getTime() > mostExceptionDays * dayMilliseconds)
      throw new AppError("invalid", "Nobody answers for an account longer than a year.", {
        fields: { endsAt: "Choose an earlier day." },
      });
    await db.twoFactorException.updateMany({
      where: { hostId, account, revokedAt: null },
      data: { revokedAt: now },
    });
    const { id } = await db.twoFactorException.create({
      data: { hostId, account, reason, endsAt: until, createdById: actor.personId, createdAt: now },
    });
    await appendEvent(db, { topic: `host:${hostId}`, kind: "codes", data: {} });
    return { exceptionId: id };
  },
});

/** Takes back that an account need not be ready. What stands in a host's configuration stays. */
export const revokeException = command({
  name: "two-factor.revoke-exception",
  permission: "two-factor:except",
  stepUp: true,
  input: ExceptionId,
  async run({ exceptionId }, { db, now, record }) {
    const exception = await db.twoFactorException.findUnique({
      where: { id: exceptionId },
      include: { host: { select: { id: true, name: true } } },
    });
    if (!exception) throw new AppError("not_found", "There is no such exception.");
    record({ target: targetOf(exception.host), detail: { account: exception.account } });
    const { count } = await db.twoFactorException.updateMany({
      where: { id: exceptionId, revokedAt: null },
      data: { revokedAt: now },
    });
    if (count === 0) throw new AppError("conflict", "It was taken back already.");
    await appendEvent(db, { topic: `host:${exception.hostId}`, kind: "codes", data: {} });
  },
});

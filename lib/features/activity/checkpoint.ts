import { now } from "@/lib/clock";
import { type Db, prisma } from "@/lib/db/client";
import { signCheckpoint } from "@/lib/secrets/checkpoint";

/**
 * For the worker: signs where the chain of activity ends now. Nothing when no row was added since the last time.
 *
 * The moment is taken after the row was read, so that a checkpoint never names a row that was not there at its moment.
 *
 * @throws AppError `unavailable` when the worker is sealed
 */
export async function makeCheckpoint(db: Db = prisma()): Promise<void> {
  const [last, known] = await Promise.all([
    db.activity.findFirst({ orderBy: { seq: "desc" }, select: { seq: true, hash: true } }),
    db.activityCheckpoint.findFirst({ orderBy: [{ at: "desc" }, { seq: "desc" }], select: { seq: true } }),
  ]);
  if (!last || known?.seq === last.seq) return;
  const at = now();
  const hash = Buffer.from(last.hash);
  const { publicKey, signature } = signCheckpoint(
    { seq: last.seq.toString(), hash: hash.toString("hex"), at: at.toISOString() },
    "worker",
  );
  await db.activityCheckpoint.createMany({
    data: {
      seq: last.seq,
      hash,
      at,
      publicKey: Buffer.from(publicKey, "hex"),
      signature: Buffer.from(signature, "hex"),
    },
    skipDuplicates: true,
  });
}

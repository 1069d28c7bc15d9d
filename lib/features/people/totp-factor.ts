import { randomBytes } from "node:crypto";
import { toString as qrCode } from "qrcode";
import type { Db, Transaction } from "@/lib/db/client";
import { AppError } from "@/lib/errors";
import type { TotpEnrolmentView } from "@/lib/features/people/views";
import { encodeTotpSecret, findTimeStep, groupTotpSecret, secretBytes, totpUri } from "@/lib/otp/totp";
import { Secret } from "@/lib/secrets/secret";
import { webSealer } from "@/lib/secrets/web-sealer";

const place = (personId: string) => ({ table: "TotpFactor", column: "secretSealed", row: personId });

/** A secret that waits to be proved by a code. Nothing is stored yet: an old factor stays until then. */
export function makeTotpSecret(): string {
  return encodeTotpSecret(randomBytes(secretBytes));
}

/** The secret as a person's app takes it. Shown once. */
export async function showTotpSecret(secret: string, login: string): Promise<TotpEnrolmentView> {
  return showSecret(secret, totpUri(secret, { issuer: "Gatehouse", login }));
}

/** A secret as text and as a picture of its URI. */
export async function showSecret(secret: string, uri: string): Promise<TotpEnrolmentView> {
  const svg = await qrCode(uri, { type: "svg", margin: 0, errorCorrectionLevel: "M" });
  return {
    uri,
    secret: groupTotpSecret(secret),
    qr: `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`,
  };
}

/** The time step that the code of a waiting secret belongs to. @throws AppError `invalid` when the code is wrong */
export function proveTotpSecret(secret: string, code: string, now: Date): number {
  const step = findTimeStep(secret, code, now.getTime() / 1000, 0);
  if (step === undefined)
    throw new AppError(
      "invalid",
      "This code is not right. Check the clock of your phone, and type the next code.",
      { fields: { code: "Not the code that your app should show now." } },
    );
  return step;
}

/** Stores a proved secret in place of any older one. The code that proved it is used up. */
export async function storeTotpSecret(
  tx: Transaction,
  personId: string,
  secret: string,
  timeStep: number,
  now: Date,
): Promise<void> {
  const data = {
    secretSealed: Uint8Array.from(webSealer().sealText(place(personId), new Secret(secret))),
    lastTimeStep: BigInt(timeStep),
    confirmedAt: now,
    createdAt: now,
  };
  await tx.totpFactor.upsert({ where: { personId }, create: { personId, ...data }, update: data });
}

/**
 * Whether the code is right, and uses it up: of any number of parallel uses of one code one is right.
 *
 * False also when the person has no confirmed factor.
 */
export async function spendTotpCode(db: Db, personId: string, code: string, now: Date): Promise<boolean> {
  const factor = await db.totpFactor.findUnique({ where: { personId } });
  if (!factor?.confirmedAt) return false;
  const secret = webSealer().openText(place(personId), factor.secretSealed).reveal();
  const step = findTimeStep(secret, code, now.getTime() / 1000, Number(factor.lastTimeStep));
  if (step === undefined) return false;
  const { count } = await db.totpFactor.updateMany({
    where: { personId, secretSealed: factor.secretSealed, lastTimeStep: { lt: BigInt(step) } },
    data: { lastTimeStep: BigInt(step) },
  });
  return count === 1;
}

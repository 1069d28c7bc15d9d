import type { Db, Transaction } from "@/lib/db/client";
import { hashRecoveryCode, makeRecoveryCodes } from "@/lib/secrets/recovery-code";

/** Ten new codes; the old ones are void. Only the answer shows them. */
export async function replaceRecoveryCodes(tx: Transaction, personId: string): Promise<string[]> {
  const codes = makeRecoveryCodes();
  await tx.recoveryCode.deleteMany({ where: { personId } });
  await tx.recoveryCode.createMany({
    data: codes.map((code) => ({ personId, codeHash: hashRecoveryCode(code) })),
  });
  return codes;
}

/** Whether the code is right, and uses it up: of any number of parallel uses of one code one is right. */
export async function spendRecoveryCode(db: Db, personId: string, code: string, now: Date): Promise<boolean> {
  const { count } = await db.recoveryCode.updateMany({
    where: { personId, codeHash: hashRecoveryCode(code), usedAt: null },
    data: { usedAt: now },
  });
  return count === 1;
}

-- A change may hold sshd's main file and its PAM file together: a second factor is one change.
-- AlterTable
ALTER TABLE "Change" ADD COLUMN     "pamBaseContent" TEXT,
ADD COLUMN     "pamBaseSha256" TEXT,
ADD COLUMN     "pamContent" TEXT,
ADD COLUMN     "twoFactor" JSONB,
ADD COLUMN     "witness" JSONB;

ALTER TABLE "Change" DROP CONSTRAINT "Change_kind_check";
ALTER TABLE "Change" ADD CONSTRAINT "Change_kind_check"
  CHECK (("kind" = 'config' AND "account" IS NULL) OR ("kind" = 'keys' AND "account" IS NOT NULL AND "keyEdits" IS NOT NULL)
    OR ("kind" = 'two-factor' AND "account" IS NULL AND "twoFactor" IS NOT NULL));

-- Accounts that need not be ready when a second factor is required on their host, and who answers for it.
-- CreateTable
CREATE TABLE "TwoFactorException" (
    "id" UUID NOT NULL,
    "hostId" UUID NOT NULL,
    "account" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "endsAt" TIMESTAMP(3) NOT NULL,
    "createdById" UUID NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revokedAt" TIMESTAMP(3),

    CONSTRAINT "TwoFactorException_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "TwoFactorException_hostId_idx" ON "TwoFactorException"("hostId");

-- CreateIndex
CREATE INDEX "TwoFactorException_createdById_idx" ON "TwoFactorException"("createdById");

-- AddForeignKey
ALTER TABLE "TwoFactorException" ADD CONSTRAINT "TwoFactorException_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TwoFactorException" ADD CONSTRAINT "TwoFactorException_createdById_fkey" FOREIGN KEY ("createdById") REFERENCES "Person"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- One that stands, of an account.
CREATE UNIQUE INDEX "TwoFactorException_one_of_an_account" ON "TwoFactorException"("hostId", "account") WHERE "revokedAt" IS NULL;

-- Who wants codes gone from a host, so that their person is told.
ALTER TABLE "HostCodePlacement" ADD COLUMN "revokedById" UUID, ADD COLUMN "revokedAt" TIMESTAMP(3);

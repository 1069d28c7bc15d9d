-- One-time codes for logins on hosts: secrets, where they are, and what hosts say of their state files.
-- CreateTable
CREATE TABLE "HostCode" (
    "id" UUID NOT NULL,
    "personId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "secretSealed" BYTEA NOT NULL,
    "scratchSealed" BYTEA,
    "position" BIGINT NOT NULL,
    "createdById" UUID NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "HostCode_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "HostCodePlacement" (
    "id" UUID NOT NULL,
    "codeId" UUID NOT NULL,
    "hostId" UUID NOT NULL,
    "account" TEXT NOT NULL,
    "act" TEXT NOT NULL,
    "actId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "failure" TEXT,
    "boxes" JSONB,
    "replaces" BOOLEAN NOT NULL DEFAULT false,
    "writtenAt" TIMESTAMP(3),
    "endedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "HostCodePlacement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "HostCodeReading" (
    "hostId" UUID NOT NULL,
    "codes" JSONB,
    "clockOffsetSeconds" DOUBLE PRECISION,
    "readAt" TIMESTAMP(3),
    "failedAt" TIMESTAMP(3),
    "failure" TEXT,

    CONSTRAINT "HostCodeReading_pkey" PRIMARY KEY ("hostId")
);

-- CreateIndex
CREATE INDEX "HostCode_personId_idx" ON "HostCode"("personId");

-- CreateIndex
CREATE INDEX "HostCodePlacement_codeId_idx" ON "HostCodePlacement"("codeId");

-- CreateIndex
CREATE INDEX "HostCodePlacement_hostId_idx" ON "HostCodePlacement"("hostId");

-- AddForeignKey
ALTER TABLE "HostCode" ADD CONSTRAINT "HostCode_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "HostCodePlacement" ADD CONSTRAINT "HostCodePlacement_codeId_fkey" FOREIGN KEY ("codeId") REFERENCES "HostCode"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "HostCodePlacement" ADD CONSTRAINT "HostCodePlacement_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "HostCodeReading" ADD CONSTRAINT "HostCodeReading_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE;



ALTER TABLE "HostCode" ADD CONSTRAINT "HostCode_kind_check" CHECK ("kind" IN ('totp', 'hotp'));
ALTER TABLE "HostCodePlacement" ADD CONSTRAINT "HostCodePlacement_act_check"
  CHECK ("act" IN ('write', 'scratch', 'resync', 'mend', 'remove') AND "state" IN ('waiting', 'done', 'failed'));
-- An account has one state file, so it has one person's codes.
CREATE UNIQUE INDEX "HostCodePlacement_one_of_an_account" ON "HostCodePlacement"("hostId", "account") WHERE "endedAt" IS NULL;

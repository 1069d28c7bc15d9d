-- Key lines as they were found on hosts, and batches: one act over many hosts, done by one change a file.
-- CreateTable
CREATE TABLE "FoundKey" (
    "hostId" UUID NOT NULL,
    "id" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "comment" TEXT NOT NULL,
    "options" TEXT NOT NULL,
    "isAuthority" BOOLEAN NOT NULL,
    "isRefused" BOOLEAN NOT NULL,
    "lastUsedAt" TIMESTAMP(3),
    "firstSeenAt" TIMESTAMP(3) NOT NULL,
    "goneAt" TIMESTAMP(3),
    "digest" TEXT NOT NULL,

    CONSTRAINT "FoundKey_pkey" PRIMARY KEY ("hostId","id")
);

-- CreateTable
CREATE TABLE "KeyBatch" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "personId" UUID,
    "authorId" UUID NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmedAt" TIMESTAMP(3),
    "confirmedById" UUID,
    "cancelledAt" TIMESTAMP(3),

    CONSTRAINT "KeyBatch_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "KeyBatchHost" (
    "id" UUID NOT NULL,
    "batchId" UUID NOT NULL,
    "hostId" UUID NOT NULL,
    "wishes" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'reading',
    "reason" TEXT,
    "readAfter" TIMESTAMP(3) NOT NULL,
    "askedAt" TIMESTAMP(3),
    "shutOut" TEXT[],
    "losesWays" INTEGER NOT NULL DEFAULT 0,
    "gainsWays" INTEGER NOT NULL DEFAULT 0,
    "obstacle" TEXT,
    "confirmedAt" TIMESTAMP(3),
    "confirmedShutOut" TEXT[],
    "tries" INTEGER NOT NULL DEFAULT 0,
    "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMP(3),

    CONSTRAINT "KeyBatchHost_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "KeyBatchChange" (
    "changeId" UUID NOT NULL,
    "batchHostId" UUID NOT NULL,
    "settledAt" TIMESTAMP(3),

    CONSTRAINT "KeyBatchChange_pkey" PRIMARY KEY ("changeId")
);

-- CreateIndex
CREATE INDEX "FoundKey_fingerprint_idx" ON "FoundKey"("fingerprint");

-- CreateIndex
CREATE INDEX "KeyBatch_createdAt_idx" ON "KeyBatch"("createdAt");

-- CreateIndex
CREATE INDEX "KeyBatch_personId_idx" ON "KeyBatch"("personId");

-- CreateIndex
CREATE INDEX "KeyBatchHost_hostId_endedAt_idx" ON "KeyBatchHost"("hostId", "endedAt");

-- CreateIndex
CREATE UNIQUE INDEX "KeyBatchHost_batchId_hostId_key" ON "KeyBatchHost"("batchId", "hostId");

-- CreateIndex
CREATE INDEX "KeyBatchChange_batchHostId_idx" ON "KeyBatchChange"("batchHostId");

-- AddForeignKey
ALTER TABLE "FoundKey" ADD CONSTRAINT "FoundKey_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "KeyBatchHost" ADD CONSTRAINT "KeyBatchHost_batchId_fkey" FOREIGN KEY ("batchId") REFERENCES "KeyBatch"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "KeyBatchHost" ADD CONSTRAINT "KeyBatchHost_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "KeyBatchChange" ADD CONSTRAINT "KeyBatchChange_changeId_fkey" FOREIGN KEY ("changeId") REFERENCES "Change"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "KeyBatchChange" ADD CONSTRAINT "KeyBatchChange_batchHostId_fkey" FOREIGN KEY ("batchHostId") REFERENCES "KeyBatchHost"("id") ON DELETE CASCADE ON UPDATE CASCADE;



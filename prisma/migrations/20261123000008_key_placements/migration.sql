-- Changes of authorized_keys files beside those of sshd's configuration, and who is wanted where.
ALTER TABLE "Change" ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'config',
  ADD COLUMN "account" TEXT,
  ADD COLUMN "keyEdits" JSONB,
  ADD COLUMN "keyBytes" BYTEA;
ALTER TABLE "Change" ADD CONSTRAINT "Change_kind_check"
  CHECK (("kind" = 'config' AND "account" IS NULL) OR ("kind" = 'keys' AND "account" IS NOT NULL AND "keyEdits" IS NOT NULL));

CREATE TABLE "AccountGrant" (
    "id" UUID NOT NULL,
    "personId" UUID NOT NULL,
    "hostId" UUID,
    "tag" TEXT,
    "account" TEXT NOT NULL,
    "options" JSONB NOT NULL DEFAULT '{}',
    "endsAt" TIMESTAMP(3),
    "note" TEXT NOT NULL DEFAULT '',
    "createdById" UUID NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revokedAt" TIMESTAMP(3),

    CONSTRAINT "AccountGrant_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "AccountGrant_where_check" CHECK (("hostId" IS NULL) <> ("tag" IS NULL))
);

CREATE INDEX "AccountGrant_hostId_idx" ON "AccountGrant"("hostId");
CREATE INDEX "AccountGrant_tag_idx" ON "AccountGrant"("tag");
CREATE INDEX "AccountGrant_personId_idx" ON "AccountGrant"("personId");
ALTER TABLE "AccountGrant" ADD CONSTRAINT "AccountGrant_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "AccountGrant" ADD CONSTRAINT "AccountGrant_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is demanded of every key that logs in, on a host or on all with a tag.
CREATE TABLE "KeyPolicy" (
    "id" UUID NOT NULL,
    "hostId" UUID,
    "tag" TEXT,
    "demands" TEXT[],
    "exceptAccounts" TEXT[],
    "note" TEXT NOT NULL DEFAULT '',
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdById" UUID NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedById" UUID NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "KeyPolicy_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "KeyPolicy_where_check" CHECK (("hostId" IS NULL) <> ("tag" IS NULL)),
    CONSTRAINT "KeyPolicy_demands_check" CHECK (cardinality("demands") > 0)
);

CREATE UNIQUE INDEX "KeyPolicy_hostId_key" ON "KeyPolicy"("hostId");
CREATE UNIQUE INDEX "KeyPolicy_tag_key" ON "KeyPolicy"("tag");
ALTER TABLE "KeyPolicy" ADD CONSTRAINT "KeyPolicy_hostId_fkey" FOREIGN KEY ("hostId") REFERENCES "Host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

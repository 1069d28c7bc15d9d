-- Who can log in, one row a way, so that a fleet can be filtered and counted by the database. What the rows are made
-- from stays in "AccessReading".
alter table "AccessReading"
    add column "modelVersion" integer not null default 0,
    add column "refused" text,
    add column "pathsLeftOut" integer not null default 0,
    add column "notDerived" text;

create index "AccessReading_modelVersion_idx" on "AccessReading" ("modelVersion");

create table "AccessPath" (
    "hostId" uuid not null,
    "id" text not null,
    "position" integer not null,
    "account" text not null,
    "uid" double precision not null,
    "fingerprint" text,
    "fingerprints" text[],
    "keySources" text[],
    "keyType" text,
    "comment" text,
    "methods" text not null,
    "factors" integer not null,
    "asksPassword" boolean not null,
    "isCertain" boolean not null,
    "from" text[],
    "forcedCommand" text,
    "limits" text[],
    "expiresAt" timestamp(3),
    "lastUsedAt" timestamp(3),
    "firstSeenAt" timestamp(3) not null,
    "words" text not null,
    "digest" text not null,
    "view" jsonb not null,

    constraint "AccessPath_pkey" primary key ("hostId", "id"),
    constraint "AccessPath_hostId_fkey" foreign key ("hostId") references "Host" ("id") on delete cascade on update cascade
);

create index "AccessPath_account_idx" on "AccessPath" ("account");
create index "AccessPath_fingerprints_idx" on "AccessPath" using gin ("fingerprints");

create table "AccessFindingRow" (
    "hostId" uuid not null,
    "id" text not null,
    "code" text not null,
    "severity" text not null,
    "account" text,
    "fingerprint" text,
    "subject" text not null,
    "title" text not null,
    "firstSeenAt" timestamp(3) not null,
    "digest" text not null,
    "view" jsonb not null,

    constraint "AccessFindingRow_pkey" primary key ("hostId", "id"),
    constraint "AccessFindingRow_hostId_fkey" foreign key ("hostId") references "Host" ("id") on delete cascade on update cascade
);

create index "AccessFindingRow_code_idx" on "AccessFindingRow" ("code");

-- Places from which people's keys are imported, and what stood there.
create type "KeyProvider" as enum ('launchpad', 'github', 'gitlab', 'url');

create table "KeyImport" (
    "id" uuid not null,
    "personId" uuid not null,
    "provider" "KeyProvider" not null,
    "name" text not null,
    "isSubscribed" boolean not null default false,
    "nextReadAt" timestamp(3),
    "askedAt" timestamp(3) not null,
    "readAt" timestamp(3),
    "failedAt" timestamp(3),
    "failure" text,
    "failures" integer not null default 0,
    "alarmedAt" timestamp(3),
    "refusedLines" jsonb not null default '[]',
    "createdAt" timestamp(3) not null default current_timestamp,

    constraint "KeyImport_pkey" primary key ("id"),
    constraint "KeyImport_personId_fkey" foreign key ("personId") references "Person" ("id") on delete cascade on update cascade
);

create unique index "KeyImport_personId_provider_name_key" on "KeyImport" ("personId", "provider", "name");
create index "KeyImport_nextReadAt_idx" on "KeyImport" ("nextReadAt");

create table "ImportedKey" (
    "importId" uuid not null,
    "fingerprint" text not null,
    "type" text not null,
    "blob" bytea not null,
    "bits" integer not null,
    "comment" text not null,
    "firstSeenAt" timestamp(3) not null,
    "goneAt" timestamp(3),
    "declinedAt" timestamp(3),

    constraint "ImportedKey_pkey" primary key ("importId", "fingerprint"),
    constraint "ImportedKey_importId_fkey" foreign key ("importId") references "KeyImport" ("id") on delete cascade on update cascade
);

create table "KeySourceAddress" (
    "prefix" text not null,
    "createdAt" timestamp(3) not null default current_timestamp,

    constraint "KeySourceAddress_pkey" primary key ("prefix")
);

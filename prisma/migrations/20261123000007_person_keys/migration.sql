-- SSH keys of people.
create type "PersonKeyOrigin" as enum ('pasted', 'generated', 'imported', 'adopted', 'webauthn', 'ssh_keygen');

create table "PersonKey" (
    "id" uuid not null,
    "personId" uuid not null,
    "fingerprint" text not null,
    "type" text not null,
    "blob" bytea not null,
    "bits" integer not null,
    "name" text not null,
    "origin" "PersonKeyOrigin" not null,
    "provedAt" timestamp(3),
    "application" text,
    "isVerifyRequired" boolean not null default false,
    "keyHandle" bytea,
    "attestation" jsonb,
    "passkeyId" uuid,
    "createdAt" timestamp(3) not null default current_timestamp,
    "removedAt" timestamp(3),

    constraint "PersonKey_pkey" primary key ("id"),
    constraint "PersonKey_personId_fkey" foreign key ("personId") references "Person" ("id") on delete cascade on update cascade,
    constraint "PersonKey_passkeyId_fkey" foreign key ("passkeyId") references "Passkey" ("id") on delete set null on update cascade
);

create index "PersonKey_personId_idx" on "PersonKey" ("personId");
create unique index "PersonKey_passkeyId_key" on "PersonKey" ("passkeyId");

-- One key is one person's. What was removed stays as history and stands in nobody's way.
create unique index "PersonKey_one_owner" on "PersonKey" ("fingerprint") where "removedAt" is null;

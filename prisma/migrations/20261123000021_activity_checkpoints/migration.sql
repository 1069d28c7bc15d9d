-- Where the chain of activity ended, signed by the worker, and which hosts keep that as witnesses.
create table "ActivityCheckpoint" (
    "seq" bigint not null,
    "hash" bytea not null,
    "at" timestamp(3) not null,
    "publicKey" bytea not null,
    "signature" bytea not null,

    constraint "ActivityCheckpoint_pkey" primary key ("seq")
);
create index "ActivityCheckpoint_at_idx" on "ActivityCheckpoint" ("at");
create trigger "ActivityCheckpoint_append_only" before update or delete on "ActivityCheckpoint"
  for each row execute function refuse_activity_rewrite();
create trigger "ActivityCheckpoint_no_truncate" before truncate on "ActivityCheckpoint"
  for each statement execute function refuse_activity_rewrite();

create table "ActivityWitness" (
    "hostId" uuid not null,
    "seq" bigint not null,
    "shownAt" timestamp(3) not null,
    "fault" text,
    "faultAt" timestamp(3),

    constraint "ActivityWitness_pkey" primary key ("hostId"),
    constraint "ActivityWitness_hostId_fkey" foreign key ("hostId") references "Host" ("id") on delete cascade on update cascade
);

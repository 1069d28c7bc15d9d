-- What was last read on a host about who can log in: one row a host.
create table "AccessReading" (
    "hostId" uuid not null,
    "hash" text,
    "facts" bytea,
    "logins" jsonb not null default '[]',
    "loginsSince" timestamp(3),
    "isConsistent" boolean not null default true,
    "readAt" timestamp(3),
    "changedAt" timestamp(3),
    "failedAt" timestamp(3),
    "failure" text,

    constraint "AccessReading_pkey" primary key ("hostId"),
    constraint "AccessReading_hostId_fkey" foreign key ("hostId") references "Host" ("id") on delete cascade on update cascade
);

create index "AccessReading_readAt_idx" on "AccessReading" ("readAt");

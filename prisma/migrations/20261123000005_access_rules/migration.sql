-- What people say must hold about who can log in, and what it came to on each host.
create table "AccessRule" (
    "id" uuid not null,
    "name" text not null,
    "reason" text not null,
    "assertion" jsonb not null,
    "severity" text not null,
    "isEnabled" boolean not null default true,
    "version" integer not null default 1,
    "authorId" uuid not null,
    "createdAt" timestamp(3) not null default current_timestamp,
    "updatedById" uuid not null,
    "updatedAt" timestamp(3) not null default current_timestamp,

    constraint "AccessRule_pkey" primary key ("id")
);

create table "AccessRuleResult" (
    "ruleId" uuid not null,
    "hostId" uuid not null,
    "version" integer not null,
    "state" text not null,
    "offences" integer not null,
    "view" jsonb not null,
    "since" timestamp(3) not null,
    "checkedAt" timestamp(3) not null,

    constraint "AccessRuleResult_pkey" primary key ("ruleId", "hostId"),
    constraint "AccessRuleResult_ruleId_fkey" foreign key ("ruleId") references "AccessRule" ("id") on delete cascade on update cascade,
    constraint "AccessRuleResult_hostId_fkey" foreign key ("hostId") references "Host" ("id") on delete cascade on update cascade
);

create index "AccessRuleResult_hostId_idx" on "AccessRuleResult" ("hostId");
create index "AccessRuleResult_state_idx" on "AccessRuleResult" ("state");

-- Review campaigns: what was frozen, who decided what. Hosts and people are named, not referred to: they may go.
create table "AccessReview" (
    "id" uuid not null,
    "name" text not null,
    "scope" jsonb not null,
    "accounts" text[],
    "accountsRegex" text,
    "openedAt" timestamp(3) not null,
    "openedById" uuid not null,
    "openedByName" text not null,
    "dueAt" timestamp(3) not null,
    "overdueAt" timestamp(3),
    "itemCount" integer not null,
    "snapshotSha256" text not null,
    "closedAt" timestamp(3),
    "closedById" uuid,
    "closedByName" text,
    "closeReason" text,
    "evidenceSha256" text,

    constraint "AccessReview_pkey" primary key ("id")
);
create index "AccessReview_closedAt_idx" on "AccessReview" ("closedAt");

create table "AccessReviewHost" (
    "reviewId" uuid not null,
    "hostId" uuid not null,
    "hostName" text not null,
    "readAt" timestamp(3),
    "gap" text,
    "ways" integer not null,

    constraint "AccessReviewHost_pkey" primary key ("reviewId", "hostId"),
    constraint "AccessReviewHost_reviewId_fkey" foreign key ("reviewId") references "AccessReview" ("id") on delete restrict on update cascade
);
create index "AccessReviewHost_hostId_idx" on "AccessReviewHost" ("hostId");

create table "AccessReviewer" (
    "reviewId" uuid not null,
    "hostId" uuid not null,
    "personId" uuid not null,
    "personName" text not null,

    constraint "AccessReviewer_pkey" primary key ("reviewId", "hostId", "personId"),
    constraint "AccessReviewer_reviewId_fkey" foreign key ("reviewId") references "AccessReview" ("id") on delete restrict on update cascade
);
create index "AccessReviewer_personId_idx" on "AccessReviewer" ("personId");

create table "AccessReviewItem" (
    "reviewId" uuid not null,
    "number" integer not null,
    "hostId" uuid not null,
    "hostName" text not null,
    "pathId" text not null,
    "account" text not null,
    "uid" double precision not null,
    "subject" text not null,
    "fingerprints" text[],
    "keySources" text[],
    "keyType" text,
    "comment" text,
    "methods" text not null,
    "factors" integer not null,
    "isCertain" boolean not null,
    "from" text[],
    "forcedCommand" text,
    "limits" text[],
    "lastUsedAt" timestamp(3),
    "firstSeenAt" timestamp(3) not null,
    "personId" uuid,
    "personName" text,
    "view" jsonb not null,
    "decision" text,
    "reason" text not null default '',
    "decidedById" uuid,
    "decidedByName" text,
    "decidedAt" timestamp(3),
    "version" integer not null default 0,

    constraint "AccessReviewItem_pkey" primary key ("reviewId", "number"),
    constraint "AccessReviewItem_reviewId_fkey" foreign key ("reviewId") references "AccessReview" ("id") on delete restrict on update cascade,
    constraint "AccessReviewItem_decision" check (("decision" is null) = ("decidedAt" is null) and "decision" in ('confirm', 'revoke'))
);
create index "AccessReviewItem_reviewId_hostId_pathId_idx" on "AccessReviewItem" ("reviewId", "hostId", "pathId");
create index "AccessReviewItem_reviewId_decision_idx" on "AccessReviewItem" ("reviewId", "decision");

create table "AccessRevocation" (
    "reviewId" uuid not null,
    "number" integer not null,
    "hostId" uuid not null,
    "revokedAt" timestamp(3) not null,
    "lookedAt" timestamp(3),
    "thereAt" timestamp(3),
    "isChanged" boolean not null default false,
    "goneAt" timestamp(3),
    "backAt" timestamp(3),
    "doubt" text,

    constraint "AccessRevocation_pkey" primary key ("reviewId", "number")
);
create index "AccessRevocation_hostId_idx" on "AccessRevocation" ("hostId");

-- What a campaign froze is never rewritten, and a closed one not at all: for the tables' owner too. (A superuser can still
-- drop the triggers: the hashes in the activity's chain are what shows that.)
create function refuse_review_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'A review of access is evidence: % of % refused.', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;

create function keep_review() returns trigger language plpgsql as $$
begin
  if old."closedAt" is not null
     or (new."id", new."name", new."scope", new."accounts", new."accountsRegex", new."openedAt", new."openedById",
         new."openedByName", new."itemCount", new."snapshotSha256")
        is distinct from
        (old."id", old."name", old."scope", old."accounts", old."accountsRegex", old."openedAt", old."openedById",
         old."openedByName", old."itemCount", old."snapshotSha256") then
    raise exception 'A review of access is evidence: % of % refused.', tg_op, tg_table_name
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create trigger "AccessReview_kept" before update on "AccessReview" for each row execute function keep_review();
create trigger "AccessReview_no_delete" before delete on "AccessReview"
  for each row execute function refuse_review_rewrite();
create trigger "AccessReview_no_truncate" before truncate on "AccessReview"
  for each statement execute function refuse_review_rewrite();

-- What belongs to a campaign is written only while it is open. The lock makes whoever closes it wait for whoever writes,
-- and the other way round.
create function want_open_review() returns trigger language plpgsql as $$
declare
  review uuid := case when tg_op = 'DELETE' then old."reviewId" else new."reviewId" end;
begin
  perform 1 from "AccessReview" where "id" = review and "closedAt" is null for share;
  if not found then
    raise exception 'This review of access is closed: % of % refused.', tg_op, tg_table_name
      using errcode = 'insufficient_privilege';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
$$;
create trigger "AccessReviewHost_open" before insert on "AccessReviewHost"
  for each row execute function want_open_review();
create trigger "AccessReviewHost_kept" before update or delete on "AccessReviewHost"
  for each row execute function refuse_review_rewrite();
create trigger "AccessReviewHost_no_truncate" before truncate on "AccessReviewHost"
  for each statement execute function refuse_review_rewrite();
create trigger "AccessReviewer_open" before insert or update or delete on "AccessReviewer"
  for each row execute function want_open_review();
create trigger "AccessReviewer_no_truncate" before truncate on "AccessReviewer"
  for each statement execute function refuse_review_rewrite();

-- Items come and are decided by the thousand, so their triggers look once a statement.
create function want_open_reviews() returns trigger language plpgsql as $$
begin
  perform 1 from "AccessReview" where "id" in (select distinct "reviewId" from touched) for share;
  if exists (
    select 1 from (select distinct "reviewId" from touched) as t
    where not exists (select 1 from "AccessReview" w where w."id" = t."reviewId" and w."closedAt" is null)
  ) then
    raise exception 'This review of access is closed: % of % refused.', tg_op, tg_table_name
      using errcode = 'insufficient_privilege';
  end if;
  return null;
end
$$;
create trigger "AccessReviewItem_open_insert" after insert on "AccessReviewItem"
  referencing new table as touched for each statement execute function want_open_reviews();
create trigger "AccessReviewItem_open_update" after update on "AccessReviewItem"
  referencing new table as touched for each statement execute function want_open_reviews();
-- Of an item only the decision may be set.
create trigger "AccessReviewItem_kept" before update of "reviewId", "number", "hostId", "hostName", "pathId", "account",
  "uid", "subject", "fingerprints", "keySources", "keyType", "comment", "methods", "factors", "isCertain", "from",
  "forcedCommand", "limits", "lastUsedAt", "firstSeenAt", "personId", "personName", "view" on "AccessReviewItem"
  for each row execute function refuse_review_rewrite();
create trigger "AccessReviewItem_no_delete" before delete on "AccessReviewItem"
  for each row execute function refuse_review_rewrite();
create trigger "AccessReviewItem_no_truncate" before truncate on "AccessReviewItem"
  for each statement execute function refuse_review_rewrite();

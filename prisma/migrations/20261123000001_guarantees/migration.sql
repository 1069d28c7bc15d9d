-- What the schema language cannot say, and what must hold even when our own code is wrong.

-- The activity is append-only, for the table's owner too. (A superuser can still drop the trigger: the hash chain and
-- the exported checkpoints are what shows that.)
create function refuse_activity_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'The activity is append-only: % refused.', tg_op using errcode = 'insufficient_privilege';
end
$$;
create trigger "Activity_append_only" before update or delete on "Activity"
  for each row execute function refuse_activity_rewrite();
create trigger "Activity_no_truncate" before truncate on "Activity"
  for each statement execute function refuse_activity_rewrite();

-- A host holds at most one change that is neither kept nor rolled back (lib/change/machine.ts, pendingStates).
create unique index "Change_one_pending_per_host" on "Change" ("hostId")
  where state in ('applying', 'proving', 'awaiting_person', 'confirming', 'rolling_back', 'unknown');

-- There is one installation.
alter table "Installation" add constraint "Installation_single" check (id = 1);

-- Events are numbered when their transaction commits, one transaction at a time. A number taken at the insert could
-- become visible after a higher one, and who replays "after the last number I saw" would never get it.
create function number_event() returns trigger language plpgsql as $$
declare
  number bigint;
begin
  perform pg_advisory_xact_lock(444016649576); -- held for the rest of the commit only
  number := nextval('"Event_id_seq"');
  update "Event" set id = number where id = new.id;
  perform pg_notify('gatehouse_events', new.topic);
  return null;
end
$$;
create constraint trigger "Event_number" after insert on "Event"
  deferrable initially deferred for each row execute function number_event();

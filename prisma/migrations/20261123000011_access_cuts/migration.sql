-- How much of a host was not read, beside the rows that were made of it; and what a reading that does not show everything
-- lacks stays, hidden, with the moment at which it was first seen.
alter table "AccessReading" add column "cuts" integer not null default 0;
alter table "AccessPath" add column "goneAt" timestamp(3);
alter table "AccessFindingRow" add column "goneAt" timestamp(3);

-- Until its rows are made anew nothing is known to be whole.
update "AccessReading" set "modelVersion" = 0;

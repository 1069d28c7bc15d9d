-- A change is driven by one job at a time, and one whose worker died is taken over by another.
alter table "Change" add column "sentAt" timestamp(3), add column "drivenBy" text, add column "drivenUntil" timestamp(3);

-- A file that we could only give back altered is shown and not edited.
alter table "ConfigFile" add column "notEditable" text;

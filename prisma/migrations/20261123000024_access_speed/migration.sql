-- The ways in by host, as the page Access opens: host by host, and in each as its accounts are, until the page is full.
create index "Host_in_order" on "Host" (lower("name"), "id");
create index "AccessPath_hostId_position_id_idx" on "AccessPath" ("hostId", "position", "id");

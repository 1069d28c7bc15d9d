import type { Role } from "@/lib/policy/permissions";

/** What the command palette finds. Only what the viewer may read. */
export interface PaletteView {
  hosts: { id: string; name: string; address: string; port: number }[];
  people: { id: string; name: string; login: string; role: Role }[];
}

/** What an admin wants to know about this installation. */
export interface InstallationView {
  version: string;
  origin: string;
  relyingPartyId: string;
  node: string;
  database: { version: string; embedded: boolean; bytes: number };
  setUpAt: string | null;
  workers: {
    id: string;
    hostname: string;
    version: string;
    startedAt: string;
    seenAt: string;
    live: boolean;
  }[];
  people: number;
  hosts: number;
  activityRows: number;
}

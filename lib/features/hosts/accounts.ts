import { z } from "zod";
import type { AgentAccount } from "@/lib/agent/answers";
import type { AccountView } from "@/lib/features/hosts/views";

const meanings = { P: "password", L: "locked", "!": "locked", "*": "none usable" } as const;

const AccountViews = z.array(
  z.object({
    name: z.string(),
    uid: z.number(),
    shell: z.string(),
    home: z.string(),
    locked: z.enum(["password", "locked", "no password", "none usable"]),
  }),
);

/** An account as pages show it. */
export function accountView(account: AgentAccount): AccountView {
  const { name, uid, shell, home } = account;
  return { name, uid, shell, home, locked: meanings[account.lock] };
}

/** The accounts that an operation of the kind "accounts" left as its output; none when it holds none. */
export function accountsOf(output: string): AccountView[] {
  try {
    const parsed = AccountViews.safeParse(JSON.parse(output));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

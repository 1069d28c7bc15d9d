import { z } from "zod";
import type { AccountFacts, GroupFacts, SudoFacts } from "@/lib/access/facts";

/** The rules of sudo as `cvtsudoers -e -f json` prints them, aliases resolved; cvtsudoers(1). Text of a host. */

/** Somebody or something in a list: one name of one kind, perhaps negated. */
const Item = z.looseObject({
  username: z.string().optional(),
  userid: z.number().optional(),
  usergroup: z.string().optional(),
  usergid: z.number().optional(),
  hostname: z.string().optional(),
  command: z.string().optional(),
  negated: z.boolean().optional(),
});
type Item = z.output<typeof Item>;

const Options = z.array(z.record(z.string(), z.json())).default([]);

const Rules = z.looseObject({
  Defaults: z.array(z.looseObject({ Binding: z.array(Item).optional(), Options })).default([]),
  User_Specs: z
    .array(
      z.looseObject({
        User_List: z.array(Item).default([]),
        Host_List: z.array(Item).default([]),
        Cmnd_Specs: z
          .array(
            z.looseObject({
              runasusers: z.array(Item).optional(),
              Options,
              Commands: z.array(Item).default([]),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

type World = {
  readonly hostname: string;
  readonly accounts: readonly AccountFacts[];
  readonly groups: readonly GroupFacts[];
};

/**
 * What sudo lets each account do; accounts that it lets do nothing, and root itself, are left out.
 *
 * As sudo does, the last rule that matches decides. Net groups and rules for other hosts count as not matching;
 * `ALL, !/bin/su` counts as all, since whoever may run everything else gets there too.
 *
 * @param text one JSON object
 * @returns undefined when the text is no set of rules
 */
export function readSudoRules(text: string, world: World): SudoFacts[] | undefined {
  const rules = parseRules(text);
  if (!rules) return undefined;
  const gidOfName = new Map(world.groups.map((group) => [group.name, group.gid]));
  const found: SudoFacts[] = [];
  for (const account of world.accounts) {
    if (account.uid === 0) continue;
    const isAccount = (item: Item) => names(item, account, gidOfName);
    let withPassword = true;
    for (const { Binding, Options: options } of rules.Defaults)
      if (!Binding || lastMatch(Binding, isAccount)) withPassword = authenticates(options) ?? withPassword;
    let some = false;
    let someWithoutPassword = false;
    let all = false;
    let allWithoutPassword = false;
    for (const spec of rules.User_Specs) {
      if (!lastMatch(spec.User_List, isAccount)) continue;
      if (!lastMatch(spec.Host_List, (item) => isHost(item, world.hostname))) continue;
      for (const { runasusers, Options: options, Commands } of spec.Cmnd_Specs) {
        const asksNothing = !(authenticates(options) ?? withPassword);
        if (Commands.some((command) => !command.negated)) {
          some = true;
          someWithoutPassword ||= asksNothing;
        }
        if (runasusers && !lastMatch(runasusers, isRoot)) continue;
        for (const command of Commands)
          if (command.command === "ALL") {
            all = !command.negated;
            allWithoutPassword = all && asksNothing;
          }
      }
    }
    if (some)
      found.push({
        account: account.name,
        isAll: all,
        isWithoutPassword: all ? allWithoutPassword : someWithoutPassword,
      });
  }
  return found;
}

function parseRules(text: string): z.output<typeof Rules> | undefined {
  try {
    return Rules.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The last item that matches decides; a negated one against. */
function lastMatch(items: readonly Item[], matches: (item: Item) => boolean): boolean {
  const last = items.findLast(matches);
  return last !== undefined && !last.negated;
}

function names(item: Item, account: AccountFacts, gidOfName: ReadonlyMap<string, number>): boolean {
  if (item.username !== undefined) return item.username === "ALL" || item.username === account.name;
  if (item.userid !== undefined) return item.userid === account.uid;
  if (item.usergroup !== undefined) return account.groups.includes(item.usergroup);
  if (item.usergid === undefined) return false;
  return (
    item.usergid === account.gid || account.groups.some((group) => gidOfName.get(group) === item.usergid)
  );
}

function isHost({ hostname }: Item, own: string): boolean {
  if (hostname === undefined) return false;
  return hostname === "ALL" || hostname === own || hostname === own.split(".")[0];
}

function isRoot(item: Item): boolean {
  return item.username === "ALL" || item.username === "root" || item.userid === 0;
}

/** Whether a password is asked for, where the options say so; a later one wins. */
function authenticates(options: z.output<typeof Options>): boolean | undefined {
  const said = options.findLast((option) => typeof option.authenticate === "boolean")?.authenticate;
  return typeof said === "boolean" ? said : undefined;
}

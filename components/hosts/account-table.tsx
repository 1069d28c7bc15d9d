import { Cell, ColumnHead, Table, TableHead, TableRow } from "@/components/ui/table";
import { UntrustedText } from "@/components/ui/untrusted-text";
import type { AccountView } from "@/lib/features/hosts/views";

const locks: Record<AccountView["locked"], string> = {
  password: "set",
  locked: "locked",
  "no password": "empty: opens without one where sshd allows it",
  "none usable": "none",
};

/** The UNIX accounts of a host. Names, shells and homes are a host's words. */
export function AccountTable({ accounts }: { accounts: readonly AccountView[] }) {
  return (
    <Table label="Accounts">
      <TableHead>
        <ColumnHead>Account</ColumnHead>
        <ColumnHead className="text-right">UID</ColumnHead>
        <ColumnHead>Password</ColumnHead>
        <ColumnHead>Shell</ColumnHead>
        <ColumnHead>Home</ColumnHead>
      </TableHead>
      <tbody>
        {accounts.map((account) => (
          <TableRow key={`${account.uid} ${account.name}`}>
            <Cell className="font-medium">
              <UntrustedText text={account.name} />
            </Cell>
            <Cell className="text-right text-ink-soft">{account.uid}</Cell>
            <Cell className={account.locked === "no password" ? "text-warn" : "text-ink-soft"}>
              {locks[account.locked]}
            </Cell>
            <Cell className="font-mono text-xs text-ink-soft">
              <UntrustedText text={account.shell} />
            </Cell>
            <Cell className="font-mono text-xs text-ink-soft">
              <UntrustedText text={account.home} />
            </Cell>
          </TableRow>
        ))}
      </tbody>
    </Table>
  );
}

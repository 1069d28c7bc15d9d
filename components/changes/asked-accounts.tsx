import Link from "next/link";
import type { TwoFactorPlanView } from "@/lib/features/changes/views";
import { Badge, Status } from "../ui/badge";
import { Notice } from "../ui/notice";
import { Section } from "../ui/section";
import { Cell, ColumnHead, Table, TableHead, TableRow } from "../ui/table";
import { UntrustedText } from "../ui/untrusted-text";
import { askedWords, stepWords } from "./two-factor-words";

const secretWords = { good: "has a secret", broken: "secret is of no use", none: "no secret" } as const;

interface Props {
  plan: TwoFactorPlanView;
  /** Where people are enrolled and somebody answers for an account. */
  readinessHref: string;
}

/** Who is asked for what after a change of the second factor, and who would be shut out by it. */
export function AskedAccounts({ plan, readinessHref }: Props) {
  const { problems, accounts, proof } = plan;
  return (
    <Section
      title="Who is asked for what"
      lead={`${stepWords[plan.from].label} becomes ${stepWords[plan.step].label.toLowerCase()}. By what was read on the host when this was planned; it is read once more before anything is done.`}
      bare
    >
      <div className="grid grid-cols-1 gap-3">
        {problems.length > 0 ? (
          <Notice
            tone="danger"
            title={`Refused: ${problems.length === 1 ? "one thing stands" : `${problems.length} things stand`} in the way`}
          >
            <ul className="grid list-disc gap-1 pl-5">
              {problems.map(({ account, text }) => (
                <li key={`${account} ${text}`}>
                  <UntrustedText text={text} />
                </li>
              ))}
            </ul>
            <p className="mt-1.5">
              Enrol them, mend what is broken, or answer for an account on the host's page{" "}
              <Link href={readinessHref} className="underline">
                Two-factor
              </Link>
              ; then plan again. Nothing that is typed overrides this.
            </p>
          </Notice>
        ) : (
          plan.step !== "off" && (
            <Status tone="ok" className="text-sm">
              Nobody who can log in today is shut out
            </Status>
          )
        )}
        {accounts.rows.length > 0 && (
          <Table label="Accounts and what they are asked for">
            <TableHead>
              <ColumnHead>Account</ColumnHead>
              <ColumnHead>After the change</ColumnHead>
              <ColumnHead>Secret</ColumnHead>
              <ColumnHead>Now</ColumnHead>
            </TableHead>
            <tbody>
              {accounts.rows.map((row) => (
                <TableRow key={row.account}>
                  <Cell>
                    <UntrustedText text={row.account} className="font-mono text-xs" />
                    {row.persons.length > 0 && (
                      <span className="block text-xs text-ink-faint">
                        <UntrustedText text={row.persons.join(", ")} />
                      </span>
                    )}
                  </Cell>
                  <Cell>
                    <Badge tone={askedWords[row.asked].tone}>{askedWords[row.asked].label}</Badge>
                    {row.exception && (
                      <span className="block text-xs text-ink-soft">exception: {row.exception}</span>
                    )}
                    {row.asked === "other" && (
                      <span className="block font-mono text-xs text-ink-soft">
                        <UntrustedText text={row.after.join(" or ")} />
                      </span>
                    )}
                  </Cell>
                  <Cell className="text-ink-soft">{secretWords[row.secret]}</Cell>
                  <Cell className="font-mono text-xs text-ink-soft">
                    <UntrustedText text={row.before.join(" or ") || "no way in"} />
                  </Cell>
                </TableRow>
              ))}
            </tbody>
          </Table>
        )}
        {accounts.total > accounts.rows.length && (
          <p className="text-xs text-ink-faint">{accounts.total - accounts.rows.length} more are not shown</p>
        )}
        <p className="text-sm text-ink-soft">
          <span className="font-medium text-ink">Proof: </span>
          {proof.kind === "login" ? (
            <>
              kept only after the host itself has seen one login through key and code, as{" "}
              <UntrustedText text={namesOf(proof.accounts)} className="font-mono text-xs" />, and a person
              says so.
            </>
          ) : (
            <>a fresh login of Gatehouse and the word of the person who keeps it. {proof.why}</>
          )}
        </p>
      </div>
    </Section>
  );
}

/** The first few names, and how many more there are. */
export function namesOf(accounts: readonly string[]): string {
  const shown = accounts.slice(0, 4).join(", ");
  return accounts.length > 4 ? `${shown} or ${accounts.length - 4} more` : shown;
}

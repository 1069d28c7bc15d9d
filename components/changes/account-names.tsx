import type { PlanAccessView } from "@/lib/features/changes/views";
import { UntrustedText } from "../ui/untrusted-text";

/** More names than this nobody reads in a sentence. */
const most = 10;

/** The accounts in a sentence: "alice, bob and 3 more". */
export function AccountNames({ list: { total, accounts } }: { list: PlanAccessView["shutOut"] }) {
  const shown = accounts.slice(0, most);
  return (
    <>
      <UntrustedText text={shown.join(", ")} />
      {total > shown.length && ` and ${total - shown.length} more`}
    </>
  );
}

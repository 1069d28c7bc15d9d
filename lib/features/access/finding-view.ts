import type { Finding } from "@/lib/access/finding";
import { storableText } from "@/lib/features/access/storable";
import type { AccessFindingView } from "@/lib/features/access/views";

/** A finding as it is kept and shown. */
export function findingView(finding: Finding): AccessFindingView {
  const { code, severity, account, fingerprint, what, why, advice, source } = finding;
  return {
    code,
    severity,
    account: account === undefined ? null : storableText(account),
    fingerprint: fingerprint ?? null,
    what: storableText(what, 1000),
    why: storableText(why, 1000),
    advice: storableText(advice, 1000),
    source: source === undefined ? null : storableText(source),
  };
}

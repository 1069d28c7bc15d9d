import type { FaultHost } from "./fault-host";
import type { Proposal } from "./fault-subject";
import { type AgentAnswer, type AppliedChange, newId } from "./managed-host";

/** What came of a change among requests that are repeated, or come in another order than the dashboard's. */
export interface StrangeCourse {
  /** The dashboard was told that the change is kept. */
  readonly acknowledged: boolean;
  /** Answers that should have been others. */
  readonly wrong: readonly string[];
  /** Every request was answered. */
  readonly answered: boolean;
}

interface Ways {
  readonly id: string;
  apply(id?: string): Promise<AppliedChange>;
  confirm(change: AppliedChange, nonce?: string): Promise<AgentAnswer>;
  cancel(): Promise<AgentAnswer>;
  /** Notes an answer that should have been another. */
  expect(what: string, answer: AgentAnswer, ...codes: readonly (string | null)[]): void;
}

type Strange = (ways: Ways) => Promise<AgentAnswer>;

const noNonce = "0".repeat(64);

/** Each ends with the confirm whose answer counts, and says on the way which answers were wrong. */
const requests: readonly Strange[] = [
  async function applyTwiceAtOnce({ apply, confirm, expect }) {
    const [one, two] = await Promise.all([apply(), apply()]);
    const done = one.answer.error === null ? one : two;
    expect("one apply of two", done.answer, null);
    expect("the other apply", (done === one ? two : one).answer, null, "busy", "pending");
    return confirm(done);
  },
  async function applyAgain({ apply, confirm, expect }) {
    const one = await apply();
    expect("apply", one.answer, null);
    const two = await apply();
    expect("apply again", two.answer, null);
    if (two.answer.headers.nonce !== one.answer.headers.nonce)
      expect("apply again, with the same nonce", two.answer);
    return confirm(two);
  },
  async function confirmTwiceAtOnce({ apply, confirm, expect }) {
    const change = await apply();
    const [one, two] = await Promise.all([confirm(change), confirm(change)]);
    const done = one.error === null ? one : two;
    expect("the other confirm", done === one ? two : one, null, "busy");
    return done;
  },
  async function confirmAgain({ apply, confirm, expect }) {
    const change = await apply();
    expect("confirm", await confirm(change), null);
    const again = await confirm(change);
    if (again.headers.already !== "1") expect("confirm again, with already", again);
    return again;
  },
  async function applyWhatIsKept({ apply, confirm, expect }) {
    const change = await apply();
    const confirmed = await confirm(change);
    expect("apply of what is kept", (await apply()).answer, "replay");
    return confirmed;
  },
  async function confirmFirst({ id, apply, confirm, expect }) {
    const nothing = { error: null, message: "", headers: {}, body: Buffer.alloc(0), parts: Buffer.alloc(0) };
    const early = await confirm({ id, content: "", answer: nothing }, noNonce);
    expect("confirm before apply", early, "not-applied");
    return confirm(await apply());
  },
  async function cancelFirst({ apply, confirm, cancel, expect }) {
    expect("cancel before apply", await cancel(), "not-applied");
    return confirm(await apply());
  },
  async function applyAnother({ apply, confirm, expect }) {
    const change = await apply();
    expect("a second change", (await apply(newId())).answer, "pending");
    return confirm(change);
  },
  async function confirmAndCancelAtOnce({ apply, confirm, cancel, expect }) {
    const change = await apply();
    const [confirmed, cancelled] = await Promise.all([confirm(change), cancel()]);
    expect("confirm beside cancel", confirmed, null, "not-applied", "busy");
    expect("cancel beside confirm", cancelled, null, "not-applied", "busy");
    if (confirmed.error === null && cancelled.error === null)
      expect("confirm and cancel, one of them only", cancelled);
    return confirmed;
  },
  async function cancelWhatIsKept({ apply, confirm, cancel, expect }) {
    const confirmed = await confirm(await apply());
    expect("cancel of what is kept", await cancel(), "not-applied");
    return confirmed;
  },
];

/**
 * One change among strange requests.
 *
 * @param number which, from 1
 */
export async function runStrangeRequests(
  host: FaultHost,
  number: number,
  id: string,
  propose: (id: string) => Proposal,
  deadline: number,
): Promise<StrangeCourse> {
  const { managed, signal } = host;
  const wrong: string[] = [];
  const request = requests[number - 1];
  if (!request) throw new RangeError(`There is no strange request ${number}.`);
  const ways: Ways = {
    id,
    apply: async (ofId = id) => {
      const { verb, headers, body } = propose(ofId);
      const ask = () => managed.ask(verb, { ...headers, deadline }, { body, signal });
      return { id: ofId, content: body, answer: await ask() };
    },
    confirm: (change, nonce) => managed.confirm(change, { nonce, signal }),
    cancel: () => managed.ask("cancel", { id }, { signal }),
    expect: (what, answer, ...codes) => {
      if (!codes.includes(answer.error))
        wrong.push(`I6 ${what} was answered ${answer.error ?? "ok"} ${answer.message}`.trim());
    },
  };
  try {
    const last = await request(ways);
    return { acknowledged: last.error === null, wrong, answered: true };
  } catch (error) {
    wrong.push(`I6 no answer: ${error instanceof Error ? error.message : String(error)}`);
    return { acknowledged: false, wrong, answered: false };
  }
}

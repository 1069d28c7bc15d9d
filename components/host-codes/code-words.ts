import type { Tone } from "@/components/ui/badge";
import type { CodeWords } from "@/components/ui/kept-codes";
import type { PlacedCodeView } from "@/lib/features/host-codes/views";

/** What scratch codes of a host are for. */
export function scratchWords(place: string): CodeWords {
  return {
    name: "scratch codes",
    text: `Each logs you in once to ${place}, in place of a code of your app. They are shown only now.`,
    heading: `Scratch codes for ${place}. Each works once, in place of a code of the app.`,
    fileName: `scratch-codes-${place.replaceAll(/[^A-Za-z0-9._-]+/g, "-")}.txt`,
  };
}

const doing: Record<PlacedCodeView["act"], string> = {
  write: "Being written to the host",
  scratch: "New scratch codes on their way",
  resync: "The counter is being set",
  mend: "Being mended",
  remove: "Being taken off the host",
};

/** How codes stand, in a word. Wanted is not observed: only what the host said counts as there. */
export function standingOf(code: PlacedCodeView): { tone: Tone; text: string } {
  if (code.state === "waiting") return { tone: "busy", text: doing[code.act] };
  if (code.writtenAt === null) return { tone: "danger", text: "Not on the host" };
  if (code.state === "failed") return { tone: "danger", text: "The last act failed" };
  if (code.problems.some(({ isBroken }) => isBroken)) return { tone: "danger", text: "Does not work" };
  if (code.problems.length > 0) return { tone: "warn", text: "Works, needs attention" };
  return { tone: "ok", text: "Works" };
}

/** "2 s ahead"; null when it is not known. */
export function clockWords(offsetSeconds: number | null): string | null {
  if (offsetSeconds === null) return null;
  const off = Math.round(Math.abs(offsetSeconds));
  if (off < 2) return "as ours";
  return `${off} s ${offsetSeconds > 0 ? "ahead" : "behind"}`;
}

/** Kind, scratch codes, counter and clock in one line. */
export function summaryOf(code: PlacedCodeView): string {
  const clock = clockWords(code.clockOffsetSeconds);
  return [
    code.kind === "totp" ? "by the time" : "by a counter",
    code.scratchCodes !== null && scratchCount(code.scratchCodes),
    code.counter !== null && `next counter ${code.counter}`,
    clock && `host's clock ${clock}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** "5 scratch codes left" */
export function scratchCount(count: number): string {
  return `${count} scratch ${count === 1 ? "code" : "codes"} left`;
}

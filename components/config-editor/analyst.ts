import { type Kind, type Work, workOut } from "./analyst-work";

/** A question to the analyst's thread; the answer bears the same number. */
export interface Letter<K extends Kind = Kind> {
  number: number;
  kind: K;
  ask: Work[K]["ask"];
}

// A thread of its own: however long the files are, no key waits for what is found about them. What throws here ends
// as the worker's "error", and the asker works it out himself.
addEventListener("message", ({ data }: MessageEvent<Letter>) => {
  postMessage({ number: data.number, answer: workOut(data.kind, data.ask) });
});

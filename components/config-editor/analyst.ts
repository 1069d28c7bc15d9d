import { type AccessAnswer, type AccessQuestion, judgeLive, type Lesson, learnFacts } from "./access-work";
import { type Kind, type Work, workOut } from "./analyst-work";

/** A question to the analyst's thread; the answer bears the same number. */
export interface Letter<K extends Kind = Kind> {
  number: number;
  kind: K;
  ask: Work[K]["ask"];
}

/** A question about who can log in, with the facts where the thread needs them. */
export interface AccessLetter {
  number: number;
  kind: "access";
  ask: AccessQuestion;
  lesson?: Lesson;
}

// A thread of its own: however long the files are, no key waits for what is found about them. What throws here ends
// as the worker's "error", and the asker works it out himself.
addEventListener("message", ({ data }: MessageEvent<Letter | AccessLetter>) => {
  postMessage({ number: data.number, answer: answerTo(data) });
});

function answerTo(letter: Letter | AccessLetter): Work[Kind]["answer"] | AccessAnswer {
  if (letter.kind !== "access") return workOut(letter.kind, letter.ask);
  if (letter.lesson) learnFacts(letter.lesson);
  return judgeLive(letter.ask);
}

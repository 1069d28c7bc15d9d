"use client";

import { useState } from "react";
import { type Answer, type CommandError, sendCommand } from "@/components/ui/send-command";
import type { AskForStepUp } from "@/components/ui/step-up-context";
import type { Ceremony } from "./ceremony";

interface Steps<Options> {
  /** Where the options come from: `/api/v1/sign-in/passkey-options`. */
  optionsPath: string;
  /** Where the browser's answer goes. */
  answerPath: string;
  ceremony: (options: Options) => Promise<Ceremony>;
  /** For acts that may want a fresh touch first. Without it such an act is refused. */
  askForStepUp?: AskForStepUp;
}

export interface CeremonyHandle<Output> {
  /**
   * Runs it.
   *
   * @param input sent with the request for options and with the answer
   * @param extra sent with the answer only
   * @returns the API's answer, or undefined when it was refused (then `error` says why)
   */
  run: (input?: object, extra?: object) => Promise<{ output: Output } | undefined>;
  pending: boolean;
  error: CommandError | undefined;
}

/** Options from the API, the browser's ceremony, the answer to the API: one act for the person. */
export function useCeremony<Options, Output>({
  optionsPath,
  answerPath,
  ceremony,
  askForStepUp = async () => false,
}: Steps<Options>): CeremonyHandle<Output> {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<CommandError>();

  async function attempt(input: object, extra: object): Promise<Answer<Output>> {
    let options = await sendCommand<Options>(optionsPath, input);
    if ("error" in options && options.error.code === "step_up_required" && (await askForStepUp()))
      options = await sendCommand<Options>(optionsPath, input);
    if ("error" in options) return options;
    const result = await ceremony(options.output);
    if ("problem" in result) return { error: { code: "invalid", message: result.problem } };
    return sendCommand<Output>(answerPath, { ...input, ...extra, response: result.response });
  }

  return {
    pending,
    error,
    async run(input = {}, extra = {}) {
      setPending(true);
      setError(undefined);
      const answer = await attempt(input, extra);
      setPending(false);
      if ("output" in answer) return answer;
      setError(answer.error);
      return undefined;
    },
  };
}

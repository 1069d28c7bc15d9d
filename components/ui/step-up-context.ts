"use client";

import { createContext, useContext } from "react";

/**
 * Asks the person for a fresh touch.
 *
 * @returns whether he gave it; false when he turned away
 */
export type AskForStepUp = () => Promise<boolean>;

/** Whoever frames the page says how a fresh touch is asked for; without a frame nobody is asked. */
export const StepUpContext = createContext<AskForStepUp>(async () => false);

export function useStepUp(): AskForStepUp {
  return useContext(StepUpContext);
}

/** A subscription is read once a day. */
export const betweenReadingsHours = 24;
/** After the first failure; twice as long after each further one. Shorter would press on a provider that is down. */
const firstRetryHours = 1;
/** Longer would mean that a subscription is forgotten. */
const longestRetryHours = 7 * 24;

/** When a subscription is read again after so many failures in a row (0: after a success). */
export function nextReading(at: Date, failures: number): Date {
  const hours =
    failures === 0
      ? betweenReadingsHours
      : Math.min(firstRetryHours * 2 ** (failures - 1), longestRetryHours);
  return new Date(at.getTime() + hours * 3_600_000);
}

/** Two questions of people for the same place are this far apart; the provider limits us as well. */
export const betweenQuestionsSeconds = 15;
/** An answer takes five seconds; after so many nobody waits for it any more. */
export const answerWithinSeconds = 60;

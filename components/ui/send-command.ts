/** Why an act was refused, as the API says it: the shape of `ErrorBody` in the API's document. */
export interface CommandError {
  code: string;
  /** One sentence: what is wrong and what to do. */
  message: string;
  /** Input path ("host.port") → what is wrong with it. */
  fields?: Readonly<Record<string, string>>;
  retryAfterSeconds?: number;
}

export type Method = "POST" | "PUT" | "DELETE";
export type Answer<Output> = { output: Output } | { error: CommandError };

const noAnswer: CommandError = {
  code: "unavailable",
  message: "Gatehouse did not answer. Check the connection to it, then try again.",
};

function isError(body: unknown): body is { error: CommandError } {
  if (typeof body !== "object" || body === null || !("error" in body)) return false;
  const { error } = body;
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

/**
 * One write by the API. Never throws: a refusal, a broken connection and an answer that is no JSON are errors too.
 *
 * @param path below the site's root: "/api/v1/hosts"
 */
export async function sendCommand<Output>(
  path: string,
  input: unknown = {},
  method: Method = "POST",
): Promise<Answer<Output>> {
  try {
    const response = await fetch(path, {
      method,
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(input ?? {}),
    });
    const text = await response.text();
    const body: unknown = text === "" ? null : JSON.parse(text);
    if (isError(body)) return { error: body.error };
    if (!response.ok)
      return { error: { ...noAnswer, message: `Gatehouse answered ${response.status}. Try again.` } };
    return { output: body as Output };
  } catch {
    return { error: noAnswer };
  }
}

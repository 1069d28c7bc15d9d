import { afterEach, describe, expect, test, vi } from "vitest";
import { appendEvent, newestEventId } from "@/lib/db/events";
import { signOut } from "@/lib/features/people/sign-in-commands";
import { eventStream } from "@/lib/http/event-stream";
import type { Browser } from "@/lib/testing/browser";
import { openDatabase } from "@/lib/testing/database";
import { addPerson, stepUp } from "@/lib/testing/people";

const db = await openDatabase();
const say = (topic: string, n: number) =>
  db.$transaction((tx) => appendEvent(tx, { topic, kind: "news", data: { n } }));
const open = new Set<AbortController>();

afterEach(() => {
  vi.useRealTimers();
  for (const controller of open) controller.abort();
  open.clear();
});

/** Listens, and gives what was said so far. */
async function listen(browser: Browser, topics: string[], headers: Record<string, string> = {}) {
  const controller = new AbortController();
  open.add(controller);
  const path = `/api/v1/events?${topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join("&")}`;
  const response = await browser.fetch(
    eventStream,
    { method: "GET", path, signal: controller.signal },
    { headers },
  );
  const heard = { text: "", ended: false };
  if (response.status === 200 && response.body) void collect(response.body, heard);
  return { response, heard, controller };
}

async function collect(body: ReadableStream<Uint8Array>, heard: { text: string; ended: boolean }) {
  const decoder = new TextDecoder();
  for await (const chunk of body) heard.text += decoder.decode(chunk);
  heard.ended = true;
}

const numbers = (text: string) => [...text.matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n));

describe("live news", () => {
  test("come as they are committed, of the topics asked for", async () => {
    const { browser } = await addPerson(db, "operator");
    const { heard, response } = await listen(browser, ["hosts", "host:1"]);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    await vi.waitFor(() => expect(heard.text).toContain("retry:"));
    await say("host:2", 1);
    await say("host:1", 2);
    await say("hosts", 3);
    await vi.waitFor(() => expect(numbers(heard.text)).toEqual([2, 3]));
    expect(heard.text).toMatch(/id: \d+\ndata: \{"topic":"host:1","kind":"news","data":\{"n":2\}\}\n\n/);
  });

  test("that came while the laptop was closed are replayed after the last one seen", async () => {
    const { browser } = await addPerson(db, "operator");
    await say("change:1", 1);
    const seen = await newestEventId(db);
    await say("change:1", 2);
    await say("change:1", 3);
    const { heard } = await listen(browser, ["change:1"], { "last-event-id": String(seen) });
    await vi.waitFor(() => expect(numbers(heard.text)).toEqual([2, 3]));
  });

  test("about himself come to everybody", async () => {
    const { browser, id } = await addPerson(db, "member");
    const { heard } = await listen(browser, [`person:${id}`]);
    await vi.waitFor(() => expect(heard.text).toContain("retry:"));
    await say(`person:${id}`, 1);
    await vi.waitFor(() => expect(numbers(heard.text)).toEqual([1]));
  });

  test.each([
    ["a member", "member", "hosts"],
    ["a member about somebody else", "member", "person:1"],
    ["an operator about somebody else", "operator", "person:1"],
    ["a member about a change", "member", "change:1"],
    ["an owner about what does not exist", "owner", "secrets"],
    ["an owner about every host", "owner", "host:*"],
    ["an owner about a name of the language", "owner", "constructor"],
  ] as const)("are refused to %s", async (_, role, topic) => {
    const { browser } = await addPerson(db, role);
    const { response } = await listen(browser, [topic]);
    expect(response.status).toBe(404);
  });

  test("are refused to nobody signed in, and without a topic", async () => {
    const { browser } = await addPerson(db, "operator");
    expect((await listen(browser, [])).response.status).toBe(400);
    browser.cookies.clear();
    expect((await listen(browser, ["hosts"])).response.status).toBe(401);
  });

  test("stop within a heartbeat when the session ends, and go on after a step-up", async () => {
    const person = await addPerson(db, "operator");
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { heard } = await listen(person.browser, ["hosts"]);
    await stepUp(person);
    await vi.advanceTimersByTimeAsync(15_000);
    await vi.waitFor(() => expect(heard.text).toContain(": still here"));
    await person.browser.send(signOut);
    await vi.advanceTimersByTimeAsync(15_000);
    await vi.waitFor(() => expect(heard.ended).toBe(true));
  });

  test("stop within a heartbeat when the role no longer allows them", async () => {
    const person = await addPerson(db, "operator");
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { heard } = await listen(person.browser, ["hosts"]);
    await db.person.update({ where: { id: person.id }, data: { role: "member" } });
    await vi.advanceTimersByTimeAsync(15_000);
    await vi.waitFor(() => expect(heard.ended).toBe(true));
  });

  test("leave nothing behind when the browser is gone", async () => {
    const { browser } = await addPerson(db, "operator");
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { controller, heard } = await listen(browser, ["hosts"]);
    await vi.waitFor(() => expect(heard.text).toContain("retry:"));
    expect(vi.getTimerCount()).toBe(1);
    controller.abort();
    expect(vi.getTimerCount()).toBe(0);
  });
});

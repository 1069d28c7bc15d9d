import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EventStream } from "./event-stream";

/** What the browser's own does, as far as the stream relies on it. */
class FakeSource {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 0;
  onopen: () => void = () => {};
  onmessage: () => void = () => {};
  onerror: () => void = () => {};
  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }
  open() {
    this.readyState = 1;
    this.onopen();
  }
  fail(readyState: number) {
    this.readyState = readyState;
    this.onerror();
  }
  close() {
    this.readyState = FakeSource.CLOSED;
  }
}

const newPage = () => Object.assign(new EventTarget(), { visibilityState: "visible" });
let page = newPage();
const last = () => FakeSource.all.at(-1) ?? expect.fail("no connection was opened");
const opened = () => FakeSource.all.length;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.all = [];
  page = newPage();
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal("document", page);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the parts of a page share one connection for all their topics", () => {
  const stream = new EventStream();
  stream.listen(["hosts"], () => {});
  stream.listen(["host:1", "hosts"], () => {});
  vi.advanceTimersByTime(1);
  expect(FakeSource.all.map((source) => source.url)).toEqual(["/api/v1/events?topic=host%3A1&topic=hosts"]);
});

test("what may have been missed before the connection stood is made up for", () => {
  const onNews = vi.fn();
  new EventStream().listen(["hosts"], onNews);
  vi.advanceTimersByTime(1);
  last().open();
  vi.advanceTimersByTime(200);
  expect(onNews).toHaveBeenCalledTimes(1);
});

test("a burst of news reads the page once, and never more than once a second", () => {
  const onNews = vi.fn();
  const stream = new EventStream();
  stream.listen(["hosts"], onNews);
  stream.listen(["host:1"], onNews);
  vi.advanceTimersByTime(1);
  last().open();
  for (let i = 0; i < 50; i += 1) {
    last().onmessage();
    vi.advanceTimersByTime(20);
  }
  vi.advanceTimersByTime(1_000);
  expect(onNews).toHaveBeenCalledTimes(2);
});

test("a stream that was refused is tried again, ever more slowly; a broken one is left to the browser", () => {
  const stream = new EventStream();
  stream.listen(["hosts"], () => {});
  vi.advanceTimersByTime(1);
  last().fail(0);
  vi.advanceTimersByTime(60_000);
  expect([opened(), stream.liveness]).toEqual([1, "reconnecting"]);
  for (const [after, expected] of [
    [1_000, 2],
    [1_000, 2],
    [1_000, 3],
  ] as const) {
    if (last().readyState !== FakeSource.CLOSED) last().fail(FakeSource.CLOSED);
    vi.advanceTimersByTime(after);
    expect(opened()).toBe(expected);
  }
  last().open();
  expect(stream.liveness).toBe("live");
});

test("the connection ends with its last listener", () => {
  const stream = new EventStream();
  const stop = stream.listen(["hosts"], () => {});
  vi.advanceTimersByTime(1);
  last().open();
  stop();
  vi.advanceTimersByTime(1);
  expect([last().readyState, stream.liveness]).toEqual([FakeSource.CLOSED, "idle"]);
});

test("a page that nobody looks at gives its connection back, and comes back up to date", () => {
  const onNews = vi.fn();
  const stream = new EventStream();
  stream.listen(["hosts"], onNews);
  vi.advanceTimersByTime(1);
  last().open();
  vi.advanceTimersByTime(2_000);
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  vi.advanceTimersByTime(61_000);
  expect(last().readyState).toBe(FakeSource.CLOSED);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  vi.advanceTimersByTime(1);
  last().open();
  vi.advanceTimersByTime(200);
  expect([opened(), onNews.mock.calls.length]).toEqual([2, 2]);
});

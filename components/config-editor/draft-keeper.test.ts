import { expect, test, vi } from "vitest";
import { DraftKeeper, type DraftStore } from "./draft-keeper";

const live = { content: "Port 22\n", sha256: "a".repeat(64) };
const offline = { code: "unavailable", message: "Gatehouse did not answer." };

/** A server that answers when the test says so. */
function slowServer() {
  let draft: string | null = null;
  const waiting: (() => void)[] = [];
  const asked: string[] = [];
  const answer = (name: string, act: () => void) =>
    new Promise<undefined>((resolve) => {
      asked.push(name);
      waiting.push(() => {
        act();
        resolve(undefined);
      });
    });
  const store: DraftStore = {
    save: ({ content }) =>
      answer("save", () => {
        draft = content;
      }),
    discard: () =>
      answer("discard", () => {
        draft = null;
      }),
  };
  return {
    store,
    asked,
    /** Answers the oldest request, once there is one. */
    async answerNext() {
      await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0));
      waiting.shift()?.();
      await Promise.resolve();
    },
    get draft() {
      return draft;
    },
  };
}

test("a draft that is discarded while a save is on its way does not come back", async () => {
  const server = slowServer();
  const keeper = new DraftKeeper({ store: server.store, live, draft: null });
  keeper.edit("Port 2222\n");
  const saved = keeper.flush();
  await vi.waitFor(() => expect(server.asked).toEqual(["save"]));
  const discarded = keeper.discard();
  await server.answerNext();
  await server.answerNext();
  await Promise.all([saved, discarded]);
  expect(server.draft).toBeNull();
  expect(keeper.content).toBe(live.content);
  expect(keeper.status).toMatchObject({ state: "clean", dirty: false });
  await keeper.flush();
  expect(server.asked).toEqual(["save", "discard"]);
});

test("a save that was wanted before the discard but not sent is not sent at all", async () => {
  const server = slowServer();
  const keeper = new DraftKeeper({ store: server.store, live, draft: null });
  keeper.edit("Port 2222\n");
  const saved = keeper.flush();
  const discarded = keeper.discard();
  await server.answerNext();
  await Promise.all([saved, discarded]);
  expect(server.asked).toEqual(["discard"]);
});

test("what is typed while a draft is being discarded is a new draft", async () => {
  const server = slowServer();
  const keeper = new DraftKeeper({
    store: server.store,
    live,
    draft: { content: "Port 1\n", baseSha256: live.sha256 },
  });
  const discarded = keeper.discard();
  keeper.edit("Port 2\n");
  await server.answerNext();
  await server.answerNext();
  expect(await discarded).toBe(true);
  expect(server.asked).toEqual(["discard", "save"]);
  expect(server.draft).toBe("Port 2\n");
  expect(keeper.content).toBe("Port 2\n");
});

test("saves go one after the other, and the last text is the one that stays", async () => {
  const server = slowServer();
  const keeper = new DraftKeeper({ store: server.store, live, draft: null });
  keeper.edit("Port 1\n");
  const first = keeper.flush();
  await vi.waitFor(() => expect(server.asked).toEqual(["save"]));
  keeper.edit("Port 2\n");
  const second = keeper.flush();
  await server.answerNext();
  await server.answerNext();
  expect(await first).toBe(true);
  expect(await second).toBe(true);
  expect(server.asked).toEqual(["save", "save"]);
  expect(server.draft).toBe("Port 2\n");
  expect(keeper.status.state).toBe("saved");
});

test("a discard that fails leaves the text where it is, and says why", async () => {
  const store: DraftStore = { save: async () => undefined, discard: async () => offline };
  const keeper = new DraftKeeper({ store, live, draft: { content: "Port 1\n", baseSha256: live.sha256 } });
  expect(await keeper.discard()).toBe(false);
  expect(keeper.content).toBe("Port 1\n");
  expect(keeper.status).toMatchObject({ state: "failed", error: offline, dirty: true });
});

test("a save that fails is sent again by the next flush", async () => {
  const answers = [offline, undefined];
  const sent: string[] = [];
  const store: DraftStore = {
    save: async ({ content }) => {
      sent.push(content);
      return answers.shift();
    },
    discard: async () => undefined,
  };
  const keeper = new DraftKeeper({ store, live, draft: null });
  keeper.edit("Port 1\n");
  expect(await keeper.flush()).toBe(false);
  expect(keeper.status.state).toBe("failed");
  expect(keeper.isUnsaved).toBe(true);
  expect(await keeper.flush()).toBe(true);
  expect(sent).toEqual(["Port 1\n", "Port 1\n"]);
});

test("a draft begun on an older content is stale until it is discarded", async () => {
  const store: DraftStore = { save: async () => undefined, discard: async () => undefined };
  const keeper = new DraftKeeper({ store, live, draft: { content: "Port 1\n", baseSha256: "b".repeat(64) } });
  expect(keeper.status.stale).toBe(true);
  await keeper.discard();
  expect(keeper.status.stale).toBe(false);
  expect(keeper.base).toBe(live.sha256);
});

test("what was not sent yet outlives a new content on the host, on the base that it was typed on", async () => {
  const saves: { baseSha256: string; content: string }[] = [];
  const store: DraftStore = {
    save: async (draft) => {
      saves.push(draft);
      return undefined;
    },
    discard: async () => undefined,
  };
  const before = new DraftKeeper({ store, live, draft: null });
  before.edit("Port 1\n");
  const next = { content: "Port 23\n", sha256: "c".repeat(64) };
  const after = new DraftKeeper({ store, live: next, draft: null, before });
  expect(after.content).toBe("Port 1\n");
  await before.flush();
  await after.flush();
  expect(saves).toEqual([{ baseSha256: live.sha256, content: "Port 1\n" }]);
  expect(after.status).toMatchObject({ stale: true, state: "saved" });
});

test("what was saved begins anew with a new content on the host", () => {
  const store: DraftStore = { save: async () => undefined, discard: async () => undefined };
  const before = new DraftKeeper({ store, live, draft: null });
  const next = { content: "Port 23\n", sha256: "c".repeat(64) };
  expect(new DraftKeeper({ store, live: next, draft: null, before }).content).toBe("Port 23\n");
});

test("a draft that was edited back to the host's text is no draft any more", async () => {
  const asked: string[] = [];
  const store: DraftStore = {
    save: async () => {
      asked.push("save");
      return undefined;
    },
    discard: async () => {
      asked.push("discard");
      return undefined;
    },
  };
  const keeper = new DraftKeeper({ store, live, draft: { content: "Port 1\n", baseSha256: live.sha256 } });
  keeper.edit(live.content);
  expect(await keeper.flush()).toBe(true);
  expect(asked).toEqual(["discard"]);
  expect(keeper.status).toMatchObject({ state: "clean", dirty: false });
});

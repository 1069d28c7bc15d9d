import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { buildById } from "@/lib/sshd-config/build";

const build = buildById("deb12-9.2p1")!;
const subject = { files: [{ path: "/etc/ssh/sshd_config", text: "PermitRotLogin no\n" }], build, host: {} };

beforeEach(() => {
  vi.resetModules(); // Whether there is an analyst is remembered by the module.
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function askForCodes(): Promise<string[]> {
  const { askAnalyst } = await import("./ask-analyst");
  const { diagnostics } = await askAnalyst("findings", subject);
  return diagnostics.map(({ code }) => code);
}

test("where the browser has no worker, it is worked out all the same", async () => {
  vi.stubGlobal("Worker", undefined);
  expect(await askForCodes()).toContain("unknown-keyword");
});

test("where a policy forbids the worker, it is worked out all the same", async () => {
  vi.stubGlobal(
    "Worker",
    class {
      constructor() {
        throw new DOMException("Refused by the policy", "SecurityError");
      }
    },
  );
  expect(await askForCodes()).toContain("unknown-keyword");
});

test("the thread is told what is known of the host", async () => {
  const letters: unknown[] = [];
  vi.stubGlobal(
    "Worker",
    class extends EventTarget {
      postMessage(letter: { number: number }) {
        letters.push(structuredClone(letter));
        this.dispatchEvent(
          new MessageEvent("message", { data: { number: letter.number, answer: { diagnostics: [] } } }),
        );
      }
    },
  );
  const { askAnalyst } = await import("./ask-analyst");
  const host = { isSocketActivated: true };
  await askAnalyst("findings", { ...subject, host });
  expect(letters).toEqual([{ number: 1, kind: "findings", ask: { ...subject, host } }]);
});

test("what a worker was asked before it failed is answered all the same, and it is not asked again", async () => {
  let asked = 0;
  vi.stubGlobal(
    "Worker",
    class extends EventTarget {
      postMessage() {
        asked += 1;
        queueMicrotask(() => this.dispatchEvent(new Event("error")));
      }
      terminate() {}
    },
  );
  expect(await askForCodes()).toContain("unknown-keyword");
  expect(await askForCodes()).toContain("unknown-keyword");
  expect(asked).toBe(1);
});

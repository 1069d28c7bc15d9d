import { expect, test } from "vitest";
import type { Answer } from "@/components/ui/send-command";
import type { HostRow } from "@/lib/features/hosts/views";
import { forEachHost } from "./for-each-host";

const host = (name: string): HostRow => ({
  id: name,
  name,
  address: name,
  port: 22,
  tags: [],
  condition: "ready",
  unreachableReason: null,
  seenAt: null,
  sshdVersion: null,
  osName: null,
  agentVersion: null,
  agentOutdated: false,
  drifted: false,
  pendingChange: null,
});
const refusal = (code: string): Answer<unknown> => ({ error: { code, message: code } });

test("one refusal does not keep the others from being done", async () => {
  const sent: string[] = [];
  const { failures } = await forEachHost(
    [host("a"), host("b"), host("c")],
    async ({ name }) => {
      sent.push(name);
      return name === "b" ? refusal("conflict") : { output: null };
    },
    async () => true,
  );
  expect(sent).toEqual(["a", "b", "c"]);
  expect(failures.map((failure) => failure.host.name)).toEqual(["b"]);
});

test("a fresh touch is asked for once, and the act it was asked for is sent again", async () => {
  let touched = 0;
  const { failures } = await forEachHost(
    [host("a"), host("b")],
    async () => (touched > 0 ? { output: null } : refusal("step_up_required")),
    async () => ++touched > 0,
  );
  expect([touched, failures]).toEqual([1, []]);
});

test("whoever turns away is not asked again for each host", async () => {
  let asked = 0;
  const { failures } = await forEachHost(
    [host("a"), host("b"), host("c")],
    async () => refusal("step_up_required"),
    async () => {
      asked += 1;
      return false;
    },
  );
  expect([asked, failures.length]).toEqual([1, 3]);
});

import { afterEach, expect, test, vi } from "vitest";
import { checkLabMachine, labPackages } from "@/scripts/setup/lab.mjs";

const { platform } = process;

afterEach(() => {
  vi.restoreAllMocks();
  Object.defineProperty(process, "platform", { value: platform });
});

function machine(system: string, uid: number): void {
  Object.defineProperty(process, "platform", { value: system });
  vi.spyOn(process, "getuid").mockReturnValue(uid);
}

test("root on Linux may go on", () => {
  machine("linux", 0);
  expect(() => checkLabMachine("npm run demo")).not.toThrow();
});

test("somebody else on Linux is told the line to run", () => {
  machine("linux", 1000);
  expect(() => checkLabMachine("npm run demo")).toThrow("Run: sudo npm run demo");
});

test("another system is told what it could do instead", () => {
  machine("darwin", 0);
  expect(() => checkLabMachine("npm run demo")).toThrow(/needs Linux.*this is darwin.*npm start/);
});

test("the lab's packages are names that apt takes", () => {
  expect(labPackages()).toContain("debootstrap");
  for (const name of labPackages()) expect(name).toMatch(/^[a-z0-9][a-z0-9.+-]+$/);
});

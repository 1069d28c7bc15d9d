import { expect, test } from "vitest";
import { makeBoxKey, openBox, sealToBox } from "@/lib/secrets/box";

const worker = makeBoxKey();
const password = Buffer.from("root's password");

test("a box opens with the worker's private key, under its context", () => {
  const sealed = sealToBox(worker.publicKey, password, "enrolment:1");
  expect(openBox(worker.privateKey, sealed, "enrolment:1")).toEqual(password);
});

test("a public key is 32 raw bytes and a box shows nothing of its content", () => {
  const sealed = sealToBox(worker.publicKey, password, "enrolment:1");
  expect(worker.publicKey).toHaveLength(32);
  expect(sealed.includes(password)).toBe(false);
});

test("a box for one enrolment does not open for another", () => {
  const sealed = sealToBox(worker.publicKey, password, "enrolment:1");
  expect(() => openBox(worker.privateKey, sealed, "enrolment:2")).toThrow(/Enter it again/);
});

test("a box for one worker does not open for another", () => {
  const sealed = sealToBox(worker.publicKey, password, "enrolment:1");
  expect(() => openBox(makeBoxKey().privateKey, sealed, "enrolment:1")).toThrow(/Enter it again/);
});

test("no single altered or missing byte goes unnoticed", () => {
  const sealed = sealToBox(worker.publicKey, password, "c");
  for (let at = 0; at < sealed.length; at++) {
    const altered = Buffer.from(sealed);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    expect(() => openBox(worker.privateKey, altered, "c"), `byte ${at}`).toThrow(/Enter it again/);
    expect(() => openBox(worker.privateKey, sealed.subarray(0, at), "c"), `${at} bytes`).toThrow();
  }
});

test.each([
  ["zero", Buffer.alloc(32)],
  ["one", Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])],
  ["31 bytes", Buffer.alloc(31, 9)],
])("a worker's public key that gives a known secret is refused: %s", (_, publicKey) => {
  expect(() => sealToBox(publicKey, password, "c")).toThrow();
});

import { expect, test } from "vitest";
import { FleetAccessInput } from "@/lib/features/access/schema";
import {
  clearedAddress,
  fleetAddress,
  fleetSortAddress,
  isFleetFiltered,
  toggled,
  wayAddress,
} from "./fleet-address";

const filterOf = (given: object = {}) => FleetAccessInput.parse(given);

test("an address holds what differs from the default, and begins at the first page of another list", () => {
  expect(fleetAddress(filterOf())).toBe("/access");
  const filter = filterOf({ q: "ann", is: ["root", "password"], tag: ["prod"], page: 3 });
  expect(fleetAddress(filter, { page: 3 })).toBe("/access?q=ann&page=3&tag=prod&is=root&is=password");
  expect(fleetAddress(filter, { host: "web-*" })).toBe(
    "/access?q=ann&host=web-*&tag=prod&is=root&is=password",
  );
});

test("opening a group keeps the page, and grouping otherwise opens none", () => {
  const filter = filterOf({ by: "host", open: ["a"], page: 2 });
  expect(toggled(filter, "open", "b")).toBe("/access?by=host&page=2&open=a&open=b");
  expect(toggled(filter, "open", "a")).toBe("/access?by=host&page=2");
  expect(fleetAddress(filter, { by: "account" })).toBe("/access?by=account");
});

test("one way stands in the address beside everything else", () => {
  const way = { hostId: "4f9c", id: "00ff" };
  expect(wayAddress(filterOf(), way)).toBe("/access?way=4f9c.00ff");
  expect(wayAddress(filterOf({ account: "root", page: 2 }), way)).toBe(
    "/access?account=root&page=2&way=4f9c.00ff",
  );
});

test("a column sorts one way, then the other", () => {
  expect(fleetSortAddress(filterOf(), "used")).toBe("/access?sort=used");
  expect(fleetSortAddress(filterOf({ sort: "used" }), "used")).toBe("/access?sort=used&direction=descending");
});

test("clearing leaves grouping and order, and nothing that hides ways", () => {
  const filter = filterOf({
    q: "a",
    host: "b",
    account: "c",
    person: "nobody",
    method: "publickey",
    factors: "one",
    is: ["stale"],
    tag: ["prod"],
    by: "person",
    open: ["nobody"],
    page: 4,
  });
  expect(isFleetFiltered(filter)).toBe(true);
  expect(clearedAddress(filter)).toBe("/access?by=person");
  expect(isFleetFiltered(filterOf({ by: "person", sort: "used", page: 2 }))).toBe(false);
});

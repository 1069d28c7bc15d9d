import { expect, test } from "vitest";
import { canKeepPeopleOut } from "@/lib/sshd-config/login-risk";

test.each([
  "AllowUsers",
  "forcecommand",
  "AuthorizedKeysCommand",
  "Subsystem",
  "Include",
  "Ciphers",
  "PubkeyAcceptedAlgorithms",
  "HostKey",
  "Port",
  "listenaddress",
  "AddressFamily",
  "MaxStartups",
  "Match",
  "Banner",
  "NoSuchKeyword",
])("%s can keep people out while our own login succeeds", (keyword) => {
  expect(canKeepPeopleOut(keyword)).toBe(true);
});

test.each(["ClientAliveInterval", "PrintMotd", "LogLevel", "AllowTcpForwarding", "PermitTTY"])(
  "%s cannot",
  (keyword) => {
    expect(canKeepPeopleOut(keyword)).toBe(false);
  },
);

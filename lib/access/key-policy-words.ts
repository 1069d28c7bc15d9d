import type { JoinedKeyPolicy, KeyDemand } from "@/lib/access/key-policy";

/** What each demand is called. */
export const demandWords: Record<KeyDemand, string> = {
  touch: "a touch",
  verify: "PIN or fingerprint",
  "security-keys-only": "security keys only",
};

/** "security keys only, a touch, PIN or fingerprint" */
export function printDemands(demands: readonly KeyDemand[]): string {
  const order: readonly KeyDemand[] = ["security-keys-only", "touch", "verify"];
  return order
    .filter((demand) => demands.includes(demand))
    .map((demand) => demandWords[demand])
    .join(", ");
}

/** What a host's policies demand together: "security keys only, a touch; of ci: nothing". */
export function printKeyPolicy({ everybody, otherwise }: JoinedKeyPolicy): string {
  const others = [...otherwise].map(([name, demands]) => `of ${name}: ${printDemands(demands) || "nothing"}`);
  return [printDemands(everybody), ...others].join("; ");
}

// Starts scripts/access-model.ts without a build step.
import { register } from "tsx/esm/api";

register();
await import("./access-model.ts");

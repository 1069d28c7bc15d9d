// Starts scripts/sshd-model.ts without a build step.
import { register } from "tsx/esm/api";

register();
await import("./sshd-model.ts");

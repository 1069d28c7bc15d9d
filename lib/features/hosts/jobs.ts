import { enrolHostByLogin, lookAtKeys, makeFirstContact, makeKey } from "@/lib/features/hosts/enrol-jobs";
import { beatHost, enqueueHeartbeats } from "@/lib/features/hosts/heartbeat";
import { operate } from "@/lib/features/hosts/operate";
import type { JobHandlers } from "@/lib/jobs/handlers";

/** What the worker does for hosts. */
export const hostJobs: JobHandlers<
  | "host.make-key"
  | "host.look-at-keys"
  | "host.enrol-by-login"
  | "host.first-contact"
  | "host.heartbeat-all"
  | "host.heartbeat"
  | "host.operate"
> = {
  "host.make-key": ({ hostId }) => makeKey(hostId),
  "host.look-at-keys": ({ enrolmentId }, context) => lookAtKeys(enrolmentId, context),
  "host.enrol-by-login": ({ enrolmentId }, context) => enrolHostByLogin(enrolmentId, context),
  "host.first-contact": ({ enrolmentId }, context) => makeFirstContact(enrolmentId, context),
  "host.heartbeat-all": () => enqueueHeartbeats(),
  "host.heartbeat": ({ hostId }, context) => beatHost(hostId, context),
  "host.operate": ({ operationId }, context) => operate(operationId, context),
};

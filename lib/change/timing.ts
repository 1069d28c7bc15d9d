/** Every wait in the life of a change, and what would go wrong with another figure. */
export const timing = {
  /** A person may set the deadline within these. Shorter: a slow login cannot prove it. Longer: a lock-out lasts. */
  deadlineSeconds: { minimum: 30, maximum: 3600 },
  /** A fresh login needs seconds; a minute survives a slow host, and is the longest lock-out by default. */
  defaultDeadlineSeconds: 60,
  /** Where people's own logins are touched somebody must try his: ten minutes to do so and come back. */
  personDeadlineSeconds: 600,
  /** A change that no worker took up by then is not begun any more: nobody expects it. Longer than a restart. */
  applyWithinSeconds: 120,
  /** Stop proving this long before the host's deadline: a confirm that arrives late is refused, and misleads. */
  confirmMarginSeconds: 5,
  /** One attempt at a fresh connection. sshd's own handshake under load takes seconds, not more. */
  connectSeconds: 10,
  /** Between two attempts. More often feeds sshd's PerSourcePenalties (OpenSSH 9.8+). */
  retryProofSeconds: 3,
  /** How often a host is asked for the truth about a change whose answer we lost. */
  reconcileSeconds: 5,
  /** A heartbeat per host: light enough for 3,000 hosts, often enough to believe the dot. */
  heartbeatSeconds: 60,
} as const;

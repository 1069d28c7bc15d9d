const titles: Readonly<Record<string, string>> = {
  "root-by-password": "Root by password",
  "password-alone": "Password without a second factor",
  "unowned-key": "Key that nobody owns",
  "key-of-leaver": "Key of somebody who has left",
  "weak-key": "Weak key",
  "shared-key": "Shared key",
  "expired-key": "Expired key still there",
  "expired-account": "Expired account",
  "writable-path": "Path that others can write",
  "revoked-keys-unreadable": "Revoked keys cannot be read",
  "dead-name": "Name that fits nothing",
  "sudo-without-factor": "Sudo without a factor",
  "no-way-in": "Account without a way in",
  "never-used": "Access that nobody uses",
};

/** The kind of a finding, as people say it. */
export function findingTitle(code: string): string {
  return titles[code] ?? code;
}

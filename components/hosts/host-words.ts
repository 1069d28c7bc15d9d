/** "OpenSSH_9.2p1 Debian-2+deb12u3" → "9.2p1": the rest stands on the host's own page. */
export function shortVersion(version: string): string {
  return /^OpenSSH_(\S+)/.exec(version)?.[1] ?? version;
}

/** "OpenSSH_9.2p1 Debian-2+deb12u3" → "9.2p1 Debian-2+deb12u3", under the name of the program: spelled as everywhere. */
export function fullVersion(version: string): string {
  return version.replace(/^OpenSSH_/, "");
}

/** The address as people type it: the port only when it is not 22, an IPv6 address then in brackets. */
export function hostAddress(host: { address: string; port: number }): string {
  if (host.port === 22) return host.address;
  return host.address.includes(":") ? `[${host.address}]:${host.port}` : `${host.address}:${host.port}`;
}

/** "Debian GNU/Linux 12 (bookworm)" → "Debian 12": short enough for a column. */
export function shortSystem(name: string): string {
  return name.replace(" GNU/Linux", "").replace(/ \([^)]*\)$/, "");
}

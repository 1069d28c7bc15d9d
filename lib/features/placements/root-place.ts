/** Where keys lie that only root can edit: one file an account. */
const rootDirectory = "/etc/ssh/authorized_keys.d/";

/** As AuthorizedKeysFile names it. */
export const rootFilePattern = `${rootDirectory}%u`;

/** Whether a key file is one of these. */
export function isRootFile(path: string): boolean {
  return path.startsWith(rootDirectory);
}

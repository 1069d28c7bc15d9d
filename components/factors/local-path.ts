/**
 * Where to go after sign-in: only ever a page of ours.
 *
 * @param wanted from the address, so from anybody
 * @returns "/" for whatever could lead to another site
 */
export function localPath(wanted: string): string {
  // "//x", "/\x" and control characters are read as another site by browsers.
  return /^\/(?![/\\])[\w\-./?=&%[\]:,~+]*$/.test(wanted) && !wanted.startsWith("/sign-in") ? wanted : "/";
}

/** Standard base64 (RFC 4648, section 4), with padding. */
export function printBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * The bytes of a base64 text; undefined unless it is exactly what `printBase64` would write.
 *
 * Strict on purpose: two spellings of one key would be two keys to whoever compares text.
 */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const binary = atob(text);
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return printBase64(bytes) === text ? bytes : undefined;
}

import { createHash, randomBytes } from "node:crypto";
import pg from "pg";

export const SET_UP_MINUTES = 15;
/** Crockford's base 32: no letter that looks like a digit. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 24; // 120 bits

/**
 * A new one-time token for the first visit, in place of any older one; the database gets its SHA-256 only.
 *
 * @param {string} url of the migrated database
 * @returns {Promise<string | undefined>} undefined once set-up is closed: an owner exists
 */
export async function issueSetUpToken(url) {
  const token = makeToken();
  const client = new pg.Client({ connectionString: url, options: "-c TimeZone=UTC" });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      `insert into "Installation" as i (id, "setupTokenHash", "setupExpiresAt")
       values (1, $1, now() + make_interval(mins => $2))
       on conflict (id) do update set "setupTokenHash" = excluded."setupTokenHash", "setupExpiresAt" = excluded."setupExpiresAt"
       where i."setUpAt" is null`,
      [createHash("sha256").update(token).digest(), SET_UP_MINUTES],
    );
    return rowCount ? token : undefined;
  } finally {
    await client.end();
  }
}

/** Groups of six, because people read it off a console. 32 divides 256: no letter is likelier than another. */
function makeToken() {
  const letters = Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
  return letters.match(/.{6}/g)?.join("-") ?? letters;
}

const factorNames: Readonly<Record<string, string>> = {
  key: "a key",
  pin: "its PIN",
  password: "a password",
  code: "a one-time code",
  host: "a trusted host",
  ticket: "a Kerberos ticket",
  nothing: "nothing",
};

/** What somebody has to have or to know, as people say it. */
export function factorWords(factors: readonly string[]): string {
  return factors.map((factor) => factorNames[factor] ?? factor).join(" and ");
}

/** "1 way", "3 ways", "12,345 ways". */
export function count(number: number, one: string, many: string): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

const digits = new Intl.NumberFormat("en");

/** "12,345". */
export function grouped(number: number): string {
  return digits.format(number);
}

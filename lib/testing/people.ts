import { now } from "@/lib/clock";
import type { Db } from "@/lib/db/client";
import { env } from "@/lib/env";
import { makeInvitation } from "@/lib/features/people/invitation";
import { beginJoinWithPasskey, joinWithPasskey } from "@/lib/features/people/invitation-commands";
import { beginPasskeySignIn, signInWithPasskey } from "@/lib/features/people/sign-in-commands";
import { beginStepUp, stepUpWithPasskey } from "@/lib/features/people/step-up-commands";
import type { Role } from "@/lib/policy/permissions";
import { Authenticator } from "@/lib/testing/authenticator";
import { Browser } from "@/lib/testing/browser";

/** A person with a security key, and a browser in which he is signed in. */
export interface TestPerson {
  readonly id: string;
  readonly login: string;
  readonly key: Authenticator;
  readonly browser: Browser;
}

let count = 0;

/** A new person who came in by an invitation, with a passkey: the way that real people come. */
export async function addPerson(db: Db, role: Role): Promise<TestPerson> {
  count += 1;
  const login = `${role}${count}`;
  const person = await db.person.create({
    data: { login, name: login, role, userHandle: crypto.getRandomValues(new Uint8Array(32)) },
  });
  const { url } = await makeInvitation(db, person.id, now());
  const token = url.split("#")[1];
  const browser = new Browser(`192.0.2.${(count % 200) + 1}`);
  const key = new Authenticator(env().origin);
  const options = await browser.send(beginJoinWithPasskey, { token });
  const answer = await browser.send(joinWithPasskey, { token, response: key.create(options.body) });
  if (answer.status !== 200) throw new Error(`${login} could not join: ${answer.message}`);
  return { id: person.id, login, key, browser };
}

/** Signs the person in from another browser. */
export async function signIn({ key }: TestPerson, browser = new Browser("192.0.2.250")): Promise<Browser> {
  const options = await browser.send(beginPasskeySignIn);
  const answer = await browser.send(signInWithPasskey, { response: key.get(options.body) });
  if (answer.status !== 200) throw new Error(`could not sign in: ${answer.message}`);
  return browser;
}

/** A fresh touch in the person's browser. */
export async function stepUp({ key, browser }: TestPerson): Promise<void> {
  const options = await browser.send(beginStepUp);
  const answer = await browser.send(stepUpWithPasskey, { response: key.get(options.body) });
  if (answer.status !== 200) throw new Error(`could not step up: ${answer.message}`);
}

/** Lets the ten minutes of a fresh touch pass for this person. */
export async function forgetStepUp(db: Db, { id }: TestPerson): Promise<void> {
  await db.session.updateMany({ where: { personId: id }, data: { steppedUpAt: null } });
}

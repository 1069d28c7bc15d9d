import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium, expect, test } from "@playwright/test";
import { chromiumFlags } from "@/e2e/fixtures";
import { type HostileWorld, makeHostileWorld, unseenCharacters } from "@/lib/testing/hostile-world";
import { OwnCluster } from "@/lib/testing/own-cluster";
import { chooseWebPort, startWeb, type WebProcess } from "@/lib/testing/web-process";

// Every page there is, found on disk, over records whose every text is hostile: as HTML, as the payload that Next's router
// asks for, and once in a browser. The web process stands alone: no page needs a worker.

const folder = mkdtempSync(path.join(tmpdir(), "gatehouse-hostile-"));
let cluster: OwnCluster;
let world: HostileWorld;
let web: WebProcess;

// A picture and a trace of each page would take longer than the pages.
test.use({ screenshot: "off", trace: "off" });

test.beforeAll(async () => {
  test.setTimeout(120_000);
  await chooseWebPort();
  cluster = await OwnCluster.open(folder);
  world = await makeHostileWorld(cluster.db);
  web = await startWeb();
});
test.afterAll(async () => {
  await web?.stop();
  await cluster?.close();
  rmSync(folder, { recursive: true, force: true });
});

const app = path.resolve(import.meta.dirname, "../app");

/** The address of each page, once for each row that it can be about, and the views that its address chooses. */
function addresses(): string[] {
  const files = readdirSync(app, { recursive: true, encoding: "utf8" }).filter(
    (file) => path.basename(file) === "page.tsx" && !file.startsWith("(sign-in)"),
  );
  const plain = files.flatMap((file) => {
    const parts = path
      .dirname(file)
      .split(path.sep)
      .filter((part) => part !== "." && !/^\(.*\)$/.test(part));
    return parts.reduce<string[]>(
      (all, part) => {
        const name = /^\[(\w+)\]$/.exec(part)?.[1];
        const values = name === undefined ? [part] : (world.ids[name] ?? []);
        if (values.length === 0)
          throw new Error(`No row for [${name}] of ${file}: put one into the hostile world.`);
        return all.flatMap((before) => values.map((value) => `${before}/${value}`));
      },
      [""],
    );
  });
  const host = `/hosts/${world.ids.hostId?.[0]}`;
  const views = ["form", "difference", "whole"].map((view) => `${host}/config?view=${view}`);
  const lists = ["/hosts", "/access", "/changes", "/activity", "/access/findings"].map(
    (page) => `${page}?q=${encodeURIComponent("<script>window.owned=1</script>")}`,
  );
  return [...new Set(plain.map((address) => address || "/")), ...views, ...lists];
}

/** The forms in which a secret may have been written down. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString("hex"),
    bytes.toString("base64").replace(/=+$/, ""),
    encodeURIComponent(secret),
  ];
}

function secretsIn(text: string): string[] {
  return [...world.secrets].flatMap(([name, secret]) =>
    formsOf(secret).some((form) => text.includes(form)) ? [name] : [],
  );
}

const tally = { test: "hostile-text", pages: 0, answers: 0, hostile: 0, found: 0, visited: 0 };

test("no page holds a hostile text that would act, nor a secret", async () => {
  test.setTimeout(180_000);
  const found: string[] = [];
  const pages = addresses();
  tally.pages = pages.length;
  for (const address of pages)
    for (const rsc of [false, true]) {
      const headers = { cookie: world.cookie, ...(rsc && { rsc: "1" }) };
      const response = await fetch(`${web.origin}${address}`, { headers, redirect: "manual" });
      const text = await response.text();
      tally.answers += 1;
      const name = `${rsc ? "RSC" : "HTML"} ${address}`;
      if (![200, 404].includes(response.status) && !(response.status >= 300 && response.status < 400))
        found.push(`${name}: answered ${response.status}`);
      for (const secret of secretsIn(text)) found.push(`${name}: holds ${secret}`);
      if (text.includes("window.owned")) tally.hostile += 1;
      if (rsc) continue;
      if (/<script>window\.owned|<img src=x/.test(text)) found.push(`${name}: a tag of a hostile text`);
      // What stands in scripts is data for the router, escaped as such; the rest, without its
      // tags, is what people see. (Labels are read out, and turn nothing around.)
      const shown = text.replace(/<script\b[^>]*>[\s\S]*?<\/script>/g, "").replace(/<[^>]*>/g, "");
      const unseen = unseenCharacters.exec(shown);
      if (unseen) {
        const around = shown.slice(Math.max(0, unseen.index - 160), unseen.index);
        found.push(`${name}: a character that is not seen, behind ${JSON.stringify(around)}`);
      }
    }
  tally.found = found.length;
  console.log(JSON.stringify(tally));
  expect(found).toEqual([]);
  // Most pages really show what hosts and people wrote.
  expect(tally.hostile).toBeGreaterThan(40);
});

test("in a browser nothing of it runs, and no dialog opens", async () => {
  test.setTimeout(180_000);
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumFlags] });
  try {
    const context = await browser.newContext({ baseURL: web.origin });
    await context.addCookies(
      world.cookie.split("; ").map((pair) => {
        const at = pair.indexOf("=");
        return { name: pair.slice(0, at), value: pair.slice(at + 1), url: web.origin };
      }),
    );
    const page = await context.newPage();
    const happened: string[] = [];
    page.on("dialog", (dialog) => {
      happened.push(`a dialog at ${page.url()}: ${dialog.message()}`);
      void dialog.dismiss();
    });
    for (const address of addresses()) {
      await page.goto(address, { waitUntil: "load" });
      tally.visited += 1;
      const owned = await page.evaluate(() => Reflect.get(window, "owned"));
      if (owned !== undefined) happened.push(`${address}: ${owned} ran`);
    }
    console.log(JSON.stringify({ ...tally, happened: happened.length }));
    expect(happened).toEqual([]);
  } finally {
    await browser.close();
  }
});

function chromiumPath(): string {
  return process.env.CHROMIUM ?? "/usr/bin/chromium";
}

// A person at a browser. Each line of standard input is what they do, each line of standard output what they then see, both as
// JSON. The argument is the browser's program; it ends with its standard input.
//
//   {"open": "http://..."}            {"fill": ["label", "text"]}     {"press": "name of a button or link"}
//   {"key": "Enter"}                  {"back": true}                  {"reload": true}
//   {"titled": "Your account"}: waits for a page whose name begins so
//   {"window": {"width": 360, "height": 800, "scheme": "dark", "locale": "cy", "script": false}}: a new one, without cookies
//   {"crawl": {"from": "http://...", "most": 80, "shots": "folder"}}: every page that links lead to from there, one of each kind,
//       in the window's language; what is wrong with each
//   {"until": "script"}               {"second": {}}: another window of the same browser, {"first": true}, {"again": true}: the other of the two
//   {"cookie": {"name": "...", "value": "...", "url": "http://..."}}: somebody who has signed in already
//   {"cookies": true}                 {"evaluate": "document.cookie"} {"axe": true}          {"shot": "file.png"}

import { createRequire } from "node:module";
import { setPriority } from "node:os";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

// Calls ring beside this, by clocks that wait for nobody.
setPriority(10);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
});
let context, page, first;
/** Everything the browser complained of: what a policy forbade, and what failed to load. */
const complaints = [];

async function open_window({ width = 1280, height = 900, scheme = "light", locale = "en-GB", script = true }) {
  await context?.close();
  context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    locale,
    javaScriptEnabled: script,
    ignoreHTTPSErrors: true,
  });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (fault) => complaints.push(String(fault)));
}

async function named(name) {
  for (const role of ["button", "link"]) {
    const found = page.getByRole(role, { name, exact: true });
    if (await found.count()) return found.first();
  }
  throw new Error(`nothing to press is called ${name} on ${page.url()}`);
}

/** A key that sends a form has been pressed before the next page begins. */
async function titled(beginning) {
  let title;
  for (const until = Date.now() + 60_000; Date.now() < until; await new Promise((go_on) => setTimeout(go_on, 20))) {
    title = await page.title().catch(() => "");
    if (title.startsWith(beginning)) return;
  }
  throw new Error(`no page came that is called ${beginning}, but ${title}`);
}

/** One page of each kind is enough: what differs in ids, days and numbers is the same page. */
const kind = (url) => {
  const { pathname, search } = new URL(url);
  const path = pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID").replace(/\d{4}-\d{2}-\d{2}/g, "DAY").replace(/\d+/g, "N");
  return path.replace(/\/(parts|agency)\/\w+$/, "/$1/ONE") + (search ? "?" : "");
};

/** What has been looked at closely in this language: of the same for somebody else, only what differs is looked at. */
const closely = new Set();

async function axe_of_page() {
  // Not as a script of the page, which its own policy would refuse.
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run());
  return found.violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.slice(0, 5).map((node) => node.html.slice(0, 300)) }));
}

async function crawl({ from, most = 80, shots, name = "" }) {
  const seen = [], known = new Set(), next = [from];
  const { width, height } = page.viewportSize();
  while (next.length && seen.length < most) {
    const url = next.shift();
    if (known.has(kind(url))) continue;
    known.add(kind(url));
    complaints.splice(0);
    const answer = await page.goto(url);
    const kind_of = answer.headers()["content-type"] ?? "";
    if (!kind_of.startsWith("text/html")) continue;
    known.add(kind(page.url()));
    const links = await page.evaluate(() => [...document.querySelectorAll("main a[href], nav a[href]")].map((link) => link.href));
    const stays = (link) => new URL(link).origin === new URL(from).origin && !/language=|\.(pdf|csv)(\?|$)|sign-in|sign-out/.test(link);
    next.push(...links.filter(stays).map((link) => link.split("#")[0]));
    const language = await page.evaluate(() => document.documentElement.lang);
    const is_new = !closely.has(language + kind(url));
    closely.add(language + kind(url));
    const violations = is_new ? await axe_of_page() : [];
    const heading = await page.locator("h1").count();
    const title = await page.title();
    const where = kind(url).replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
    if (shots) await page.screenshot({ path: `${shots}/${name}-${where}.png`, fullPage: true });
    // 400% of a page of 1,280 pixels.
    await page.setViewportSize({ width: 320, height: 256 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await page.setViewportSize({ width, height });
    const text = await page.locator("main").innerText();
    seen.push({ page: kind(url), url, status: answer.status(), title, headings: heading, violations, wide, complaints: complaints.splice(0), text });
  }
  return seen;
}

/** Until the page makes this true. Asked from outside of the page, whose policy would refuse it. */
async function until(what) {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((go_on) => setTimeout(go_on, 20))) {
    if (await page.evaluate(`Boolean(${what})`).catch(() => false)) return true;
  }
  throw new Error(`it never came to ${what}, but to ${await page.title()}: ${(await page.locator("body").innerText()).slice(0, 600)}`);
}

async function do_it(what) {
  if ("crawl" in what) return crawl(what.crawl);
  if ("second" in what) {
    first = page;
    page = await context.newPage();
  }
  if ("first" in what || "again" in what) {
    [page, first] = [first, page];
    await page.bringToFront();
  }
  if ("window" in what) await open_window(what.window);
  if ("cookie" in what) await context.addCookies([what.cookie]);
  if ("open" in what) await page.goto(what.open);
  if ("fill" in what) await page.getByLabel(what.fill[0], { exact: true }).fill(what.fill[1]);
  if ("press" in what) await (await named(what.press)).click();
  if ("key" in what) await page.keyboard.press(what.key);
  if ("back" in what) await page.goBack();
  if ("reload" in what) await page.reload();
  if ("titled" in what) await titled(what.titled);
  await page.waitForLoadState("load");
  if ("cookies" in what) return context.cookies();
  if ("evaluate" in what) return page.evaluate(what.evaluate);
  if ("until" in what) return until(what.until);
  if ("shot" in what) return void (await page.screenshot({ path: what.shot, fullPage: true }));
  if ("axe" in what) return axe_of_page();
  const heading = await page.locator("h1").first().textContent({ timeout: 1000 }).catch(() => "");
  const focus = await page.evaluate(() => document.activeElement?.id ?? "").catch(() => "");
  return { url: page.url(), title: await page.title(), heading, text: await page.locator("body").innerText(), focus };
}

await open_window({});
console.log(JSON.stringify("ready"));
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const what = JSON.parse(line);
    const seen = "complaints" in what ? complaints.splice(0) : await do_it(what);
    console.log(JSON.stringify({ seen: seen ?? null }));
  } catch (fault) {
    console.log(JSON.stringify({ fault: String(fault) }));
  }
}
await browser.close();

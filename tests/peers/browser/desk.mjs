// A person at a browser. Each line of standard input is what they do, each line of standard output what they then see, both as
// JSON. The argument is the browser's program; it ends with its standard input.
//
//   {"open": "http://..."}            {"fill": ["label", "text"]}     {"press": "name of a button or link"}
//   {"key": "Enter"}                  {"back": true}                  {"reload": true}
//   {"titled": "Your account"}: waits for a page whose name begins so
//   {"window": {"width": 360, "height": 800, "scheme": "dark", "locale": "cy", "script": false}}: a new one, without cookies
//   {"cookies": true}                 {"evaluate": "document.cookie"} {"axe": true}          {"shot": "file.png"}

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
});
let context, page;
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

async function do_it(what) {
  if ("window" in what) await open_window(what.window);
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
  if ("shot" in what) return void (await page.screenshot({ path: what.shot, fullPage: true }));
  if ("axe" in what) {
    // Not as a script of the page, which its own policy would refuse.
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run());
    return found.violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html) }));
  }
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

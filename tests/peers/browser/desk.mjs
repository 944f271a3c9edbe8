// A person at a browser. Each line of standard input is what they do, each line of standard output what they then see, both as
// JSON. The argument is the browser's program; it ends with its standard input.
//
//   {"open": "http://..."}            {"fill": ["label", "text"]}     {"press": "name of a button or link"}
//   {"key": "Enter"}                  {"back": true}                  {"reload": true}
//   {"titled": "Your account"}: waits for a page whose name begins so
//   {"window": {"width": 360, "height": 800, "scheme": "dark", "locale": "cy", "script": false}}: a new one, without cookies
//   {"crawl": {"from": "http://...", "most": 80, "shots": "folder"}}: every page that links lead to from there, one of each kind,
//       in the window's language; what is wrong with each. With `shots` each is photographed, light and dark, and the first of a
//       kind as `photograph_once` has it
//   {"until": "script"}               {"second": {}}: another window of the same browser, {"first": true}, {"again": true}: the other of the two
//   {"cookie": {"name": "...", "value": "...", "url": "http://..."}}: somebody who has signed in already
//   {"cookies": true}                 {"evaluate": "document.cookie"} {"axe": true}          {"shot": "file.png"}
//   {"says": {"answer": ["yes"]}}: what is said goes into the fields of this name, typed or ticked; which of them the page asks for
//   {"ears": true}: listens to what the page says by itself, from now on until another is opened; {"said": true}: what it has said
//   {"close": true}: closes the window, the other of the two stays    {"holds": true}: how many nodes, listeners and bytes it has
//   {"tree": true}: the page as a screen reader has it, a line a thing    {"saves": ["http://...", "file"]}: as a link that is followed
//   {"answers": [["Date of birth", "1/2/1990"], ["Status", "Single"], ["Income", [["Amount in pounds", "4"]]]]}: each that the page
//       asks, by what is written beside it: typed, chosen, ticked (a list), by its cells (pairs, or rows of three); which were asked
//   {"moves": {"key": "F4"}} or {"press": ..}: and then waits for the next page
//   {"tab": {"to": "label", "group": "legend", "back": true}}: by the Tab key alone, looking at every focus on the way
//   {"typed": "text"}                 {"focus": true}: what has it, and whether it can be seen    {"looked": {"axe": true, "shot": ".."}}

import { createRequire } from "node:module";
import { setPriority } from "node:os";
import { createInterface } from "node:readline";
import { readFileSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";

// Calls ring beside this, by clocks that wait for nobody.
setPriority(10);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
});
let context, page, first;
/** The theme of the window. */
let own = "light";
/** Everything the browser complained of: what a policy forbade, and what failed to load. */
const complaints = [];

async function open_window({ width = 1280, height = 900, scheme = "light", locale = "en-GB", script = true }) {
  await context?.close();
  own = scheme;
  context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    locale,
    javaScriptEnabled: script,
    ignoreHTTPSErrors: true,
  });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("console", (message) => message.type() === "error" && complaints.push(`${message.location().url}: ${message.text()}`));
  page.on("pageerror", (fault) => complaints.push(String(fault)));
}

async function named(name) {
  for (const role of ["button", "link"]) {
    const found = page.getByRole(role, { name, exact: true });
    if (await found.count()) return found.first();
  }
  // What is written on it may go on, as a time that is offered does with its reasons.
  const begins = new RegExp(`^\\s*${name.replace(/[^\w\s]/g, "\\$&")}`);
  for (const role of ["button", "link"]) {
    const found = page.getByRole(role, { name: begins });
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

async function axe_of_page(options = {}) {
  // Not as a script of the page, which its own policy would refuse.
  await page.evaluate(axe);
  const found = await page.evaluate((options) => globalThis.axe.run(options), options);
  return found.violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.slice(0, 5).map((node) => node.html.slice(0, 300)) }));
}

/** The same page in the dark: what is read by light must be read there as well. */
async function axe_in_the_dark() {
  await page.emulateMedia({ colorScheme: "dark" });
  const found = await axe_of_page({ runOnly: ["color-contrast"] });
  await page.emulateMedia({ colorScheme: own });
  return found.map((violation) => ({ ...violation, in: "the dark" }));
}

/** As its reader sees it, whichever theme their machine has. */
async function photograph(path) {
  for (const [colorScheme, end] of [["light", ""], ["dark", "-dark"]]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${path}${end}.png`, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: own });
}

/** What one page of a kind shows for all of it: colours that the reader chose, a telephone, paper; and a board on a wall. */
async function photograph_once(path) {
  const { width, height } = page.viewportSize();
  await page.emulateMedia({ forcedColors: "active" });
  await page.screenshot({ path: `${path}-forced.png`, fullPage: true });
  await page.emulateMedia({ forcedColors: "none" });
  await page.emulateMedia({ media: "print" });
  await page.screenshot({ path: `${path}-paper.png`, fullPage: true });
  await page.emulateMedia({ media: "screen" });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.screenshot({ path: `${path}-360.png`, fullPage: true });
  if (await page.evaluate(() => document.body.classList.contains("wide"))) {
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.screenshot({ path: `${path}-1920.png` });
  }
  await page.setViewportSize({ width, height });
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
    // Colours have no language.
    if (is_new && language === "en") violations.push(...(await axe_in_the_dark()));
    const heading = await page.locator("h1").count();
    const title = await page.title();
    const where = kind(url).replace("?", "-asked").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "") || "first";
    if (shots) await photograph(`${shots}/${name}-${where}`);
    if (shots && is_new && language === "en") await photograph_once(`${shots}/${where}`);
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

async function says(all) {
  const asked = [];
  for (const [name, said] of Object.entries(all)) {
    const fields = page.locator(`main [name="${name}"]:not([type=hidden])`);
    if (!(await fields.count())) continue;
    asked.push(name);
    const kind = await fields.first().evaluate((field) => field.type);
    for (const one of [said].flat()) {
      if (kind === "radio" || kind === "checkbox") await page.locator(`main [name="${name}"][value="${one}"]`).check();
      else if (kind.startsWith("select")) await fields.first().selectOption(one);
      else await fields.first().fill(one);
    }
  }
  return asked;
}

// ---- A walk, by what is written and by keys ----

/** Each question of the page with an answer here is given it. Answers with what the page asks. */
async function answers(all) {
  const asked = await page.evaluate(() => [...document.querySelectorAll("main .asked")].map((box) => {
    const label = box.querySelector("legend, label, .label").cloneNode(true);
    for (const more of label.querySelectorAll("span")) more.remove();
    return { id: box.id, say: label.textContent.replace(/\s+/g, " ").trim(), can: box.querySelector("input:not([type=hidden]), select, textarea") !== null };
  }));
  for (const { id, say } of asked) {
    const said = all.find(([question]) => question === say)?.[1];
    if (said === undefined) continue;
    const box = page.locator(`[id="${id}"]`);
    const give = async (within, label, one) => {
      const field = label === undefined ? within.locator("input:not([type=hidden]), textarea, select").first() : within.getByLabel(label, { exact: true }).first();
      if (!(await field.count())) throw new Error(`${say}: nothing here is called ${label}: ${await box.innerText()}`);
      const kind = await field.evaluate((field) => field.type);
      if (kind === "radio" || kind === "checkbox") await field.check();
      else if (kind.startsWith("select")) await field.selectOption({ label: one }, { timeout: 2000 });
      else await field.fill(one);
    };
    const is_one_of = await box.locator("input[type=radio], input[type=checkbox]").count() > 0;
    for (const one of Array.isArray(said) ? said : [said]) {
      if (Array.isArray(one) && one.length === 3) await give(box.getByRole("group", { name: one[0], exact: true }), one[1], one[2]);
      else if (Array.isArray(one)) await give(box, one[0], one[1]);
      else await give(box, is_one_of ? one : undefined, one);
    }
  }
  return asked;
}

/** The next page, whatever led to it. */
async function moves(how) {
  await page.evaluate("window.is_before = true");
  await do_it(how);
  // A browser gives a page's first field the focus when it first draws it, which may be after all is loaded; where the address names
  // a place on the page, it goes there instead.
  const focused = "(location.hash !== '' || document.querySelector('[autofocus]') === null || document.activeElement !== document.body)";
  await until(`window.is_before === undefined && document.readyState === 'complete' && ${focused}`);
}

/** What has the focus, as its reader knows it; how its mark is drawn, and what of it is covered. */
const focused = () => page.evaluate(() => {
  const at = document.activeElement ?? document.body;
  const text = (element) => {
    const copy = element?.cloneNode(true);
    for (const more of copy?.querySelectorAll?.(".code, .optional, select, textarea, kbd") ?? []) more.remove();
    return (copy?.textContent ?? "").replace(/\s+/g, " ").trim();
  };
  const name = at.getAttribute("aria-label") ?? text(at.labels?.[0] ?? (/^(BUTTON|A|SUMMARY|H1)$/.test(at.tagName) ? at : null));
  const groups = [];
  for (let up = at.parentElement?.closest("fieldset"); up; up = up.parentElement?.closest("fieldset")) groups.push(text(up.querySelector(":scope > legend")));
  const faults = [];
  if (at === document.body) faults.push("nothing has the focus");
  else {
    const style = getComputedStyle(at);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    if (!outlined && style.boxShadow === "none" && at.id !== "main") faults.push("it has no mark");
    const box = at.getBoundingClientRect();
    const visible = (x, y) => {
      const top = document.elementFromPoint(x, y);
      return top !== null && (at.contains(top) || top.contains(at) || [...at.labels ?? []].some((label) => label.contains(top)));
    };
    const [left, right] = [box.left + Math.min(3, box.width / 2), box.right - Math.min(3, box.width / 2)];
    const [up, down] = [box.top + Math.min(3, box.height / 2), box.bottom - Math.min(3, box.height / 2)];
    const large = box.height > innerHeight / 2;
    if (box.width === 0 || box.height === 0) faults.push("it has no size");
    else if (at.id !== "main" && !large && ![[left, up], [right, down]].every(([x, y]) => visible(x, y))) {
      faults.push(`it is covered, at ${Math.round(box.left)} ${Math.round(box.top)} to ${Math.round(box.right)} ${Math.round(box.bottom)} of ${innerWidth} ${innerHeight}, by ${document.elementFromPoint(right, down)?.outerHTML.slice(0, 120)}`);
    }
  }
  return { name, groups, kind: at.type ?? at.tagName.toLowerCase(), value: at.value ?? "", checked: at.checked ?? false, faults };
});

async function tab({ to, group, back = false, most = 60 }) {
  const faults = [];
  const way = [];
  for (let presses = 0; presses <= most; presses += 1) {
    const at = await focused();
    faults.push(...at.faults.map((fault) => `${at.name || at.kind}: ${fault}`));
    way.push(at.name || at.kind);
    const here = (to === undefined || at.name === to)
      && (group === undefined || at.groups.includes(group) || (to === undefined && at.name === group));
    if (here) return { presses, faults, at };
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
  }
  throw new Error(`by Tab nobody comes to ${to} ${group ?? ""}, but to ${way.join(" | ")}`);
}

/** A browser that never answers is a fault, not a test that never ends. A crawl opens all pages. */
async function in_time(what) {
  const most = "crawl" in what ? 1_200_000 : 180_000;
  let late;
  const never = new Promise((_, no) => { late = setTimeout(() => no(new Error(`the browser has not done it in ${most / 1000} seconds`)), most); });
  try {
    return await Promise.race([do_it(what), never]);
  } finally {
    clearTimeout(late);
  }
}

/** The page that is open, looked at as the crawl looks at others. */
async function looked({ axe: close, shot }) {
  const { width, height } = page.viewportSize();
  const violations = close ? await axe_of_page() : [];
  if (shot) await photograph(shot);
  await page.setViewportSize({ width: 320, height: 256 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  const widest = wide > 0 ? await page.evaluate(() => [...document.querySelectorAll("main *")].filter((element) => element.getBoundingClientRect().right > innerWidth).slice(0, 5).map((element) => element.outerHTML.slice(0, 150))) : [];
  await page.setViewportSize({ width, height });
  const headings = await page.locator("h1").count();
  const language = await page.evaluate(() => document.documentElement.lang);
  return { url: page.url(), title: await page.title(), headings, violations, wide, widest, language, complaints: complaints.splice(0) };
}

// ---- The page by ear ----

/** What differs from one time to the next, by a word for it. */
const as_ever = (text) => text
  .replace(/\s+/g, " ").trim()
  .replace(/\bsip:[^\s"]+/g, "(telephone)")
  .replace(/\bONE-[0-9A-Z-]+/g, "(reference)")
  .replace(/\b\d+:\d\d(:\d\d)?\b/g, "(time)");

/** Not worth a line: they are neither said nor stopped at. */
const SILENT = new Set(["none", "generic", "InlineTextBox", "LineBreak", "ListMarker", "RootWebArea", "LayoutTable", "LayoutTableRow"]);
/** Said after the name of a thing when they are so. */
const STATES = ["disabled", "expanded", "checked", "selected", "pressed", "required", "readonly", "invalid", "multiline", "modal", "live", "atomic"];

/** Each thing that a screen reader comes to, in its order: role, name, description, value and state, two spaces within another. */
async function tree() {
  const session = await context.newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const { root } = await session.send("DOM.getDocument", { depth: -1 });
  await session.detach();
  const languages = new Map(), current = new Map();
  (function look(node, language) {
    const names = node.attributes ?? [];
    const of = (name) => { const at = names.findIndex((given, at) => at % 2 === 0 && given === name); return at < 0 ? undefined : names[at + 1]; };
    const own = of("lang") ?? language;
    if (own !== language) languages.set(node.backendNodeId, own);
    if (of("aria-current")) current.set(node.backendNodeId, of("aria-current"));
    for (const child of node.children ?? []) look(child, own);
  })(root.children.find((node) => node.nodeName === "HTML"), undefined);
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const lines = [];
  (function say(node, depth, within) {
    const role = node.role?.value ?? "none";
    const name = as_ever(node.name?.value ?? "");
    const language = languages.get(node.backendDOMNodeId);
    const live = node.properties?.find((property) => property.name === "live" && property.value.value !== "off" && property.value.type === "token");
    let children = (node.childIds ?? []).map((id) => byId.get(id)).filter(Boolean);
    // What is said with the name is not said again.
    const isText = role === "StaticText";
    const isSaid = isText && (within.includes(name) || name === "");
    const isNothing = node.ignored || SILENT.has(role) || isSaid || (["paragraph", "Section", "strong", "emphasis", "time", "mark"].includes(role) && !language && !live && !name);
    if (isNothing) {
      for (const child of children) say(child, depth, within);
      return;
    }
    const states = (node.properties ?? [])
      .filter(({ name, value }) => STATES.includes(name) && value.value !== false && value.value !== "false" && !(name === "live" && value.value === "off"))
      .map(({ name, value }) => (value.value === true || value.value === "true" ? name : `${name}=${value.value}`));
    const level = node.properties?.find((property) => property.name === "level");
    const line = [isText ? "text" : role + (level && role === "heading" ? ` ${level.value.value}` : "")];
    if (name) line.push(JSON.stringify(name));
    const description = as_ever(node.description?.value ?? "");
    if (description && description !== name) line.push(`(${description})`);
    const value = as_ever(String(node.value?.value ?? ""));
    if (value && value !== name) line.push(`= ${JSON.stringify(value)}`);
    if (current.has(node.backendDOMNodeId)) line.push(`current=${current.get(node.backendDOMNodeId)}`);
    line.push(...states);
    if (language) line.push(`lang=${language}`);
    lines.push("  ".repeat(depth) + line.join(" "));
    if (["textbox", "searchbox", "combobox", "spinbutton", "Date", "InputTime"].includes(role)) return;
    for (const child of children) say(child, depth + 1, name || within);
  })(byId.get(nodes[0].nodeId), 0, "");
  return [`${as_ever(await page.title())}`, ...lines];
}

/** What the window holds once what nobody needs any more is thrown away. */
async function holds() {
  const session = await context.newCDPSession(page);
  // What only the garbage of the first time held is garbage of the second.
  for (let time = 0; time < 2; time += 1) await session.send("HeapProfiler.collectGarbage");
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  await session.detach();
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return { nodes: of("Nodes"), listeners: of("JSEventListeners"), bytes: of("JSHeapUsedSize") };
}

/** From now on what the page says by itself is remembered: each time that the text of a live region becomes another. */
async function ears() {
  await page.evaluate(() => {
    const before = new Map();
    const live = "[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]";
    const text = (region) => (region.closest("[hidden]") ? "" : region.textContent.replace(/\s+/g, " ").trim());
    for (const region of document.querySelectorAll(live)) before.set(region, text(region));
    globalThis.said = [];
    new MutationObserver(() => {
      for (const region of document.querySelectorAll(live)) {
        const now = text(region);
        if (now !== "" && now !== before.get(region)) globalThis.said.push(now);
        before.set(region, now);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["hidden"] });
  });
}

async function do_it(what) {
  if ("crawl" in what) return crawl(what.crawl);
  if ("second" in what) {
    first = page;
    page = await context.newPage();
  }
  if ("close" in what) {
    await page.close();
    [page, first] = [first, undefined];
    await page.bringToFront();
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
  if ("shot" in what) return photograph(what.shot);
  if ("axe" in what) return axe_of_page();
  if ("says" in what) return says(what.says);
  if ("answers" in what) return answers(what.answers);
  if ("moves" in what) await moves(what.moves);
  if ("tab" in what) return tab(what.tab);
  if ("typed" in what) return void (await page.keyboard.type(what.typed));
  if ("focus" in what) return focused();
  if ("looked" in what) return looked(what.looked);
  if ("tree" in what) return tree();
  if ("holds" in what) return holds();
  if ("ears" in what) return ears();
  if ("said" in what) return page.evaluate(() => globalThis.said.splice(0));
  if ("saves" in what) {
    const answer = await context.request.get(what.saves[0]);
    writeFileSync(what.saves[1], await answer.body());
    return { status: answer.status(), kind: answer.headers()["content-type"] };
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
    const seen = "complaints" in what ? complaints.splice(0) : await in_time(what);
    console.log(JSON.stringify({ seen: seen ?? null }));
  } catch (fault) {
    console.log(JSON.stringify({ fault: String(fault) }));
  }
}
await browser.close();

// @ts-check
// What is live about a page. Without it each page is a plain form; with it the parts that change are asked for anew, answers are
// saved as they are typed, and the window rings. It holds no state of the service's: what it shows, the service has written.

/** @typedef {{ id: string, caller: string, place: string }} Offer */

/** The service says something every ten seconds: after so long without a word the line is taken for cut. */
const SILENCE_MS = 25_000;
const LOOK_EACH_MS = 5_000;
/** A burst of changes is shown at most so often. */
const SHOW_EACH_MS = 250;
const SHOW_ANYWAY_MS = 30_000;
const SAVE_AFTER_MS = 600;

const body = document.body;
const base = body.dataset.base ?? "";
const told = /** @type {HTMLElement} */ (document.getElementById("told"));

/** @param {string} name */
const words = (name) => told.dataset[name] ?? "";

/**
 * Says something in the corner, and to whoever listens.
 * @param {string} text @param {{ wrong?: boolean, action?: [string, () => void], stays?: boolean }} [how]
 */
function tell(text, how = {}) {
  told.replaceChildren(document.createTextNode(text));
  told.classList.toggle("wrong", how.wrong ?? false);
  if (how.action) {
    const [label, act] = how.action;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", act);
    told.append(" ", button);
  }
  told.hidden = text === "";
  clearTimeout(telling);
  if (text !== "" && !how.stays) telling = setTimeout(() => tell(""), 4000);
}
/** @type {ReturnType<typeof setTimeout> | undefined} */
let telling;

// ---- The page anew ----

/** What somebody is at: it is never replaced under their hands. @param {Element} element */
const isInUse = (element) => element === document.activeElement || typed.has(element);
/** Fields in which something was typed that the service does not have. @type {Set<Element>} */
const typed = new Set();

/**
 * Makes one element like another, leaving what is the same, and what is being typed.
 * @param {Element} now @param {Element} next
 */
function morph(now, next) {
  if (now.isEqualNode(next)) return;
  if (now.tagName !== next.tagName) {
    now.replaceWith(next);
    return;
  }
  const isField = now instanceof HTMLInputElement || now instanceof HTMLTextAreaElement || now instanceof HTMLSelectElement;
  if (isField && isInUse(now)) return;
  for (const { name } of [...now.attributes]) {
    const keeps = (name === "open" && now instanceof HTMLDetailsElement) || (name === "hidden" && now === told);
    if (!next.hasAttribute(name) && !keeps) now.removeAttribute(name);
  }
  for (const { name, value } of [...next.attributes]) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  if (now instanceof HTMLInputElement && next instanceof HTMLInputElement) {
    if (now.type === "radio" || now.type === "checkbox") now.checked = next.checked;
    else if (now.type !== "file") now.value = next.value;
  }
  if (now instanceof HTMLTextAreaElement) {
    now.value = next.textContent ?? "";
    return;
  }
  children(now, next);
}

/**
 * Children with an id stay with their id, the others with their place.
 * @param {Element} now @param {Element} next
 */
function children(now, next) {
  /** @type {Map<string, Element>} */
  const byId = new Map();
  for (const child of now.children) if (child.id) byId.set(child.id, child);
  let at = now.firstChild;
  for (const child of [...next.childNodes]) {
    const known = child instanceof Element && child.id ? byId.get(child.id) : undefined;
    if (known) {
      if (known !== at) now.insertBefore(known, at);
      else at = at.nextSibling;
      morph(known, /** @type {Element} */ (child));
      continue;
    }
    const fits = at && at.nodeType === child.nodeType && at.nodeName === child.nodeName
      && !(at instanceof Element && at.id) && !(child instanceof Element && child.id);
    if (fits && at) {
      const here = at;
      at = at.nextSibling;
      if (here instanceof Element) morph(here, /** @type {Element} */ (child));
      else if (here.nodeValue !== child.nodeValue) here.nodeValue = child.nodeValue;
    } else {
      now.insertBefore(child, at);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    const holds = document.activeElement && gone.contains(document.activeElement);
    // Whoever stood on something that is no more finds themselves at its heading, not at the top of the window.
    gone.remove();
    if (holds) document.getElementById("main")?.focus({ preventScroll: true });
  }
}

/** Shows the parts of the page that change as this answer has them. @param {string} html */
function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  for (const region of document.querySelectorAll("[data-live]")) {
    const fresh = region.id && next.getElementById(region.id);
    if (fresh) morph(region, fresh);
    else if (region.id === "bar") region.remove();
  }
  const bar = next.getElementById("bar");
  if (bar && !document.getElementById("bar")) document.querySelector(".top")?.append(bar);
  if (next.title && next.title !== document.title) document.title = next.title;
  clocks();
}

let isShowing = false;
let isWanted = false;
let isPressing = false;
let shownAt = 0;

/** Ends the pause before the page is asked for anew. @type {(() => void) | undefined} */
let hurry;

/**
 * Asks for the page anew; a second wish while it is under way is one more time afterwards. What rings waits for nothing.
 * @param {boolean} [isUrgent]
 */
async function showAgain(isUrgent = false) {
  if (isShowing) {
    isWanted = true;
    isPressing ||= isUrgent;
    if (isUrgent) hurry?.();
    return;
  }
  isShowing = true;
  const wait = isUrgent ? 0 : SHOW_EACH_MS - (performance.now() - shownAt);
  if (wait > 0) await new Promise((/** @type {(value?: undefined) => void} */ done) => { hurry = done; setTimeout(done, wait); });
  hurry = undefined;
  isWanted = isPressing = false;
  shownAt = performance.now();
  try {
    const answer = await fetch(location.href, { headers: { "x-startline": "part" }, cache: "no-store", redirect: "follow" });
    if (new URL(answer.url).pathname.endsWith("/sign-in")) signedOut();
    else if (answer.ok) {
      show(await answer.text());
      document.dispatchEvent(new Event("shown"));
    }
  } catch {
    // The line is looked after where it is listened to.
  }
  isShowing = false;
  if (isWanted) showAgain(isPressing);
}

// ---- What the service says ----

/** @type {EventSource | undefined} */
let source;
let heardAt = Date.now();
let lookedAt = Date.now();
let isCut = false;
let isOver = false;

function listen() {
  source?.close();
  const topics = [body.dataset.topics ?? "", "desk"].join(" ").trim();
  source = new EventSource(`${base}/live?on=${encodeURIComponent(topics)}`);
  /** @param {string} name @param {(data: string) => void} act */
  const on = (name, act) => source?.addEventListener(name, (event) => {
    heard();
    act(/** @type {MessageEvent<string>} */ (event).data);
  });
  on("ready", (version) => {
    if (version !== body.dataset.version) newer();
  });
  on("changed", () => showAgain());
  on("beat", () => { if (rings) stillHere(); });
  on("ring", (data) => ring(/** @type {Offer} */ (JSON.parse(data))));
  on("quiet", () => quiet());
  on("over", (why) => {
    if (why === "signed-out") signedOut();
  });
}

function heard() {
  heardAt = Date.now();
  if (isCut) {
    isCut = false;
    tell(words("connectedAgain"));
    showAgain();
  }
}

function cut() {
  if (!isCut) {
    isCut = true;
    const since = new Date(heardAt).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    tell(`${words("cutOff")} ${since}.`, { wrong: true, stays: true });
  }
  listen();
}

function newer() {
  body.dataset.version = "";
  const nothingTyped = typed.size === 0 && !document.querySelector(".summary-of-errors");
  if (nothingTyped) location.reload();
  else tell(words("newer"), { stays: true, action: [words("loadAgain"), () => location.reload()] });
}

function signedOut() {
  isOver = true;
  source?.close();
  quiet();
  tell(words("signedOut"), { stays: true, wrong: true, action: [words("signIn"), () => location.reload()] });
}

setInterval(() => {
  const now = Date.now();
  // A machine that slept, or a window that was put to sleep, has missed what was said.
  const slept = now - lookedAt > SILENCE_MS;
  lookedAt = now;
  if (isOver) return;
  if (slept || now - heardAt > SILENCE_MS) cut();
  if (slept) showAgain();
}, LOOK_EACH_MS);

// Some of what a page says depends on the time alone: that a wait is too long, that a call-back is late.
setInterval(() => {
  if (!isOver && !document.hidden && document.querySelector("main [data-live]")) showAgain();
}, SHOW_ANYWAY_MS);

addEventListener("online", () => { if (!isOver) cut(); });
addEventListener("pageshow", (event) => { if (event.persisted) { listen(); showAgain(); } });
document.addEventListener("visibilitychange", () => { if (!document.hidden && !isOver && Date.now() - heardAt > SILENCE_MS) cut(); });

// ---- The window that rings ----

/** One window of a browser rings; the others show. */
let rings = false;
/** @type {Notification | undefined} */
let notice;
/** @type {AudioContext | undefined} */
let audio;
/** @type {ReturnType<typeof setInterval> | undefined} */
let sounding;

function stillHere() {
  fetch(`${base}/live/here`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrf: body.dataset.csrf ?? "", from: "/desk" }),
  }).catch(() => {});
}

function tone() {
  try {
    audio ??= new AudioContext();
    for (const [at, hz] of [[0, 620], [0.22, 780]]) {
      const oscillator = audio.createOscillator();
      const gain = audio.createGain();
      oscillator.frequency.value = hz;
      gain.gain.setValueAtTime(0.0001, audio.currentTime + at);
      gain.gain.exponentialRampToValueAtTime(0.2, audio.currentTime + at + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + at + 0.2);
      oscillator.connect(gain).connect(audio.destination);
      oscillator.start(audio.currentTime + at);
      oscillator.stop(audio.currentTime + at + 0.22);
    }
  } catch {
    // A browser that plays nothing shows all the same.
  }
}

/** @param {Offer} offer */
function ring(offer) {
  showAgain(true);
  body.dataset.rings = offer.id;
  if (!rings) {
    tell(words("anotherWindow"));
    return;
  }
  clearInterval(sounding);
  tone();
  sounding = setInterval(tone, 2000);
  if (document.hidden && "Notification" in window && Notification.permission === "granted") {
    // Who rings is shown on the page: what a machine keeps of its notices is out of our hands.
    notice = new Notification(words("ringing"), { tag: offer.id, requireInteraction: true });
    notice.addEventListener("click", () => { window.focus(); notice?.close(); });
  }
}

function quiet() {
  clearInterval(sounding);
  sounding = undefined;
  notice?.close();
  delete body.dataset.rings;
}

if ("locks" in navigator) {
  navigator.locks.request("startline-telephone", () => {
    rings = true;
    body.dataset.telephone = "here";
    stillHere();
    return new Promise(() => {});
  });
} else {
  rings = true;
}

document.addEventListener("click", (event) => {
  const asks = /** @type {Element} */ (event.target).closest?.("[data-asks=notifications]");
  if (asks && "Notification" in window && Notification.permission === "default") Notification.requestPermission();
});

// ---- Keys ----

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const isTyping = target.matches?.("input:not([type=radio]):not([type=checkbox]), textarea, select");
  // A letter is what somebody types; a function key is meant wherever they are.
  if (event.key.length === 1 && (isTyping || event.key !== "/")) return;
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)]
    .find((element) => element instanceof HTMLElement && element.offsetParent !== null && !element.matches(":disabled"));
  if (!(found instanceof HTMLElement)) return;
  event.preventDefault();
  if (found instanceof HTMLInputElement) {
    found.focus();
    found.select();
  } else {
    found.click();
  }
});

// ---- Clocks ----

function clocks() {
  const now = Math.floor(Date.now() / 1000);
  /** @param {number} s */
  const shown = (s) => {
    const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
    const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
    return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  };
  for (const clock of document.querySelectorAll("[data-since], [data-until]")) {
    if (!(clock instanceof HTMLElement)) continue;
    const { since, until } = clock.dataset;
    const seconds = until ? Number(until) - now : now - Number(since);
    const text = shown(Math.max(0, seconds));
    if (clock.textContent !== text) clock.textContent = text;
  }
}
clocks();
setInterval(clocks, 1000);

// ---- What is typed ----

const KEPT = "startline-typed";
/** @typedef {{ user: string, forms: Record<string, Record<string, string>> }} Kept */

/** @returns {Kept} */
function kept() {
  const none = { user: body.dataset.user ?? "", forms: {} };
  try {
    const read = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    // What one person typed is no other person's to see.
    return read && (read.user === none.user || none.user === "") ? read : none;
  } catch {
    return none;
  }
}

/** @param {Kept} what */
const keep = (what) => { try { sessionStorage.setItem(KEPT, JSON.stringify(what)); } catch { /* Nothing is kept where nothing may be. */ } };

/** @param {HTMLFormElement} form */
const nameOf = (form) => new URL(form.action, location.href).pathname + "#" + location.pathname;

/** @param {EventTarget | null} target @returns {target is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} */
const isField = (target) => (target instanceof HTMLInputElement && target.type !== "password" && target.type !== "file" && target.type !== "hidden")
  || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!isField(field) || !field.form || field.form.method !== "post" || field.dataset.plain !== undefined) return;
  typed.add(field);
  if (field.form.dataset.save !== undefined) {
    saveSoon(field.form);
    return;
  }
  const all = kept();
  /** @type {Record<string, string>} */
  const of = (all.forms[nameOf(field.form)] ??= {});
  if (field instanceof HTMLInputElement && field.type === "checkbox") of[`${field.name}=${field.value}`] = String(field.checked);
  else of[field.name] = field.value;
  keep(all);
});

/** Puts back what was typed into a form that was not taken: the window was closed, the service or the sign-in had ended. */
function putBack() {
  const all = kept();
  let some = false;
  for (const form of document.forms) {
    if (form.method !== "post" || form.dataset.save !== undefined) continue;
    const of = all.forms[nameOf(form)];
    if (!of) continue;
    for (const field of form.elements) {
      if (!isField(field) || field.dataset.plain !== undefined) continue;
      const value = field instanceof HTMLInputElement && field.type === "checkbox" ? of[`${field.name}=${field.value}`] : of[field.name];
      if (value === undefined) continue;
      if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = value === "true";
      else if (field instanceof HTMLInputElement && field.type === "radio") field.checked = field.value === value;
      else if (field.value !== value) field.value = value;
      else continue;
      typed.add(field);
      some = true;
    }
  }
  if (some && !document.querySelector(".summary-of-errors")) tell(words("putBack"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  // Whoever signs out leaves nothing in the window that they typed.
  if (/\/sign-out(\/everywhere)?$/.test(new URL(form.action).pathname)) sessionStorage.removeItem(KEPT);
  // Sent twice by a double click it is one form all the same; the second click is not worth a page.
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, 5000);
  try { sessionStorage.setItem("startline-sent", nameOf(form)); } catch { /* As above. */ }
});

/** A form that was sent from the page before this one, and is not shown again with what is wrong, was taken. */
function forgetSent() {
  const sent = sessionStorage.getItem("startline-sent");
  if (!sent) return;
  sessionStorage.removeItem("startline-sent");
  if (document.querySelector(".summary-of-errors") || location.pathname.endsWith("/sign-in") || !body.dataset.user) return;
  const all = kept();
  delete all.forms[sent];
  keep(all);
}

// ---- Saved as it is typed ----

/** @type {Map<HTMLFormElement, ReturnType<typeof setTimeout>>} */
const saving = new Map();

/** @param {HTMLFormElement} form @param {number} [after] */
function saveSoon(form, after = SAVE_AFTER_MS) {
  clearTimeout(saving.get(form));
  saving.set(form, setTimeout(() => save(form), after));
}

document.addEventListener("change", (event) => {
  if (isField(event.target) && event.target.form?.dataset.save !== undefined) saveSoon(event.target.form, 0);
});

/** @param {HTMLFormElement} form */
async function save(form) {
  saving.delete(form);
  if (form.dataset.saving !== undefined) {
    saveSoon(form);
    return;
  }
  form.dataset.saving = "";
  const fields = [...typed].filter((field) => form.contains(field));
  const before = fields.map((field) => /** @type {HTMLInputElement} */ (field).value);
  /** @param {string} text @param {boolean} wrong */
  const mark = (text, wrong) => {
    for (const field of fields) {
      const place = field.closest(".field")?.querySelector("[data-safe]");
      if (!place) continue;
      place.textContent = text;
      place.classList.toggle("wrong", wrong);
    }
  };
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") data.append(name, value);
  // Another save is another request: what was answered to the one before it is not answered to this.
  data.set("request_id", crypto.randomUUID ? crypto.randomUUID() : uuid());
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "x-startline": "save" }, cache: "no-store", keepalive: true });
    const html = await answer.text();
    if (new URL(answer.url).pathname.endsWith("/sign-in")) {
      mark(words("notSaved"), true);
      signedOut();
    } else if (answer.ok || answer.status === 422 || answer.status === 409) {
      // What was typed meanwhile is not yet there.
      fields.forEach((field, at) => { if (/** @type {HTMLInputElement} */ (field).value === before[at]) typed.delete(field); });
      show(html);
      if (answer.ok) mark(words("saved"), false);
    } else {
      mark(words("notSaved"), true);
      saveSoon(form, 5000);
    }
  } catch {
    mark(words("notSaved"), true);
    saveSoon(form, 5000);
  }
  delete form.dataset.saving;
}

function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// Whoever leaves is asked only when something typed would be lost: what is kept in the window is not.
addEventListener("pagehide", () => {
  for (const form of saving.keys()) save(form);
});

const wrongs = document.querySelector(".summary-of-errors");
if (wrongs instanceof HTMLElement) {
  wrongs.tabIndex = -1;
  wrongs.focus();
}
forgetSent();
if (body.dataset.user) {
  putBack();
  listen();
}

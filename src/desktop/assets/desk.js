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
const CHOOSE_MS = 300;
/** An answer that is not stored by then is said not to be; after so long without an answer it is sent again. */
const SAVE_SLOW_MS = 2_000;
const SAVE_PATIENCE_MS = 10_000;
const SAVE_AGAIN_MS = 3_000;

const body = document.body;
const base = body.dataset.base ?? "";
const told = /** @type {HTMLElement} */ (document.getElementById("told"));
const rang = /** @type {HTMLElement} */ (document.getElementById("rang"));

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

/** Fields in which something was typed that the service does not have. @type {Set<Element>} */
const typed = new Set();

/** @param {Element} element @returns {element is HTMLInputElement} */
const isTick = (element) => element instanceof HTMLInputElement && (element.type === "radio" || element.type === "checkbox");

/** What somebody is at: it is never replaced under their hands. Of several under one name, what was chosen is all of them. */
const isInUse = (/** @type {Element} */ element) => {
  if (typed.has(element) || (element === document.activeElement && !isTick(element))) return true;
  return isTick(element) && [...typed].some((other) => isTick(other) && other.name === element.name && other.form === element.form);
};

/** The fields of a form that answer one question: `a-B4`, and what is below it. @param {HTMLFormElement | null} form @param {string} name */
const answering = (form, name) => [...form?.elements ?? []].filter((field) => isField(field) && (field.name === name || field.name.startsWith(`${name}-`)));

/** Questions whose answers were sent and are shown as they were stored. @type {Set<string>} */
const sentNow = new Set();
/** Something newer was not shown, since somebody was at it. */
let isHeldBack = false;
/** What is shown is the answer to a form of this page, and not the page as anybody would see it. */
let isAnswer = false;

/** Two answers stand beside each other, and nobody has said which is to stay. @param {Element} question */
const isDisputed = (question) => question.querySelector('input[type="hidden"][name^="o-"]') !== null;

/**
 * What a page knows its answer again by (its revision, and a mark of it) changes only with what is shown of it: else what is
 * typed over another desk's answer would pass for an answer to that one.
 * @param {Element} element
 */
function isKeptWithField(element) {
  const name = element instanceof HTMLInputElement && element.type === "hidden" ? /^[rs]-(.+)$/.exec(element.name)?.[1] : undefined;
  if (!name || sentNow.has(name)) return false;
  return answering(/** @type {HTMLInputElement} */ (element).form, name).some(isInUse);
}

/**
 * Makes one element like another, leaving what is the same, and what is being typed.
 * @param {Element} now @param {Element} next
 */
function morph(now, next) {
  if (now.isEqualNode(next)) return;
  if (!isAnswer && now.classList.contains("ask") && isDisputed(now)) return;
  if (now.tagName !== next.tagName) {
    now.replaceWith(next);
    return;
  }
  const isField = now instanceof HTMLInputElement || now instanceof HTMLTextAreaElement || now instanceof HTMLSelectElement;
  if (isKeptWithField(now) || (isField && isInUse(now))) {
    isHeldBack ||= isTick(now) || /** @type {HTMLInputElement} */ (now).value !== /** @type {HTMLInputElement} */ (next).value;
    return;
  }
  // What is typed and not yet stored is not said to be saved.
  if (now instanceof HTMLElement && now.dataset.safe !== undefined && [...typed].some((field) => now.closest(".field")?.contains(field))) return;
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
      if (known === at) {
        at = at.nextSibling;
      } else if (at && known.contains(document.activeElement) && known.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_PRECEDING) {
        // Whoever is in it would lose their place if it were moved: what stands before it goes behind it instead.
        const before = at.previousSibling;
        while (known.previousSibling && known.previousSibling !== before) now.insertBefore(known.previousSibling, known.nextSibling);
        at = known.nextSibling;
      } else {
        now.insertBefore(known, at);
      }
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
    const question = holds ? now.closest(".ask") : null;
    gone.remove();
    if (!holds) continue;
    const field = question?.querySelector("input:not([type=hidden]), textarea, select") ?? document.getElementById("main");
    if (field instanceof HTMLElement) field.focus({ preventScroll: true });
  }
}

/**
 * Whoever is still typing an answer, a row of a table say, is not told yet what is missing in it: only when they have left it, or
 * want to go on.
 * @param {Document} next
 */
function quietly(next) {
  const at = document.activeElement?.closest("form[data-save] .ask");
  const fresh = at?.id && next.getElementById(at.id);
  if (!at || !fresh || goingOn.size > 0 || isDisputed(fresh) || at.querySelector(".error") || !fresh.querySelector(".error")) return;
  const question = fresh.querySelector(".asked")?.id;
  const summary = next.querySelector(".summary-of-errors");
  for (const line of summary?.querySelectorAll("li") ?? []) if (line.querySelector("a")?.getAttribute("href") === `#${question}`) line.remove();
  if (summary && !summary.querySelector("li")) {
    summary.remove();
    next.title = document.title;
  }
  fresh.replaceWith(next.importNode(at, true));
  isHeldBack = true;
}

/** Shows the parts of the page that change as this answer has them. @param {string} html */
function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  quietly(next);
  const at = document.activeElement;
  const stood = at?.getBoundingClientRect().top ?? 0;
  for (const region of document.querySelectorAll("[data-live]")) {
    const fresh = region.id && next.getElementById(region.id);
    if (fresh) morph(region, fresh);
    else if (region.id === "bar" && next.querySelector("header.top")) region.remove();
  }
  const bar = next.getElementById("bar");
  if (bar && !document.getElementById("bar")) document.querySelector(".top")?.append(bar);
  if (next.title && next.title !== document.title) document.title = next.title;
  // What has grown above pushes nobody out of their window.
  if (at && at !== body && at.id !== "main" && at === document.activeElement) scrollBy(0, at.getBoundingClientRect().top - stood);
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
    for (const form of unanswered.keys()) saveSoon(form, 0);
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
  // Whoever listens is told who rings before anything else, once, wherever they are.
  const who = [offer.caller || words("unknownNumber"), offer.place].filter((part) => part !== "").join(", ");
  rang.textContent = `${words("ringing")}: ${who}. ${words("accept")} F2`;
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
  rang.textContent = "";
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

/** Under which a field's value is kept. @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} field */
const keyOf = (field) => field instanceof HTMLInputElement && field.type === "checkbox" ? `${field.name}=${field.value}` : field.name;
/** @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} field */
const valueOf = (field) => field instanceof HTMLInputElement && field.type === "checkbox" ? String(field.checked) : field.value;

/** The revision that a field's answer was typed over. @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} field */
function revisionOf(field) {
  const all = [...field.closest(".ask")?.querySelectorAll("input[type=hidden]") ?? []];
  return all.find((hidden) => hidden instanceof HTMLInputElement && hidden.name.startsWith("r-")
    && (field.name === hidden.name.slice(2) || field.name.startsWith(`${hidden.name.slice(2)}-`)));
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!isField(field) || !field.form || field.form.method !== "post" || field.dataset.plain !== undefined) return;
  typed.add(field);
  const all = kept();
  /** @type {Record<string, string>} */
  const of = (all.forms[nameOf(field.form)] ??= {});
  of[keyOf(field)] = valueOf(field);
  const revision = field.form.dataset.save !== undefined ? revisionOf(field) : undefined;
  if (revision instanceof HTMLInputElement) of[revision.name] ??= revision.value;
  keep(all);
  if (field.form.dataset.save === undefined) return;
  mark([field], "", false);
  saveSoon(field.form);
});

// What sticks to the window's edges covers nothing that has the focus.
document.addEventListener("focusin", (event) => {
  const at = /** @type {HTMLElement} */ (event.target);
  const sticks = (/** @type {Element | null} */ bar) => bar !== null && !bar.contains(at) && getComputedStyle(bar).position === "sticky";
  const [top, stays] = [document.querySelector(".top"), document.querySelector(".stays")];
  if (at.id === "main" || at.closest(".top, .told")) return;
  const box = at.getBoundingClientRect();
  const from = top && sticks(top) ? top.getBoundingClientRect().bottom : 0;
  const until = stays && sticks(stays) ? Math.min(stays.getBoundingClientRect().top, innerHeight) : innerHeight;
  if (box.bottom + 8 > until && box.height < until - from) scrollBy(0, box.bottom + 8 - until);
  else if (box.top - 8 < from && box.height < until - from) scrollBy(0, box.top - 8 - from);
});

// What was not shown while somebody was at it is shown when they leave it.
document.addEventListener("focusout", (event) => {
  const [from, to] = [event.target, event.relatedTarget].map((at) => at instanceof Element ? at.closest(".ask") : null);
  if (!isHeldBack || (from && from === to)) return;
  isHeldBack = false;
  setTimeout(showAgain);
});

/** Puts back what was typed into a form that was not taken: the window was closed, the service or the sign-in had ended. */
function putBack() {
  const all = kept();
  let some = false;
  for (const form of document.forms) {
    const of = form.method === "post" ? all.forms[nameOf(form)] : undefined;
    if (!of) continue;
    const saves = form.dataset.save !== undefined;
    let any = false;
    for (const field of form.elements) {
      if (!isField(field) || field.dataset.plain !== undefined) continue;
      const value = of[keyOf(field)];
      if (value === undefined) continue;
      if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = value === "true";
      else if (field instanceof HTMLInputElement && field.type === "radio") {
        if (field.value !== value) continue;
        field.checked = true;
      } else if (field.value !== value) field.value = value;
      else if (!saves) continue;
      typed.add(field);
      any = true;
      const revision = saves ? revisionOf(field) : undefined;
      if (revision instanceof HTMLInputElement) revision.value = of[revision.name] ?? revision.value;
    }
    if (any && saves) saveSoon(form, 0);
    else some ||= any;
  }
  if (some && !document.querySelector(".summary-of-errors")) tell(words("putBack"));
}

/** What is stored is kept no more. @param {HTMLFormElement} form @param {Element[]} stored */
function forget(form, stored) {
  const all = kept();
  const of = all.forms[nameOf(form)];
  if (!of) return;
  for (const field of stored) {
    if (!isField(field)) continue;
    delete of[keyOf(field)];
    const revision = revisionOf(field);
    const name = revision instanceof HTMLInputElement ? revision.name : "";
    if (name && !answering(form, name.slice(2)).some((other) => typed.has(other))) delete of[name];
  }
  keep(all);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (form.dataset.save !== undefined && (unsaved(form).length > 0 || form.dataset.saving !== undefined)) {
    // What is typed is stored first, and the page is left only when it is: away from a service that cannot be reached leads
    // nothing but the browser's own page.
    event.preventDefault();
    const submitter = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
    goingOn.set(form, { submitter, asked: questions(form) });
    if (form.dataset.saving === undefined) save(form);
    else mark(unsaved(form), words("saving"), false);
    return;
  }
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

/** @typedef {{ field: Element, state: string }} Sent */
/** @type {Map<HTMLFormElement, ReturnType<typeof setTimeout>>} */
const saving = new Map();
/** What was sent and never answered: it may be stored or not, so that it is sent again as it was before anything newer. */
/** @type {Map<HTMLFormElement, { data: string, sent: Sent[] }>} */
const unanswered = new Map();
/** The button that was pressed while something was not stored yet, and what was asked then. */
/** @type {Map<HTMLFormElement, { submitter: HTMLButtonElement | null, asked: Set<string> }>} */
const goingOn = new Map();

/** @param {HTMLFormElement} form */
const unsaved = (form) => [...typed].filter((field) => form.contains(field));

/** @param {HTMLFormElement} form */
const questions = (form) => new Set([...form.elements].map((field) => field.getAttribute("name") ?? "").filter((name) => name.startsWith("s-")));

/** @param {Element} field */
const stateOf = (field) => isTick(field) ? `${field.checked} ${field.value}` : /** @type {HTMLInputElement} */ (field).value;

/** Says beside each of these fields how it stands with them. @param {Element[]} fields @param {string} text @param {boolean} wrong */
function mark(fields, text, wrong) {
  for (const field of fields) {
    const place = field.closest(".field")?.querySelector("[data-safe]");
    if (!place) continue;
    if (place.textContent !== text) place.textContent = text;
    place.classList.toggle("wrong", wrong);
  }
}

/** @param {HTMLFormElement} form @param {number} [after] */
function saveSoon(form, after = SAVE_AFTER_MS) {
  clearTimeout(saving.get(form));
  saving.set(form, setTimeout(() => save(form), after));
}

document.addEventListener("change", (event) => {
  if (!isField(event.target) || event.target.form?.dataset.save === undefined) return;
  // Arrows pass over choices on their way to the one that is meant.
  saveSoon(event.target.form, event.target.type === "radio" ? CHOOSE_MS : 0);
});

/** @param {HTMLFormElement} form */
async function save(form) {
  clearTimeout(saving.get(form));
  saving.delete(form);
  for (const field of typed) if (!field.isConnected) typed.delete(field);
  if (form.dataset.saving !== undefined) {
    saveSoon(form);
    return;
  }
  const again = unanswered.get(form);
  const sent = again?.sent ?? unsaved(form).map((field) => ({ field, state: stateOf(field) }));
  if (!again && sent.length === 0) {
    goOn(form, true);
    return;
  }
  const data = again?.data ?? dataOf(form);
  form.dataset.saving = "";
  const notYet = () => mark(unsaved(form), words("notSaved"), true);
  const slow = setTimeout(notYet, SAVE_SLOW_MS);
  let isStored = false;
  let isTaken = false;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: data,
      headers: { "x-startline": "save", "content-type": "application/x-www-form-urlencoded" },
      cache: "no-store",
      keepalive: true,
      signal: AbortSignal.timeout(SAVE_PATIENCE_MS),
    });
    const html = await answer.text();
    clearTimeout(slow);
    if (new URL(answer.url).pathname.endsWith("/sign-in")) {
      unanswered.delete(form);
      notYet();
      signedOut();
    } else if (answer.ok || answer.status === 422 || answer.status === 409) {
      isTaken = true;
      isStored = answer.ok;
      unanswered.delete(form);
      taken(form, sent, html, isStored);
    } else {
      unanswered.set(form, { data, sent });
      notYet();
      saveSoon(form, SAVE_AGAIN_MS);
    }
  } catch {
    clearTimeout(slow);
    unanswered.set(form, { data, sent });
    notYet();
    saveSoon(form, SAVE_AGAIN_MS);
  }
  delete form.dataset.saving;
  if (!isTaken) {
    if (goingOn.delete(form)) tell(words("notSaved"), { wrong: true });
  } else if (unsaved(form).length > 0) {
    saveSoon(form, goingOn.has(form) ? 0 : SAVE_AFTER_MS);
  } else {
    goOn(form, isStored);
  }
}

/** @param {HTMLFormElement} form */
function dataOf(form) {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") data.append(name, value);
  // Another save is another request: what was answered to the one before it is not answered to this.
  data.set("request_id", crypto.randomUUID ? crypto.randomUUID() : uuid());
  return data.toString();
}

/**
 * The service has what was sent: stored, or kept as a draft with what is wrong with it.
 * @param {HTMLFormElement} form @param {Sent[]} sent @param {string} html @param {boolean} isStored
 */
function taken(form, sent, html, isStored) {
  // What was typed meanwhile is not yet there.
  const stored = sent.filter(({ field, state }) => field.isConnected && stateOf(field) === state).map(({ field }) => field);
  for (const field of stored) typed.delete(field);
  for (const { field } of sent) {
    const revision = isField(field) ? revisionOf(field) : undefined;
    if (revision instanceof HTMLInputElement) sentNow.add(revision.name.slice(2));
  }
  isAnswer = true;
  show(html);
  isAnswer = false;
  sentNow.clear();
  forget(form, stored.filter((field) => !isDisputed(field.closest(".ask") ?? field)));
  if (isStored) mark(stored.filter((field) => !unsaved(form).some((other) => other.closest(".field") === field.closest(".field"))), words("saved"), false);
}

/** Where a button was pressed while something was not stored, the page is left now. @param {HTMLFormElement} form @param {boolean} isStored */
function goOn(form, isStored) {
  const wish = goingOn.get(form);
  goingOn.delete(form);
  if (!wish) return;
  const wrong = document.querySelector(".summary-of-errors");
  if (!isStored && wrong instanceof HTMLElement) {
    wrong.tabIndex = -1;
    wrong.focus();
    return;
  }
  // Enter in a line of a form that saves as one types says no more than that.
  if (!wish.submitter || wish.submitter.classList.contains("unseen")) return;
  const more = [...questions(form)].find((name) => !wish.asked.has(name));
  if (more) {
    tell(words("moreToAsk"));
    const first = answering(form, more.slice(2))[0];
    if (first instanceof HTMLElement) first.focus();
    return;
  }
  form.requestSubmit(wish.submitter.isConnected ? wish.submitter : null);
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
// What was done is read out before the page is, unless the page begins at a field.
const done = document.querySelector(".done");
if (done instanceof HTMLElement && !wrongs && !document.querySelector("[autofocus]")) {
  done.tabIndex = -1;
  done.focus({ preventScroll: true });
}
forgetSent();
if (body.dataset.user) {
  putBack();
  listen();
}

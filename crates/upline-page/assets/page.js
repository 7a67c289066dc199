// What the pages do beyond showing: sections load into their places, the two clocks turn, forms of the month are sent.
// Everything works without it too, by links and buttons, but for what sends files.
"use strict";

const main = () => document.getElementById("main");
let turning = new AbortController();

/** Fetches a part of a page as it stands in another. */
async function part(url, signal) {
  const answer = await fetch(url, { headers: { "x-part": "1" }, signal, credentials: "same-origin" });
  if (answer.status === 401) { location.href = "/log-in?to=" + encodeURIComponent(location.pathname + location.search); }
  return { ok: answer.ok, text: await answer.text() };
}

/** Puts HTML of this server in a place. */
function place(element, html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  element.replaceChildren(...parsed.body.childNodes);
}

async function load(section, url, signal) {
  const into = section.querySelector(":scope > .loaded") || section.querySelector(":scope > .loading");
  if (!into) return;
  into.setAttribute("aria-busy", "true");
  if (into.className === "loading") into.textContent = "Loading …";
  try {
    const { text } = await part(url, signal);
    place(into, text);
    into.className = "loaded";
  } catch (error) {
    if (error.name === "AbortError") return;
    into.textContent = "This could not be loaded. ";
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Try again";
    again.addEventListener("click", () => load(section, url, signal));
    into.append(again);
  } finally {
    into.removeAttribute("aria-busy");
  }
}

/** Loads the sections one after the other, those on top first. */
async function loadSections(signal) {
  for (const section of document.querySelectorAll("section[data-src]")) {
    if (signal.aborted) return;
    await load(section, section.dataset.src, signal);
  }
  document.documentElement.dataset.loaded = "yes";
}

// ---- The two clocks ----

const day = (text) => Math.round(Date.parse(text + "T00:00:00Z") / 86400000);
const dayText = (number) => new Date(number * 86400000).toISOString().slice(0, 10);

function mark(svg, name, at, of, height, title) {
  const x = of > 0 ? (at / of) * 1000 : 0;
  const element = document.createElementNS("http://www.w3.org/2000/svg", name === "closed" ? "line" : "rect");
  element.setAttribute("class", name);
  if (name === "closed") {
    for (const [key, value] of [["x1", x], ["x2", x], ["y1", 0], ["y2", 16]]) element.setAttribute(key, value);
  } else {
    for (const [key, value] of [["x", x - 2], ["width", 4], ["y", 16 - height], ["height", height]]) element.setAttribute(key, value);
  }
  const words = document.createElementNS("http://www.w3.org/2000/svg", "title");
  words.textContent = title;
  element.append(words);
  svg.append(element);
}

async function clocks() {
  const form = document.querySelector("form.clocks");
  if (!form) return;
  const asOf = form.querySelector("#as_of");
  const knownAt = form.querySelector("#known_at");
  const [asOfTurn, knownTurn] = form.querySelectorAll(".turn");
  const said = form.querySelector(".said");
  const answer = await fetch(form.dataset.clocks, { credentials: "same-origin" });
  if (!answer.ok) return;
  const times = await answer.json();

  const first = day(times.first);
  const last = Math.max(day(times.last), day(asOf.value));
  const asOfSlider = asOfTurn.querySelector("input");
  Object.assign(asOfSlider, { min: Math.min(first, day(asOf.value)), max: last, value: day(asOf.value) });
  const svg = asOfTurn.querySelector("svg");
  svg.setAttribute("viewBox", "0 0 1000 16");
  svg.setAttribute("preserveAspectRatio", "none");
  for (const [through] of times.closed) mark(svg, "closed", day(through) - asOfSlider.min, last - asOfSlider.min, 16, "closed through " + through);
  asOfTurn.hidden = false;

  // Each stop of the second slider is a day on which something was recorded; the last is: all that is recorded.
  const stops = times.recorded;
  const knownSlider = knownTurn.querySelector("input");
  const stopOf = () => {
    if (!knownAt.value) return stops.length;
    const index = stops.findIndex(([recorded]) => recorded > knownAt.value.slice(0, 10));
    return index < 0 ? stops.length - 1 : Math.max(index - 1, 0);
  };
  Object.assign(knownSlider, { min: 0, max: stops.length, value: stopOf() });
  const knownSvg = knownTurn.querySelector("svg");
  knownSvg.setAttribute("viewBox", "0 0 1000 16");
  knownSvg.setAttribute("preserveAspectRatio", "none");
  const most = Math.max(1, ...stops.map(([, count]) => count));
  stops.forEach(([recorded, count], index) => mark(knownSvg, "learned", index, stops.length, 2 + (14 * count) / most, `${count} events recorded on ${recorded}`));
  for (const [through, at] of times.closed) {
    const index = stops.findIndex(([recorded]) => recorded >= at.slice(0, 10));
    if (index >= 0) mark(knownSvg, "closed", index, stops.length, 16, "closed through " + through);
  }
  knownTurn.hidden = stops.length === 0;

  const say = () => {
    const known = knownAt.value ? `as known at ${knownAt.value.replace("T", " ")} UTC` : "with all that is recorded";
    said.textContent = `As of ${asOf.value}, ${known}.`;
    asOfSlider.setAttribute("aria-valuetext", asOf.value);
    knownSlider.setAttribute("aria-valuetext", knownAt.value || "all that is recorded");
  };
  let waiting;
  const turned = () => {
    say();
    clearTimeout(waiting);
    waiting = setTimeout(() => turn(form), 120);
  };
  asOfSlider.addEventListener("input", () => { asOf.value = dayText(Number(asOfSlider.value)); turned(); });
  knownSlider.addEventListener("input", () => {
    const stop = stops[Number(knownSlider.value)];
    knownAt.value = stop ? stop[0] + "T23:59:59" : "";
    turned();
  });
  asOf.addEventListener("change", () => { asOfSlider.value = day(asOf.value); turned(); });
  knownAt.addEventListener("change", () => { knownSlider.value = stopOf(); turned(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); turned(); });
  say();
}

/** Shows the page at the clocks as they stand now; the address follows. */
async function turn(form) {
  turning.abort();
  turning = new AbortController();
  const signal = turning.signal;
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value && name !== "at_position") parameters.set(name, name === "known_at" ? value + (value.length === 16 ? ":00Z" : "Z") : value);
  }
  const address = form.getAttribute("action") + "?" + parameters;
  delete document.documentElement.dataset.loaded;
  main().classList.add("turning");
  try {
    const { text } = await part(address, signal);
    place(main(), text);
    history.replaceState(null, "", address);
    for (const link of document.querySelectorAll(".top nav a, .top .brand")) {
      const url = new URL(link.href);
      for (const name of ["as_of", "known_at", "at_position"]) url.searchParams.delete(name);
      for (const name of ["as_of", "known_at"]) if (parameters.get(name)) url.searchParams.set(name, parameters.get(name));
      link.href = url.pathname + url.search;
    }
    main().classList.remove("turning");
    await loadSections(signal);
  } catch (error) {
    if (error.name !== "AbortError") { main().classList.remove("turning"); form.submit(); }
  }
}

// ---- What is clicked and sent ----

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-load], a[data-part]");
  if (!link) return;
  const section = link.closest("section");
  if (!section) return;
  event.preventDefault();
  const url = new URL(link.href);
  url.searchParams.set("part", "1");
  if (link.hasAttribute("data-load")) {
    const into = document.createElement("div");
    into.className = "loading";
    section.querySelectorAll(":scope > .loading, :scope > .loaded").forEach((old) => old.remove());
    section.append(into);
  }
  load(section, url.pathname + url.search, turning.signal);
});

/** The CSRF token of the session. */
const csrf = () => document.querySelector("meta[name=csrf]")?.content ?? "";

/** Sends something to the API; gives the answer, or throws what a person should read. */
async function send(url, body, type, accept = "application/json") {
  const headers = { "x-csrf-token": csrf(), accept };
  if (type) headers["content-type"] = type;
  const answer = await fetch(url, { method: "POST", headers, body, credentials: "same-origin" });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Error(problem.detail || `The server said ${answer.status}.`);
}

/** The fields of a form as JSON: those that are empty are left out, names that end in [] are lists. */
function fields(form, submitter) {
  const json = {};
  for (const [name, value] of new FormData(form, submitter)) {
    if (name.endsWith("[]")) (json[name.slice(0, -2)] ??= []).push(value);
    else if (value !== "") json[name] = value;
  }
  return json;
}

/** Loads the sections of the page again: something was recorded. */
async function again() {
  delete document.documentElement.dataset.loaded;
  await loadSections(turning.signal);
}

/** A statement, with a profile that is kept or one that comes along: shows what it comes to. */
async function upload(form, submitter, say) {
  const data = new FormData(form, submitter);
  const url = new URL(form.dataset.upload, location.href);
  for (const name of ["total", "dry_run"]) if (data.get(name)) url.searchParams.set(name, data.get(name));
  let body = data.get("file");
  let type = "application/octet-stream";
  url.searchParams.set("name", body.name.replace(/[^A-Za-z0-9_.-]/g, "-"));
  if (data.get("profile_file")?.size) {
    const parts = new FormData();
    parts.set("statement", body);
    parts.set("profile", data.get("profile_file"));
    body = parts;
    type = undefined; // the browser says where its parts end
  } else {
    url.searchParams.set("profile", data.get("profile"));
  }
  const answer = await send(url, body, type, "text/plain");
  const shown = form.querySelector(".shown") ?? form.appendChild(Object.assign(document.createElement("pre"), { className: "shown", tabIndex: 0 }));
  shown.textContent = await answer.text();
  const dry = url.searchParams.has("dry_run");
  say(dry ? "Nothing is recorded. This is what it comes to:" : "It is received.");
  return !dry;
}

/** A file that pays a run: who pays is in a file that is chosen; what comes back is kept by the browser. */
async function payment(form, submitter, say) {
  const data = new FormData(form, submitter);
  const url = new URL(form.dataset.payment, location.href);
  if (data.get("pay_on")) url.searchParams.set("pay_on", data.get("pay_on"));
  const answer = await send(url, await data.get("originator").text(), "application/toml", "text/plain");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = form.dataset.name;
  link.click();
  say("The file is written, and recorded with its hash.");
  return false;
}

/** An order as JSON, or without a body. */
async function order(form, submitter, say) {
  const json = fields(form, submitter);
  let url = form.dataset.api;
  const [choice, other] = (form.dataset.instead ?? "=").split("=");
  if (choice && json.reason === choice) {
    url = other;
    json.action = choice.replace("written_off", "write_off");
    delete json.reason;
  }
  if (form.hasAttribute("data-empty")) await send(url);
  else await send(url, JSON.stringify(json), "application/json");
  say("Done.");
  return true;
}

async function submitted(form, submitter) {
  const said = form.querySelector(".said");
  const buttons = form.querySelectorAll("button");
  const say = (text, wrong) => { if (said) { said.textContent = text; said.classList.toggle("wrong", Boolean(wrong)); } };
  const what = form.dataset.upload ? upload : form.dataset.payment ? payment : order;
  buttons.forEach((button) => { button.disabled = true; });
  say("Working …");
  try {
    if (await what(form, submitter, say)) await again();
  } catch (error) {
    say(error.message, true);
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.api && !form.dataset.upload && !form.dataset.payment) return;
  event.preventDefault();
  submitted(form, event.submitter);
});

document.addEventListener("click", (event) => {
  const all = event.target.closest("[data-choose-all]");
  if (all) all.form.querySelectorAll("input[type=checkbox]").forEach((box) => { box.checked = true; });
});

/** Options of a list that the API names. */
for (const list of document.querySelectorAll("select[data-options]")) {
  fetch(list.dataset.options, { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.json() : { rows: [] })).then(({ rows }) => {
    list.replaceChildren(new Option(rows.length ? "choose one" : "none yet: give one below", ""), ...rows.map((row) => new Option(`${row.profile} version ${row.version}`, row.profile)));
    list.required = rows.length > 0;
  });
}

/** Files are dropped where they are chosen. */
for (const drop of document.querySelectorAll("form.drop")) {
  const input = drop.querySelector("input[type=file]");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); input.files = event.dataTransfer.files; });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) return;
  event.preventDefault();
  document.getElementById("search")?.focus();
});

clocks();
loadSections(turning.signal);

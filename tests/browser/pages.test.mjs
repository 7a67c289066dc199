// The pages as people use them: both clocks turned, a figure followed to its event, an agent that sees its own.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { close, demo, logIn, open, visit, whole } from "./served.mjs";

let served;
before(async () => { served = await demo(); });
after(async () => { await close(); await served.stop(); });

/** The figures of the overview, by name. */
const cards = (page) => page.$$eval(".card", (all) =>
  Object.fromEntries(all.map((card) => [card.querySelector("dt").textContent, card.querySelector("dd").textContent])));

/** Moves a slider with the keyboard until its field says something. */
async function slide(page, slider, key, until) {
  await page.focus(slider);
  for (let steps = 0; steps < 1000 && !(await page.evaluate(until)); steps += 1) await page.keyboard.press(key);
  assert.ok(await page.evaluate(until), "the slider never came there");
}

test("a wrong password is told, and the page that one wanted follows the right one", async () => {
  const page = await open();
  await page.goto(served.base + "/coverage?as_of=2025-06-30");
  assert.match(page.url(), /\/log-in\?to=/);
  await page.fill("#name", "ann");
  await page.fill("#password", "wrong but long enough");
  await page.click("button[type=submit]");
  assert.match(await page.textContent("[role=alert]"), /Not logged in/);
  await page.fill("#name", "ann");
  await page.fill("#password", served.people.ann.password);
  await page.click("button[type=submit]");
  await page.waitForURL(served.base + "/coverage?as_of=2025-06-30");
});

test("both clocks turn: figures and address follow, and the address gives the same figures again", async () => {
  const page = await open();
  await logIn(page, served, "ann");
  await visit(page, served, "/?as_of=2025-07-02");
  const before = await cards(page);
  await slide(page, "#as_of_slider", "ArrowLeft", () => document.getElementById("as_of").value === "2025-06-30");
  await page.waitForURL(/as_of=2025-06-30/);
  await whole(page);
  const june = await cards(page);
  assert.notEqual(june.payable, before.payable, "what moved in July does not count in June");
  await slide(page, "#known_at_slider", "ArrowLeft", () => {
    const value = document.getElementById("known_at").value;
    return value !== "" && value < "2025-07-01";
  });
  await page.waitForURL(/known_at=/);
  await whole(page);
  const known = await cards(page);
  assert.notEqual(known.debt, june.debt, "the late premium of July is not known in June");
  const footer = await page.textContent(".cited");
  assert.match(footer, /position \d+, root [0-9a-f]{64}/);
  await page.goto(page.url());
  assert.deepEqual(await cards(page), known, "a link is a citation");
  assert.deepEqual(page.errors, []);
});

test("a figure is followed to its entries, to the event and to what it posted", async () => {
  const page = await open();
  await logIn(page, served, "ann");
  await visit(page, served, "/producers?as_of=2025-06-30");
  await page.click("td a:text-is('A001')");
  await whole(page);
  await page.click("section:has(h2:text-is('Policies')) td a:text-is('P-101')");
  await whole(page);
  assert.match(await page.textContent("main"), /charged back/);
  await page.click("tr:has-text('charged back') td a >> nth=0");
  await whole(page);
  assert.match(await page.textContent("h1"), /^Event \d+$/);
  assert.match(await page.textContent("main"), /debit positive/);
});

test("an agent sees itself and nobody else", async () => {
  const page = await open();
  await logIn(page, served, "ana");
  await whole(page);
  const links = await page.$$eval("a", (all) => all.map((link) => link.getAttribute("href")));
  assert.ok(!links.some((link) => /audit|changes|month/.test(link)), "pages of others are not offered");
  await visit(page, served, "/producers");
  assert.deepEqual(await page.$$eval("tbody tr td:first-child", (all) => all.map((cell) => cell.textContent)), ["A001"]);
  const told = async (path) => {
    const answer = await page.goto(served.base + path);
    return [answer.status(), await answer.text()];
  };
  const another = await told("/producers/A002");
  assert.equal(another[0], 404);
  assert.deepEqual(another, await told("/producers/ZZZ"), "another is told as nobody");
  assert.equal((await page.goto(served.base + "/audit")).status(), 403);
});

test("it is used by keyboard: the slash searches, Tab begins with a way to the content", async () => {
  const page = await open();
  await logIn(page, served, "ann");
  await whole(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  await page.keyboard.press("/");
  await page.keyboard.type("P-10");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/search\?/);
  assert.match(await page.textContent("main"), /C1\/P-101/);
});

test("without its script a page has links to its parts and buttons for its clocks", async () => {
  const page = await open({ javaScriptEnabled: false });
  await logIn(page, served, "ann");
  await page.fill("#as_of", "2025-06-30");
  await page.click("form.clocks button");
  assert.match(page.url(), /as_of=2025-06-30/);
  await page.click("a:text-is('Show balances over time')");
  await page.waitForURL(/\/overview\/balances/);
  assert.ok(await page.isVisible(".drawing svg"));
});

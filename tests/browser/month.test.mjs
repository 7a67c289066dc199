// A month's end at the desk: a statement is handed in, exceptions are settled, a pay run is proposed by one and approved
// by another, its file is downloaded, and the period is closed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { close, logIn, monthEnd, open, visit } from "./served.mjs";

const DATA = process.env.DATA ?? new URL("../data/month-end", import.meta.url).pathname;
const PROFILES = process.env.PROFILES ?? new URL("../../profiles", import.meta.url).pathname;
const DESK = "/month?as_of=2026-07-02";

let served;
before(async () => { served = await monthEnd(DATA, PROFILES); });
after(async () => { await close(); await served.stop(); });

/** Waits until an element says something. */
const says = (page, selector, words) =>
  page.waitForFunction(([selector, words]) => [...document.querySelectorAll(selector)].some((one) => one.textContent.includes(words)), [selector, words]);

/** A bank's business day that is to come, as a pay date. */
function payDate() {
  const day = new Date(Date.now() + 3 * 86400000);
  while ([0, 6].includes(day.getUTCDay())) day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

test("finance and an approver run a month's end in the browser", async () => {
  const fay = await open({ acceptDownloads: true });
  await logIn(fay, served, "fay");
  await visit(fay, served, DESK);

  await fay.setInputFiles("#statement", join(DATA, "june.csv"));
  await fay.setInputFiles("#profile_file", join(DATA, "aml.toml"));
  await fay.fill("#total", "3204.00");
  await fay.click("button:text-is('See what it comes to')");
  await says(fay, ".drop .said", "38.00 more");
  await fay.fill("#total", "3242.00");
  await fay.click("button:text-is('See what it comes to')");
  await says(fay, ".drop .shown", "wrong_rate");
  await fay.click("button:text-is('Receive it')");
  await says(fay, ".drop .said", "It is received.");
  await says(fay, "details.statement summary", "3 open");

  await fay.click("button:text-is('Choose all')");
  await fay.selectOption("select[name=reason]", "claimed");
  await fay.fill("input[name=note]", "mail of July 2");
  await fay.click("button:text-is('Settle those that are chosen')");
  await says(fay, "details.statement summary", "nothing is open");

  await fay.click("button:text-is('Propose this run')");
  await says(fay, "details.proposal summary", "open");
  assert.equal(await fay.locator("button:text-is('Approve')").count(), 0, "who proposed it does not approve it");

  const ada = await open();
  await logIn(ada, served, "ada");
  await visit(ada, served, DESK);
  await ada.click("button:text-is('Approve')");
  await says(ada, "details.proposal summary", "approved");

  await visit(fay, served, DESK);
  await says(fay, "section td", "ACH file");
  await fay.click("summary:text-is('ACH file')");
  await fay.setInputFiles("input[name=originator]", join(PROFILES, "originator.toml"));
  await fay.fill("input[name=pay_on]", payDate());
  const download = fay.waitForEvent("download");
  await fay.click("button:text-is('Write it')");
  const file = readFileSync(await (await download).path(), "latin1");
  assert.equal(file.split("\n")[0].length, 94, "lines of an ACH file");

  await fay.click("a:has-text('See what blocks the close')");
  await says(fay, ".good", "can be closed");
  await fay.click("button:has-text('Close the period')");
  await says(fay, "form .said", "Done.");
  await fay.click("a:has-text('See what blocks the close')");
  await says(fay, ".good", "was closed at position");
  assert.deepEqual(fay.errors.filter((error) => !error.includes("422")), []);
});

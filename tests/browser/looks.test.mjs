// How the pages look, light, dark and on a phone: nothing is cut or overlaps, numbers align, axe finds nothing.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { SHOTS, close, demo, logIn, open, visit } from "./served.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const PAGES = {
  overview: "/?as_of=2025-09-30",
  producers: "/producers?as_of=2025-09-30",
  producer: "/producers/MGA1?as_of=2025-09-30",
  policy: "/policies/C1/P-101?as_of=2025-09-30",
  changes: "/changes?as_of=2025-06-30&from_time=2025-06-30T23:59:59&to_time=2025-12-31T23:59:59",
  coverage: "/coverage?as_of=2025-09-30",
  audit: "/audit?as_of=2025-09-30",
  event: "/events/40?as_of=2025-09-30",
  search: "/search?q=p-1",
};

const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

let served;
before(async () => { served = await demo(); if (SHOTS) mkdirSync(SHOTS, { recursive: true }); });
after(async () => { await close(); await served.stop(); });

/** What a screen would show wrong: overflow of the page, text that is cut, numbers whose ends do not align. */
const wrong = () => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const element of document.querySelectorAll("a, button, label, h1, h2, dt, dd, p, th, td")) {
    const style = getComputedStyle(element);
    if (style.overflow !== "visible" && element.scrollWidth > element.clientWidth + 1) found.push(`cut: ${element.textContent.slice(0, 40)}`);
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.checkVisibility({ contentVisibilityAuto: true })) continue; // behind a chart, folded
    const rows = [...table.querySelectorAll("tr")];
    for (let column = 0; column < (rows[0]?.children.length ?? 0); column += 1) {
      const ends = new Set();
      for (const row of rows) {
        const cell = row.children[column];
        if (!cell?.classList.contains("num") || !cell.textContent.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(cell);
        ends.add(Math.round(range.getBoundingClientRect().right));
      }
      if (ends.size > 1 && Math.max(...ends) - Math.min(...ends) > 1) found.push(`numbers end at ${[...ends]} in ${table.caption?.textContent}`);
    }
  }
  const boxes = [...document.querySelectorAll("header.top > *, .card, form.clocks > *")].map((e) => [e, e.getBoundingClientRect()]);
  for (const [a, x] of boxes) for (const [b, y] of boxes) {
    if (a === b || a.contains(b) || b.contains(a) || !x.width || !y.width) continue;
    if (x.left < y.right - 1 && y.left < x.right - 1 && x.top < y.bottom - 1 && y.top < x.bottom - 1 && a.className < b.className) {
      const sticky = (e) => e.closest("form.clocks");
      if (Boolean(sticky(a)) === Boolean(sticky(b))) found.push(`${a.className} overlaps ${b.className}`);
    }
  }
  return found;
};

for (const [look, options] of Object.entries(LOOKS)) {
  test(`every page, ${look}`, async (t) => {
    const page = await open({ ...options, bypassCSP: true });
    await logIn(page, served, "ann");
    for (const [name, path] of Object.entries(PAGES)) {
      await t.test(name, async () => {
        await visit(page, served, path);
        assert.deepEqual(await page.evaluate(wrong), []);
        await page.evaluate(axe);
        const violations = await page.evaluate(async () => (await axe.run()).violations);
        assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes[0].html}`), []);
        assert.deepEqual(page.errors, []);
        if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${look}.png`), fullPage: true });
      });
    }
  });
}

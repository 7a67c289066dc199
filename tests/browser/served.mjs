// A real server over a real ledger, and a real browser in front of it.
import { execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** Where the program is; where screenshots go, if anywhere. */
export const UPLINE = process.env.UPLINE;
export const SHOTS = process.env.SHOTS;

/** Starts a server, and waits until it listens. */
async function listening(words, cwd) {
  const child = spawn(UPLINE, words, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const base = await new Promise((resolve, reject) => {
    child.stdout.on("data", (bytes) => {
      said += bytes;
      const listening = said.match(/Listening on (\S+)/);
      if (listening) resolve(listening[1]);
    });
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    rmSync(cwd, { recursive: true, force: true });
  };
  return { base, said, stop };
}

/** The ledger of the demo, served, with the people of the demo; `stop()` ends it. */
export async function demo() {
  const dir = mkdtempSync(join(tmpdir(), "upline-"));
  const served = await listening(["demo", "--into", join(dir, "ledger"), "--serve", "127.0.0.1:0"], dir);
  const people = {};
  for (const line of served.said.split("\n")) {
    const [name, , password, factor] = line.trim().split(/\s{2,}/);
    if (password) people[name] = { name, password, secret: factor?.match(/secret=(\w+)/)?.[1] };
  }
  return { ...served, people };
}

/** The month end of the documents, with who does it, served with a key. */
export async function monthEnd(data, profiles) {
  const dir = mkdtempSync(join(tmpdir(), "upline-"));
  const run = (words, input) => execFileSync(UPLINE, words, { cwd: dir, encoding: "utf8", input, stdio: ["pipe", "pipe", "pipe"] });
  run(["init"]);
  run(["import", join(data, "book.jsonl")]);
  run(["directory", "--bank", join(data, "banks.csv"), "--actor", "Dana", "--approved-by", "Lee"]);
  run(["key", "house.key", "--name", "example.com/harbor"]);
  const people = {};
  for (const [name, role] of [["fay", "finance"], ["ada", "approver"]]) {
    const password = `the password of ${name}`;
    run(["user", "add", name, "--role", role]);
    run(["user", "password", name], password + "\n");
    people[name] = { name, password, secret: await secondFactor(dir, name) };
  }
  const served = await listening(["serve", "--listen", "127.0.0.1:0", "--key", "house.key"], dir);
  return { ...served, dir, people, run, data, profiles };
}

/** Gives somebody a second factor, and the secret of it. */
function secondFactor(dir, name) {
  return new Promise((resolve, reject) => {
    const child = spawn(UPLINE, ["user", "second-factor", name], { cwd: dir, stdio: ["pipe", "inherit", "pipe"] });
    let secret;
    child.stderr.on("data", (bytes) => {
      secret ??= String(bytes).match(/secret=(\w+)/)?.[1];
      // A code of half a minute ago shows it, so that the one of now can still be used.
      if (secret) child.stdin.end(code(secret, -1) + "\n");
    });
    child.on("exit", (status) => (status === 0 ? resolve(secret) : reject(new Error(`second-factor ended with ${status}`))));
  });
}

/** The code of a second factor (RFC 6238). */
function code(secret, steps = 0) {
  let bits = "";
  for (const letter of secret) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const hash = createHmac("sha1", key).update(step).digest();
  const from = hash[19] & 15;
  return ((hash.readUInt32BE(from) & 0x7fffffff) % 1000000).toString().padStart(6, "0");
}

let browser;
export async function open(options = {}) {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(error.message));
  page.on("console", (message) => { if (message.type() === "error") page.errors.push(message.text()); });
  return page;
}

export async function close() {
  await browser?.close();
  browser = undefined;
}

export async function logIn(page, served, name) {
  const person = served.people[name];
  await page.goto(served.base + "/log-in");
  await page.fill("#name", person.name);
  await page.fill("#password", person.password);
  if (person.secret) await page.fill("#code", code(person.secret));
  await page.click("button[type=submit]");
  await page.waitForURL(served.base + "/");
}

/** Waits until everything that a page loads is there. */
export async function whole(page) {
  await page.waitForFunction(() => document.documentElement.dataset.loaded === "yes");
}

export async function visit(page, served, path) {
  await page.goto(served.base + path);
  await whole(page);
}

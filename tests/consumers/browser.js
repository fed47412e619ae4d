#!/usr/bin/env node
// What is wrong with these pages in a browser? Headless Chromium opens every .html file below DIR.
//
//   browser.js DIR [QUERY]...
//
// At 375 and 1280 pixels, from the file system: nothing on the console, no page wider than the window, every link within
// DIR leads to a file and an anchor that are there, no request leaves it. `found` has, for each QUERY, the addresses the
// search on the first page shows. SHOTS=FOLDER also keeps pictures, in both colour schemes.
"use strict";
const { existsSync, readdirSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL, fileURLToPath } = require("node:url");

const installed = path.join(__dirname, "../../.consumers/npm/node_modules/playwright-core");
const giveUp = (reason) => {
  console.error(`browser.js: ${reason}`);
  process.exit(2);
};
const [folder, ...queries] = process.argv.slice(2);
if (!folder || !existsSync(folder)) giveUp("DIR is wanted");
if (!existsSync(installed)) giveUp(".consumers/npm is not here: run tests/consumers/install.sh");
const program = ["chromium-headless-shell", "chromium"]
  .flatMap((name) => (process.env.PATH || "").split(":").map((place) => path.join(place, name)))
  .find((file) => existsSync(file));
if (!program) giveUp("Chromium is not here: run tests/consumers/install.sh");

const root = path.resolve(folder);
const pages = readdirSync(root, { recursive: true }).filter((name) => name.endsWith(".html")).sort();

(async () => {
  const { chromium } = require(installed);
  const browser = await chromium.launch({
    executablePath: program,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const reasons = [];
  const anchors = new Map();
  const links = [];
  const shots = process.env.SHOTS;
  for (const width of [375, 1280]) {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    let now = "";
    page.on("console", (message) => reasons.push(`${now}: console: ${message.text()}`));
    page.on("pageerror", (error) => reasons.push(`${now}: ${error}`));
    page.on("requestfailed", (request) => reasons.push(`${now}: cannot load ${request.url()}`));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) reasons.push(`${now}: asks for ${request.url()}`);
    });
    for (const name of pages) {
      now = `${name} at ${width}`;
      await page.goto(pathToFileURL(path.join(root, name)).href);
      const seen = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        ids: [...document.querySelectorAll("[id]")].map((node) => node.id),
        links: [...document.querySelectorAll("a[href]")].map((node) => node.href),
        searchable: !document.querySelector("header search")?.hidden,
      }));
      if (seen.wide > 0) reasons.push(`${now}: ${seen.wide} pixels wider than the window`);
      if (!seen.searchable) reasons.push(`${now}: no search`);
      if (new Set(seen.ids).size < seen.ids.length) reasons.push(`${now}: an id appears twice`);
      anchors.set(pathToFileURL(path.join(root, name)).href, new Set(seen.ids));
      if (width > 375) links.push(...seen.links.map((link) => [name, link]));
      if (shots) {
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme });
          await page.screenshot({ path: path.join(shots, `${name.replace(/\W/g, "_")}-${width}-${colorScheme}.png`) });
        }
      }
    }
    await page.close();
  }
  for (const [name, link] of links) {
    const url = new URL(link);
    if (url.protocol !== "file:") continue;
    const anchor = decodeURIComponent(url.hash.slice(1));
    url.hash = "";
    if (!existsSync(fileURLToPath(url))) reasons.push(`${name}: ${link} leads nowhere`);
    else if (anchor && !anchors.get(url.href)?.has(anchor)) reasons.push(`${name}: ${link} has no such anchor`);
  }
  const found = {};
  const page = await browser.newPage();
  for (const query of queries) {
    await page.goto(pathToFileURL(path.join(root, pages[0])).href);
    await page.keyboard.press("/");
    await page.keyboard.type(query);
    const all = await page.locator("header search a").evaluateAll((nodes) => nodes.filter((node) => node.checkVisibility()).map((node) => node.href));
    found[query] = all.map((href) => href.slice(pathToFileURL(root).href.length + 1));
    // Enter opens the first
    if (all.length > 0) {
      await page.keyboard.press("Enter");
      await page.waitForURL(all[0]).catch(() => reasons.push(`Enter after ${query} does not open ${all[0]}`));
    }
  }
  await browser.close();
  const verdict = { accepted: reasons.length === 0, reasons, warnings: [], pages: pages.length, links: links.length, found };
  console.log(JSON.stringify(verdict, null, 1));
  reasons.forEach((reason) => console.error(reason));
  process.exit(reasons.length === 0 ? 0 : 1);
})().catch((error) => giveUp(error.message));

#!/usr/bin/env node
// What is wrong with the report of a simulation in a browser? Headless Chromium opens FILE.
//
//   simulation.js FILE
//
// At 375 and 1280 pixels, from the file system: nothing on the console, no request but the file, no page wider than the
// window, every chart has both axes with numbers that stand within it, and charts of demand have the same upper end. A drag
// zooms all charts, a pointer reads values. SHOTS=FOLDER also keeps pictures, in both colour schemes and as printed.
"use strict";
const { existsSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const installed = path.join(__dirname, "../../.consumers/npm/node_modules/playwright-core");
const giveUp = (reason) => {
  console.error(`simulation.js: ${reason}`);
  process.exit(2);
};
const [file] = process.argv.slice(2);
if (!file || !existsSync(file)) giveUp("FILE is wanted");
if (!existsSync(installed)) giveUp(".consumers/npm is not here: run tests/consumers/install.sh");
const program = ["chromium-headless-shell", "chromium"]
  .flatMap((name) => (process.env.PATH || "").split(":").map((place) => path.join(place, name)))
  .find((one) => existsSync(one));
if (!program) giveUp("Chromium is not here: run tests/consumers/install.sh");

const looked = () => {
  const charts = [...document.querySelectorAll("figure svg")].map((svg) => {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")];
    const outside = texts.filter((text) => {
      const box = text.getBoundingClientRect();
      return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
    });
    const of = (kind) => texts.filter((text) => text.classList.contains(kind)).map((text) => text.textContent);
    return {
      title: svg.getAttribute("aria-label"),
      x: of("x"),
      y: of("y"),
      lines: svg.querySelectorAll("polyline").length,
      outside: outside.map((text) => text.textContent),
    };
  });
  return { charts, wide: document.documentElement.scrollWidth - document.documentElement.clientWidth };
};

(async () => {
  const { chromium } = require(installed);
  const browser = await chromium.launch({
    executablePath: program,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const reasons = [];
  const address = pathToFileURL(path.resolve(file)).href;
  const shots = process.env.SHOTS;
  let result = {};
  for (const width of [375, 1280]) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    page.on("console", (message) => reasons.push(`${width}: console: ${message.text()}`));
    page.on("pageerror", (error) => reasons.push(`${width}: ${error}`));
    page.on("request", (request) => {
      if (request.url() !== address) reasons.push(`${width}: asks for ${request.url()}`);
    });
    await page.goto(address);
    const seen = await page.evaluate(looked);
    if (seen.wide > 0) reasons.push(`${width}: ${seen.wide} pixels wider than the window`);
    for (const chart of seen.charts) {
      if (chart.x.length < 2 || chart.y.length < 2) reasons.push(`${width}: ${chart.title}: an axis has no numbers`);
      if (!chart.lines) reasons.push(`${width}: ${chart.title}: no line`);
      if (chart.outside.length) reasons.push(`${width}: ${chart.title}: outside its chart: ${chart.outside}`);
      if (!/wait longer/.test(chart.title) && !/survival/.test(chart.title) && chart.y[0] !== "0") reasons.push(`${width}: ${chart.title}: begins at ${chart.y[0]}`);
    }
    const ends = new Set(seen.charts.filter((chart) => chart.title.startsWith("Demand")).map((chart) => chart.y.at(-1)));
    if (ends.size > 1) reasons.push(`${width}: charts of demand end at ${[...ends]}`);
    if (shots) {
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: path.join(shots, `report-${width}-${colorScheme}.png`), fullPage: true });
      }
      await page.emulateMedia({ colorScheme: "light", media: "print" });
      await page.screenshot({ path: path.join(shots, `report-${width}-print.png`), fullPage: true });
      await page.emulateMedia({ media: "screen" });
    }
    const first = page.locator("figure svg").first();
    await first.scrollIntoViewIfNeeded();
    const frame = await first.boundingBox();
    const before = seen.charts[0].x.join();
    await page.mouse.move(frame.x + frame.width * 0.4, frame.y + frame.height / 2);
    const read = await page.locator(".read").first().textContent();
    await page.mouse.down();
    await page.mouse.move(frame.x + frame.width * 0.6, frame.y + frame.height / 2, { steps: 4 });
    await page.mouse.up();
    const after = await page.evaluate(looked);
    result = {
      charts: seen.charts.length,
      read: /jobs that run or wait \d/.test(read),
      zoomed: after.charts[0].x.join() !== before && after.charts[0].x.join() === after.charts[1].x.join(),
    };
    if (shots && width > 375) await page.screenshot({ path: path.join(shots, "report-zoomed.png") });
    await page.close();
  }
  await browser.close();
  console.log(JSON.stringify(result));
  if (reasons.length) {
    console.error(reasons.join("\n"));
    process.exit(1);
  }
})().catch((error) => giveUp(error.stack || error));

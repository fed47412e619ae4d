"use strict";
// Draws the charts of each group on one time axis. A drag zooms all of them, a double click shows the whole again.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const LEFT = 52, RIGHT = 10, TOP = 8, BOTTOM = 22;
  const color = (index) => `var(--c${index % 5})`;
  const node = (name, attributes, parent, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  };
  const html = (name, parent, text, kind) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    parent.append(made);
    return made;
  };
  const two = (number) => String(number).padStart(2, "0");
  const clock = (at, span) => {
    const time = new Date(at * 1000);
    const day = `${two(time.getUTCMonth() + 1)}-${two(time.getUTCDate())}`;
    const minute = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}`;
    if (span > 4 * 86400) return day;
    return span > 86400 ? `${day} ${minute}` : span < 900 ? `${minute}:${two(time.getUTCSeconds())}` : minute;
  };
  const brief = (value) => Math.abs(value) >= 1000 ? value.toLocaleString("en", { maximumFractionDigits: 0 }) : String(Number(value.toPrecision(3)));
  const nice = (most) => {
    const power = 10 ** Math.floor(Math.log10(most || 1));
    return [1, 2, 5, 10].map((step) => step * power / 5).find((step) => most / step <= 6) || power;
  };
  const STEPS = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800, 2592000];

  // the largest value of some lines in a part of the time
  const peak = (lines, view) => {
    let most = 0;
    for (const line of lines) {
      line.at.forEach((at, index) => {
        const next = index + 1 < line.at.length ? line.at[index + 1] : Infinity;
        if (at <= view[1] && next > view[0]) most = Math.max(most, line.band[index][1]);
      });
    }
    return most;
  };

  // one chart: lines are {name, color, at, band, dashed}, each drawn as steps
  const chart = (group, box, title, lines, options) => {
    const figure = html("figure", box);
    html("figcaption", figure, title);
    const legend = html("div", figure, undefined, "legend");
    for (const line of lines) {
      const entry = html("span", legend);
      const mark = html("i", entry);
      mark.style.background = line.color;
      entry.append(line.name);
    }
    const svg = node("svg", { role: "img", "aria-label": title }, figure);
    let most = 1;
    const height = options.height || 170;
    const log = options.log;
    const scaled = (value) => log ? Math.log10(1 + value) / Math.log10(1 + most) : value / most;
    const draw = (view, hover) => {
      // a part of the time has a scale of its own, the same for every chart of a kind
      most = Math.max(options.most ? options.most(view) : 0, peak(lines, view), 1e-9);
      const width = Math.max(300, figure.clientWidth);
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.replaceChildren();
      const inner = width - LEFT - RIGHT, deep = height - TOP - BOTTOM;
      const x = (at) => LEFT + (at - view[0]) / (view[1] - view[0]) * inner;
      const y = (value) => TOP + deep * (1 - scaled(value));
      const keep = (at) => Math.min(LEFT + inner, Math.max(LEFT, at));
      const pattern = `h${group.index}`;
      const defs = node("defs", {}, svg);
      for (const [name, angle] of [["gap", 45], ["cap", -45]]) {
        const made = node("pattern", { id: `${pattern}${name}${options.id}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${angle})` }, defs);
        node("line", { x1: 0, y1: 0, x2: 0, y2: 6, stroke: "var(--hatch)", "stroke-width": name === "gap" ? 3 : 1.4 }, made);
      }
      const values = log ? [0, 1, 10, 100, 1000, 1e4, 1e5, 1e6].filter((value) => value <= most || value === 1) : [];
      if (!log) for (let value = 0; value <= most * 1.0001; value += nice(most)) values.push(value);
      for (const value of values) {
        node("line", { x1: LEFT, x2: LEFT + inner, y1: y(value), y2: y(value), class: value ? "axis" : "zero" }, svg);
        node("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end", class: "y" }, svg, brief(value));
      }
      const span = view[1] - view[0];
      const step = STEPS.find((one) => span / one * 95 <= inner) || span;
      for (let at = Math.ceil(view[0] / step) * step; at <= view[1]; at += step) {
        node("line", { x1: x(at), x2: x(at), y1: TOP, y2: TOP + deep, class: "axis" }, svg);
        const near = x(at) - LEFT < 30 ? "start" : LEFT + inner - x(at) < 30 ? "end" : "middle";
        node("text", { x: x(at), y: height - 6, "text-anchor": near, class: "x" }, svg, clock(at, span));
      }
      for (const [kind, list] of [["gap", group.gaps], ["cap", group.capped]]) {
        for (const [from, to] of list) {
          if (to < view[0] || from > view[1]) continue;
          const begin = keep(x(from));
          node("rect", { x: begin, y: TOP, width: Math.max(1, keep(x(to)) - begin), height: deep, fill: `url(#${pattern}${kind}${options.id})`, opacity: .5 }, svg);
        }
      }
      for (const [from, to, low, high] of options.room || []) {
        if (to < view[0] || from > view[1]) continue;
        node("rect", { x: keep(x(from)), width: Math.max(0, keep(x(to)) - keep(x(from))), y: y(Math.min(high, most)), height: Math.max(0, y(low) - y(Math.min(high, most))), class: "room" }, svg);
      }
      for (const at of group.rollouts) if (at >= view[0] && at <= view[1]) node("line", { x1: x(at), x2: x(at), y1: TOP, y2: TOP + deep, class: "rollout" }, svg);
      for (const limit of options.limits || []) node("line", { x1: LEFT, x2: LEFT + inner, y1: y(limit), y2: y(limit), class: "limit" }, svg);
      for (const line of lines) {
        let first = 0;
        while (first + 1 < line.at.length && line.at[first + 1] <= view[0]) first += 1;
        const high = [], low = [];
        for (let index = first; index < line.at.length && line.at[index] <= view[1]; index += 1) {
          const begin = keep(x(line.at[index]));
          const end = keep(x(index + 1 < line.at.length ? line.at[index + 1] : group.to));
          const [least, top] = line.band[index];
          high.push(`${begin},${y(top)}`, `${end},${y(top)}`);
          low.push(`${end},${y(least)}`, `${begin},${y(least)}`);
        }
        // low was gathered pairwise from the left: turned round it closes the band
        low.reverse();
        const back = [];
        for (let index = 0; index < low.length; index += 2) back.push(low[index + 1], low[index]);
        if (line.thinned) node("polygon", { points: [...high, ...back].join(" "), class: "band", fill: line.color }, svg);
        node("polyline", { points: high.join(" "), class: "line", stroke: line.color, ...(line.dashed ? { "stroke-dasharray": "4 3" } : {}) }, svg);
      }
      if (hover !== undefined) node("line", { x1: x(hover), x2: x(hover), y1: TOP, y2: TOP + deep, class: "hair" }, svg);
    };
    const time = (event, view) => {
      const frame = svg.getBoundingClientRect();
      const width = Math.max(300, figure.clientWidth);
      const at = (event.clientX - frame.left) / frame.width * width;
      return view[0] + Math.min(1, Math.max(0, (at - LEFT) / (width - LEFT - RIGHT))) * (view[1] - view[0]);
    };
    return { svg, draw, time, lines, title };
  };

  const value = (line, at) => {
    let low = 0, high = line.at.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (line.at[middle] <= at) low = middle; else high = middle - 1;
    }
    const band = line.band[low];
    if (!band) return "–";
    return band[0] === band[1] ? brief(band[1]) : `${brief(band[0])} to ${brief(band[1])}`;
  };

  const survival = (group, box) => {
    const shown = group.trials.filter((trial) => trial.waits.some(([seconds]) => seconds > 0));
    if (!shown.length) return;
    const figure = html("figure", box);
    html("figcaption", figure, "Share of jobs that wait longer (both axes logarithmic)");
    const legend = html("div", figure, undefined, "legend");
    const svg = node("svg", { role: "img", "aria-label": "survival of waits" }, figure);
    const points = shown.flatMap((trial) => trial.waits).filter(([seconds]) => seconds > 0);
    const low = Math.floor(Math.log10(Math.min(...points.map(([seconds]) => seconds))));
    const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...points.map(([seconds]) => seconds)))));
    const draw = () => {
      const width = Math.max(300, figure.clientWidth), height = 220;
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.replaceChildren();
      const inner = width - LEFT - RIGHT, deep = height - TOP - BOTTOM;
      const x = (seconds) => LEFT + (Math.log10(seconds) - low) / (high - low) * inner;
      const y = (share) => TOP - Math.log10(share) / 3 * deep;
      const apart = Math.max(1, Math.ceil(70 / (inner / (high - low))));
      for (let power = low; power <= high; power += apart) {
        node("line", { x1: x(10 ** power), x2: x(10 ** power), y1: TOP, y2: TOP + deep, class: "axis" }, svg);
        const near = power === low ? "start" : power === high ? "end" : "middle";
        node("text", { x: x(10 ** power), y: height - 6, "text-anchor": near, class: "x" }, svg, `${brief(10 ** power)} s`);
      }
      for (const share of [1, .1, .01, .001]) {
        node("line", { x1: LEFT, x2: LEFT + inner, y1: y(share), y2: y(share), class: "axis" }, svg);
        node("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end", class: "y" }, svg, `${brief(share * 100)} %`);
      }
      for (const trial of shown) {
        const line = trial.waits.filter(([seconds]) => seconds > 0).map(([seconds, share]) => `${x(seconds)},${y(share)}`);
        node("polyline", { points: line.join(" "), class: "line", stroke: color(group.trials.indexOf(trial)) }, svg);
      }
    };
    for (const trial of shown) {
      const entry = html("span", legend);
      html("i", entry).style.background = color(group.trials.indexOf(trial));
      entry.append(trial.policy);
    }
    draw();
    addEventListener("resize", draw);
  };

  const ofPolicies = (group, add, line) => {
    const first = group.trials[0];
    const room = first.bounds.map(([at, low, high], place) => [at, place + 1 < first.bounds.length ? first.bounds[place + 1][0] : group.to, low, high]);
    const replicas = group.trials.map((trial, place) => line(trial, "replicas", trial.policy, color(place)));
    if (group.observed.length) {
      replicas.push({ name: "observed", color: "var(--ink)", at: group.observed.map(([at]) => at), band: group.observed.map(([, count]) => [count, count]), dashed: true });
    }
    add("Replicas (shaded: least to most allowed)", replicas, { room });
    const limits = [...new Set(group.trials.flatMap((trial) => trial.thresholds || []))];
    add("Load as scraped: running jobs of the slots of existing replicas", group.trials.map((trial, place) => line(trial, "load", trial.policy, color(place))), { limits, most: () => Math.max(1, ...limits) });
    add("Jobs that wait (logarithmic)", group.trials.map((trial, place) => line(trial, "queue", trial.policy, color(place))), { log: true, most: () => 1 });
  };

  const groups = JSON.parse(document.getElementById("data").textContent);
  groups.forEach((group, index) => {
    group.index = index;
    const box = document.querySelector(`[data-group="${index}"]`);
    box.replaceChildren();
    const bar = html("div", box, undefined, "bar");
    const reset = html("button", bar, "Whole time");
    const read = html("span", bar, "Drag over a chart to zoom, point at it to read", "read");
    const line = (trial, what, name, tint, more) => ({ name, color: tint, at: trial.at, band: trial[what], thinned: trial[what].some(([low, high]) => low !== high), ...more });
    const every = ["demand", "ready", "spec"].flatMap((what) => group.trials.map((trial) => line(trial, what, what, "")));
    const slots = (view) => peak(every, view);
    const charts = [];
    let id = 0;
    const add = (title, lines, options) => { id += 1; charts.push(chart(group, box, title, lines, { id, ...options })); };
    for (const trial of group.trials) {
      add(`Demand and slots, ${trial.policy}`, [
        line(trial, "ready", "ready slots", color(0)),
        line(trial, "spec", "slots of spec.replicas", color(3), { dashed: true }),
        line(trial, "demand", "jobs that run or wait", color(1)),
      ], { most: slots });
    }
    for (const sum of group.sums) {
      const lines = sum.lines.map((one, place) => ({ name: one.policy, color: color(place), at: one.at, band: one.band, thinned: one.band.some(([low, high]) => low !== high) }));
      add(sum.limit === null ? sum.title : `${sum.title} (dashed: all there are)`, lines, { limits: sum.limit === null ? [] : [sum.limit], most: () => sum.limit || 0 });
    }
    if (group.trials.length) ofPolicies(group, add, line);
    let view = [group.from, group.to], start;
    const draw = (hover) => charts.forEach((one) => one.draw(view, hover));
    reset.addEventListener("click", () => { view = [group.from, group.to]; draw(); });
    for (const one of charts) {
      one.svg.addEventListener("pointerdown", (event) => { start = one.time(event, view); });
      one.svg.addEventListener("pointermove", (event) => {
        const at = one.time(event, view);
        draw(at);
        if (start !== undefined && event.buttons) {
          const frame = one.svg.viewBox.baseVal.width - LEFT - RIGHT;
          const place = (when) => LEFT + (when - view[0]) / (view[1] - view[0]) * frame;
          node("rect", { x: Math.min(place(start), place(at)), width: Math.abs(place(at) - place(start)), y: TOP, height: 140, class: "pick" }, one.svg);
        }
        read.textContent = `${new Date(at * 1000).toISOString().slice(0, 19).replace("T", " ")} · ${one.lines.map((each) => `${each.name} ${value(each, at)}`).join(" · ")}`;
      });
      one.svg.addEventListener("pointerup", (event) => {
        const end = one.time(event, view);
        if (start !== undefined && Math.abs(end - start) > (view[1] - view[0]) / 50) view = [Math.min(start, end), Math.max(start, end)];
        start = undefined;
        draw();
      });
      one.svg.addEventListener("pointerleave", () => { start = undefined; draw(); });
      one.svg.addEventListener("dblclick", () => { view = [group.from, group.to]; draw(); });
    }
    draw();
    addEventListener("resize", () => draw());
    survival(group, box);
  });
})();

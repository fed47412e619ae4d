// Search over rules, targets, commands and fields. Without this script every page is there anyway.
"use strict";
(() => {
  // name, kind, path below the site's folder, words
  const entries = [
    /* entries */
  ];
  const most = 12;
  const place = document.querySelector("header search");
  if (!place) return;

  const make = (name, facts, ...inner) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(facts)) node.setAttribute(key, value);
    node.append(...inner);
    return node;
  };
  const input = make("input", { type: "search", placeholder: "Search", "aria-label": "Search rules, targets, commands and fields", autocomplete: "off", spellcheck: "false" });
  const list = make("ul", { id: "results" });
  const said = make("p", { role: "status", class: "status" });
  const box = make("div", { class: "results", hidden: "" }, said, list);
  place.append(input, box);
  place.hidden = false;

  // the more of the name a word is, the better; every word must be found somewhere
  const score = ([name, , , text], words) => {
    let sum = 0;
    for (const word of words) {
      const at = name.toLowerCase().indexOf(word);
      if (at === 0) sum += 6 + word.length / name.length;
      else if (at > 0) sum += 4 + word.length / name.length;
      else if (text.toLowerCase().includes(word)) sum += 1;
      else return 0;
    }
    return sum;
  };

  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    box.hidden = words.length === 0;
    const found = entries
      .map((entry, index) => [score(entry, words), index, entry])
      .filter(([sum]) => sum > 0)
      .sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    const links = found.slice(0, most).map(([, , [name, kind, path, text]]) =>
      make("li", {}, make("a", { href: place.dataset.root + path }, make("code", {}, name), make("small", {}, kind), make("span", {}, text))));
    list.replaceChildren(...links);
    said.textContent = found.length === 0 ? "Nothing found" : found.length > most ? `${most} of ${found.length}` : "";
  };

  input.addEventListener("input", show);
  input.addEventListener("focus", show);
  const links = () => [input, ...list.querySelectorAll("a")];
  place.addEventListener("keydown", (event) => {
    const all = links();
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") {
      box.hidden = true;
      input.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      all[(at + step + all.length) % all.length].focus();
      event.preventDefault();
    } else if (event.key === "Enter" && at === 0 && all.length > 1) {
      all[1].click();
      event.preventDefault();
    }
  });
  document.addEventListener("click", (event) => {
    // a result that leads to a field of this very page leaves the list open otherwise
    if (!place.contains(event.target) || event.target.closest("a")) box.hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      input.focus();
      event.preventDefault();
    }
  });
})();

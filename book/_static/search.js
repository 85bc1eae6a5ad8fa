/* Search over searchdata.js, which the build wrote: [page, anchor, title, heading, text]. */
"use strict";
(() => {
  const query = (new URLSearchParams(location.search).get("q") || "").trim();
  const list = document.querySelector("[data-results]");
  const count = document.querySelector("[data-count]");
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  for (const input of document.querySelectorAll("input[name=q]")) input.value = query;
  if (!query) return;
  document.title = `${query} – ${document.title}`;
  const words = plain(query).split(/\s+/);
  const escaped = query.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(${escaped.join("|")})`, "giu");

  // Every word has to occur; a word in the heading counts most, at its beginning more.
  function score([, , title, heading, text]) {
    const [inTitle, inHeading, inText] = [title, heading, text].map((part) => ` ${plain(part)}`);
    let total = 0;
    for (const word of words) {
      const hits = inText.split(word).length - 1;
      const found = 12 * inHeading.includes(` ${word}`) + 6 * inHeading.includes(word)
        + 4 * inTitle.includes(word) + Math.min(hits, 5) + 2 * inText.includes(` ${word}`);
      if (!found) return 0;
      total += found;
    }
    return total;
  }
  function excerpt(text) {
    const place = Math.max(0, text.search(pattern));
    const start = place < 80 ? 0 : text.lastIndexOf(" ", place - 60) + 1;
    return (start ? "… " : "") + text.slice(start, start + 220) + (text.length > start + 220 ? " …" : "");
  }
  function marked(text) {
    const node = document.createElement("p");
    text.split(pattern).forEach((part, i) => {
      if (i % 2) node.append(Object.assign(document.createElement("mark"), { textContent: part }));
      else node.append(part);
    });
    return node;
  }
  const found = window.searchData
    .map((entry) => [score(entry), entry])
    .filter(([points]) => points)
    .sort(([a], [b]) => b - a)
    .slice(0, 40);
  count.textContent = found.length
    ? `${found.length === 40 ? "The best 40" : found.length} ${found.length === 1 ? "section" : "sections"} for “${query}”`
    : `No section holds “${query}”. Try a single word, or a part of it.`;
  for (const [, [page, anchor, title, heading, text]] of found) {
    const link = Object.assign(document.createElement("a"), {
      href: `${page}.html#${anchor}`,
      textContent: heading === title ? title : `${title}: ${heading}`,
    });
    const item = document.createElement("li");
    item.append(link, marked(excerpt(text)));
    list.append(item);
  }
})();

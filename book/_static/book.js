/* The page around the text: theme, progress, copy buttons, keyboard access to what scrolls. */
"use strict";
(() => {
  const STORE = "from-neuron-to-diffusion"; // shared with lessons_lib/demos/kit.js
  const { documentElement: root, body } = document;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };

  // ---- theme: system, light, dark --------------------------------------------------
  const themeButton = document.querySelector(".theme-button");
  const names = { auto: "as the system", light: "light", dark: "dark" };
  const nameTheme = () => {
    themeButton.setAttribute("aria-label", `Colour theme: ${names[root.dataset.choice]}`);
    themeButton.title = themeButton.getAttribute("aria-label");
  };
  themeButton.addEventListener("click", () => {
    const order = ["auto", "light", "dark"];
    const choice = order[(order.indexOf(root.dataset.choice) + 1) % 3];
    try {
      if (choice === "auto") localStorage.removeItem("theme");
      else localStorage.setItem("theme", choice);
      window.applyTheme();
    } catch { // storage is blocked: the choice holds for this page
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.choice = choice;
      root.dataset.theme = choice === "auto" ? (dark ? "dark" : "light") : choice;
    }
    nameTheme();
  });
  nameTheme();
  // Paper is light, and every figure is on it.
  addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
    for (const image of document.images) image.loading = "eager";
  });
  addEventListener("afterprint", window.applyTheme);

  // ---- progress --------------------------------------------------------------------
  let memory = {}; // where storage is blocked
  const isPlain = (value) => value && typeof value === "object" && !Array.isArray(value);
  const load = () => {
    try {
      const found = JSON.parse(localStorage.getItem(STORE) || "{}");
      return isPlain(found) ? found : {};
    } catch {
      return memory;
    }
  };
  const save = (store) => {
    memory = store;
    try {
      localStorage.setItem(STORE, JSON.stringify(store));
    } catch { /* kept in memory */ }
    document.dispatchEvent(new CustomEvent("lesson-progress", { detail: { kind: "", name: "", value: null } }));
  };
  const links = all(".contents a[data-page]");
  const keysOf = (link) => (link.dataset.keys || "").split(" ").filter(Boolean);

  function showProgress() {
    const store = load();
    for (const link of links) {
      for (const old of all(".mark", link)) old.remove();
      const keys = keysOf(link);
      const done = keys.filter((key) => store[key]).length;
      if (done) {
        link.append(make("span", { className: "mark count" },
          make("span", { ariaHidden: "true", textContent: `${done}/${keys.length}` }),
          make("span", { className: "hidden-text", textContent: `, ${done} of ${keys.length} questions and goals done` })));
      }
      if (store[`read:${link.dataset.page}`]) {
        link.append(make("span", { className: "mark read" },
          make("span", { ariaHidden: "true", textContent: "✓" }),
          make("span", { className: "hidden-text", textContent: ", read" })));
      }
    }
    const keys = links.flatMap(keysOf);
    const lessons = links.filter((link) => "lesson" in link.dataset);
    const read = lessons.filter((link) => store[`read:${link.dataset.page}`]).length;
    const done = keys.filter((key) => store[key]).length;
    document.querySelector("[data-summary]").textContent =
      `${read} of ${lessons.length} lessons read, ${done} of ${keys.length} questions and goals done.`;
  }
  document.addEventListener("lesson-progress", showProgress);
  addEventListener("storage", ({ key }) => { if (key === STORE) save(load()); });
  showProgress();

  const end = document.querySelector("[data-end]");
  if (end && "lesson" in body.dataset) {
    const key = `read:${body.dataset.page}`;
    new IntersectionObserver((entries, watch) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      const store = load();
      if (!store[key]) save({ ...store, [key]: true });
    }).observe(end);
  }

  const dialog = document.querySelector("dialog.progress");
  const say = (text) => { dialog.querySelector("[data-said]").textContent = text; };
  document.querySelector(".progress-button").addEventListener("click", () => {
    const contents = document.getElementById("contents");
    if (contents.matches(":popover-open")) contents.hidePopover();
    say("");
    dialog.showModal();
  });
  const acts = {
    export() {
      const text = JSON.stringify(load(), null, 1);
      const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: `${STORE}.json` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      say("Saved as a file.");
    },
    reset() {
      if (!confirm("Forget what you have read and done in this book?")) return;
      save({});
      say("Your progress is empty.");
    },
    async import(input) {
      try {
        const found = JSON.parse(await input.files[0].text());
        if (!isPlain(found)) throw new Error("not an object");
        const known = Object.entries(found).filter(([key]) => /^(read|quiz|predict|challenge):[\w./-]+$/.test(key));
        save({ ...load(), ...Object.fromEntries(known) });
        say(`${known.length} entries taken over.`);
      } catch {
        say("This file holds no progress of this book. Choose a file made by Export.");
      }
      input.value = "";
    },
  };
  for (const act of ["export", "reset"]) {
    dialog.querySelector(`[data-act=${act}]`).addEventListener("click", acts[act]);
  }
  const file = dialog.querySelector("[data-act=import]");
  file.addEventListener("change", () => { if (file.files.length) acts.import(file); });

  // ---- code: copy ------------------------------------------------------------------
  for (const box of all("article .highlight")) {
    const pre = box.querySelector("pre");
    if (!pre || box.closest(".cell_output")) continue;
    const button = make("button", { type: "button", className: "copy", textContent: "Copy", ariaLabel: "Copy the code" });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(pre.textContent.trimEnd());
        button.textContent = "Copied";
      } catch { // not allowed: select it, so that one keystroke copies
        getSelection().selectAllChildren(pre);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    box.append(button);
  }

  // ---- what scrolls sideways is reached by keyboard -----------------------------------
  for (const table of all("article table")) {
    if (table.closest(".fnd, .scroll, .text_html")) continue;
    const box = make("div", { className: "scroll" });
    table.replaceWith(box);
    box.append(table);
  }
  const boxes = all("article pre, article div.math, article .scroll, article .cell_output, article .text_html, .contents, .onpage");
  const reach = () => {
    for (const box of boxes) {
      const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
      if (scrolls) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  new ResizeObserver(reach).observe(body);

  // ---- on this page: open where there is room, the present section marked ---------------
  const onpage = document.querySelector(".onpage");
  if (onpage) {
    const wide = matchMedia("(min-width: 82rem)");
    const fit = () => { onpage.open = wide.matches; };
    wide.addEventListener("change", fit);
    fit();
    onpage.querySelector("summary").addEventListener("click", (event) => { if (wide.matches) event.preventDefault(); });
    const byId = new Map(all("a[href^='#']", onpage).map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
    const heads = all("article section[id]").filter((section) => byId.has(section.id));
    const mark = () => {
      const line = innerHeight * 0.3;
      const here = heads.filter((section) => section.getBoundingClientRect().top < line).pop();
      for (const [id, link] of byId) {
        link.classList.toggle("here", Boolean(here) && id === here.id);
      }
    };
    let waiting = false;
    addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; mark(); });
    }, { passive: true });
    mark();
  }

  // Ctrl+K or Command+K: search.
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      document.querySelector(".top input").focus();
    }
  });
  const current = document.querySelector(".contents [aria-current]");
  if (current) {
    const list = document.getElementById("contents");
    list.scrollTop = Math.max(0, current.offsetTop - list.clientHeight / 2);
  }
})();

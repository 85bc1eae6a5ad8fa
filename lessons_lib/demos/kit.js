// Parts that every demo shares. Plain ES module: no framework, no request, no element ids.
// The build (lessons_lib/demos/__init__.py) drops whole-line comments; keep them on own lines.

const STORE = "from-neuron-to-diffusion";
const THEME_MARKS = ["data-theme", "data-jp-theme-light", "data-vscode-theme-kind", "theme", "class"];

// ---------------------------------------------------------------- elements

function fill(node, props, children) {
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") node.textContent = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// el("p", {class: "fnd-note", text: "Hello"}, child, ...)
export function el(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);
}

// Text with `code` between backticks, as nodes.
export function rich(text) {
  return text.split("`").map((part, index) => (index % 2 ? el("code", { text: part }) : part));
}

// 0.0312 -> "0.031", 12345 -> "12,345", NaN -> "not a number"
export function fmt(value, digits = 3) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value < 0 ? "\u2212\u221e" : "\u221e";
  const size = Math.abs(value);
  let text;
  if (Number.isInteger(value) && size < 1e9) text = value.toLocaleString("en-GB");
  else if (size >= 1e6 || size < 1e-4) text = value.toExponential(Math.max(digits - 2, 1));
  else text = value.toFixed(Math.max(0, size >= 100 ? 1 : size >= 10 ? digits - 1 : digits));
  return text.replace("-", "\u2212");
}

export function clamp(value, low, high) {
  return value < low ? low : value > high ? high : value;
}

// ---------------------------------------------------------------- life of one mounted demo

function isDark() {
  const html = document.documentElement;
  const body = document.body;
  const named = html.dataset.theme || html.getAttribute("theme");
  if (named === "dark" || named === "light") return named === "dark";
  const lab = document.querySelector("[data-jp-theme-light]");
  if (lab) return lab.getAttribute("data-jp-theme-light") === "false";
  const kind = body.className + " " + (body.dataset.vscodeThemeKind || "");
  if (/vscode-(high-contrast-)?light/.test(kind)) return false;
  if (/vscode-(dark|high-contrast)/.test(kind)) return true;
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

// {bg, surface, text, muted, line, grid, accent, blue, orange, green, red, purple}
function readColors(root) {
  const style = getComputedStyle(root);
  const names = "bg surface text muted line grid accent blue orange green red purple".split(" ");
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--fnd-" + name).trim()]));
}

function createLife(root, body) {
  const controller = new AbortController();
  const { signal } = controller;
  const themeHandlers = new Set();
  const pauseHandlers = new Set();
  const life = {
    root, body, signal,
    dark: false,
    colors: {},
    get reducedMotion() { return matchMedia("(prefers-reduced-motion: reduce)").matches; },
    on(target, types, handler, options) {
      for (const type of types.split(" ")) target.addEventListener(type, handler, { ...options, signal });
    },
    onTheme(handler) { themeHandlers.add(handler); },
    onPause(handler) { pauseHandlers.add(handler); },
    onResize(node, handler) {
      const observer = new ResizeObserver(handler);
      observer.observe(node);
      signal.addEventListener("abort", () => observer.disconnect());
    },
    pause() { for (const handler of pauseHandlers) handler(); },
    end() {
      life.pause();
      controller.abort();
    },
  };
  const readTheme = () => {
    life.dark = isDark();
    root.dataset.fndTheme = life.dark ? "dark" : "light";
    life.colors = readColors(root);
    for (const handler of themeHandlers) handler();
  };
  const watch = new MutationObserver(() => { if (isDark() !== life.dark) readTheme(); });
  for (const node of [document.documentElement, document.body]) {
    watch.observe(node, { attributes: true, attributeFilter: THEME_MARKS });
  }
  signal.addEventListener("abort", () => watch.disconnect());
  life.on(matchMedia("(prefers-color-scheme: dark)"), "change", readTheme);
  readTheme();
  return life;
}

// Mounts every root of this demo that is not mounted yet, and again when a front end puts one
// back later (JupyterLab detaches outputs that scroll away). A root that left the document is
// paused at once and taken apart after `hub.grace` milliseconds.
export function host(key, mount, css) {
  const hub = window.fndDemos;
  const lives = new Map();
  let pending = 0;

  function start(root) {
    const data = root.querySelector("[data-fnd-state]");
    if (!data) return;
    if (data.dataset.fndSrc) { loadWhenNear(root, data); return; }
    const style = el("style", { text: css });
    const body = el("div", { class: "fnd-body" });
    const fallback = root.querySelector(".fnd-fallback");
    root.dataset.fndMounted = "";
    root.append(style, body);
    const life = createLife(root, body);
    lives.set(root, { life, body, style, fallback, goneAt: 0 });
    if (fallback) fallback.hidden = true;
    try {
      mount(body, JSON.parse(data.textContent), life);
    } catch (error) {
      // The figure and the sentence stay; the reason goes to the console.
      stop(root);
      root.dataset.fndMounted = "failed";
      console.error("demo " + key + " did not start", error);
    }
  }

  function stop(root) {
    const { life, body, style, fallback } = lives.get(root);
    lives.delete(root);
    life.end();
    body.remove();
    style.remove();
    if (fallback) fallback.hidden = false;
    delete root.dataset.fndMounted;
  }

  function scan() {
    pending = 0;
    for (const [root, entry] of lives) {
      if (root.isConnected) { entry.goneAt = 0; continue; }
      const now = Date.now();
      if (!entry.goneAt) { entry.goneAt = now; entry.life.pause(); }
      const left = entry.goneAt + (hub.grace ?? 30000) - now;
      if (left <= 0) stop(root);
      else later(Math.min(left, 1000));
    }
    for (const root of document.querySelectorAll(`[data-fnd-demo="${key}"]:not([data-fnd-mounted])`)) {
      start(root);
    }
  }
  function later(delay) {
    if (!pending) pending = setTimeout(scan, delay);
  }
  new MutationObserver(() => later(200)).observe(document.documentElement, { childList: true, subtree: true });
  return () => { scan(); return true; };
}

// The built page keeps large states (trained weights) in files of their own. The file fills
// `data`, which the observer of `host` notices.
function loadWhenNear(root, data) {
  if (data.dataset.fndWaits) return;
  data.dataset.fndWaits = "yes";
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    root.append(el("script", { src: data.dataset.fndSrc }));
  }, { rootMargin: "600px" });
  watch.observe(root);
}

// ---------------------------------------------------------------- controls

// Each control: first argument `life`, then its options; gives {node, value}. Setting `value`
// does not call `onInput`.

// Range slider. Either {min, max, step} or {values: [...]} for a list of fixed values.
export function slider(life, { label, min, max, step, values, value, format, onInput }) {
  const digits = step ? (String(step).split(".")[1] || "").length : 3;
  const inWords = format || ((number) => (values ? String(number) : number.toFixed(digits).replace("-", "\u2212")));
  const shown = el("span", { class: "fnd-value" });
  const input = el("input", {
    type: "range", "aria-label": label,
    min: values ? 0 : min, max: values ? values.length - 1 : max, step: values ? 1 : step ?? "any",
  });
  const read = () => (values ? values[Number(input.value)] : Number(input.value));
  const show = () => {
    shown.textContent = inWords(read());
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  const write = (next) => {
    input.value = values ? Math.max(0, values.indexOf(next)) : next;
    show();
  };
  life.on(input, "input", () => { show(); if (onInput) onInput(read()); });
  write(value ?? (values ? values[0] : min));
  const node = el("label", { class: "fnd-field" },
    el("span", { class: "fnd-label" }, el("span", { text: label }), shown), input);
  return { node, input, get value() { return read(); }, set value(next) { write(next); } };
}

function normalise(options) {
  return options.map((option) => (Array.isArray(option) ? option : [option, String(option)]));
}

// Drop-down. options: ["a", "b"] or [[value, "text"], ...]; values may be of any type.
export function select(life, { label, options, value, onInput }) {
  const pairs = normalise(options);
  const input = el("select", { "aria-label": label },
    ...pairs.map(([, text], index) => el("option", { value: index, text })));
  const write = (next) => { input.value = Math.max(0, pairs.findIndex(([item]) => item === next)); };
  const read = () => pairs[Number(input.value)][0];
  write(value ?? pairs[0][0]);
  life.on(input, "change", () => { if (onInput) onInput(read()); });
  const node = el("label", { class: "fnd-field" }, el("span", { class: "fnd-label", text: label }), input);
  return { node, input, get value() { return read(); }, set value(next) { write(next); } };
}

let groups = 0;

// Segmented buttons: one of a few. Native radio buttons, so arrow keys work.
export function segmented(life, { label, options, value, onInput, hideLabel = false }) {
  const pairs = normalise(options);
  const name = `fnd-group-${groups += 1}-${Math.floor(Math.random() * 1e9)}`;
  const inputs = pairs.map((_, index) => el("input", { type: "radio", name, value: index }));
  const write = (next) => inputs.forEach((input, index) => { input.checked = pairs[index][0] === next; });
  const read = () => pairs[Math.max(0, inputs.findIndex((input) => input.checked))][0];
  write(value ?? pairs[0][0]);
  for (const input of inputs) life.on(input, "change", () => { if (onInput) onInput(read()); });
  const node = el("fieldset", { class: "fnd-field fnd-segmented" },
    el("legend", { class: hideLabel ? "fnd-hidden" : "fnd-label", text: label }),
    el("div", { class: "fnd-segments" },
      ...pairs.map(([, text], index) => el("label", {}, inputs[index], el("span", { text })))));
  return { node, inputs, get value() { return read(); }, set value(next) { write(next); } };
}

// On or off, as a check box.
export function toggle(life, { label, value = false, onInput }) {
  const input = el("input", { type: "checkbox" });
  input.checked = value;
  life.on(input, "change", () => { if (onInput) onInput(input.checked); });
  const node = el("label", { class: "fnd-check" }, input, el("span", { text: label }));
  return { node, input, get value() { return input.checked; }, set value(next) { input.checked = next; } };
}

// {label, title: longer explanation, primary, icon, onClick}. The name that a screen reader says
// begins with what stands on the button, unless that is a mere sign such as "+".
export function button(life, { label, title, primary, icon, onClick }) {
  const text = el("span", { text: label });
  const node = el("button", {
    type: "button", class: primary ? "fnd-button fnd-primary" : "fnd-button", title,
    "aria-label": title && (label.length > 1 ? `${label}: ${title}` : title),
  }, icon ? el("span", { class: "fnd-icon", "aria-hidden": "true", text: icon }) : null, text);
  if (onClick) life.on(node, "click", onClick);
  return {
    node,
    get label() { return text.textContent; },
    set label(next) {
      text.textContent = next;
      if (title) node.setAttribute("aria-label", `${next}: ${title}`);
    },
    set icon(next) { node.firstChild.textContent = next; },
  };
}

// Whole number (or multiples of `step`) with minus and plus.
export function stepper(life, { label, min = 0, max = 10, step = 1, value = min, onInput }) {
  const input = el("input", { type: "number", min, max, step, value, inputmode: "numeric", "aria-label": label });
  let current = value;
  const write = (next) => {
    current = clamp(Math.round(next / step) * step, min, max);
    input.value = current;
    less.disabled = current <= min;
    more.disabled = current >= max;
  };
  const change = (next) => {
    const before = current;
    write(Number.isFinite(next) ? next : before);
    if (current !== before && onInput) onInput(current);
  };
  const less = el("button", { type: "button", "aria-label": `${label}: less`, text: "\u2212" });
  const more = el("button", { type: "button", "aria-label": `${label}: more`, text: "+" });
  life.on(less, "click", () => change(current - step));
  life.on(more, "click", () => change(current + step));
  life.on(input, "change", () => change(input.value === "" ? NaN : Number(input.value)));
  write(value);
  const node = el("div", { class: "fnd-field" }, el("span", { class: "fnd-label", text: label }),
    el("div", { class: "fnd-stepper" }, less, input, more));
  return { node, input, get value() { return current; }, set value(next) { write(next); } };
}

// One line of text: seen at once, announced by screen readers politely, at most every 1.5 s.
export function status(life, text = "") {
  const shown = el("span", { "aria-hidden": "true", text });
  const said = el("span", { class: "fnd-hidden", role: "status", "aria-live": "polite" });
  let timer = 0;
  const announce = () => { timer = 0; said.textContent = shown.textContent; };
  life.signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    node: el("p", { class: "fnd-status" }, shown, said),
    say(next) {
      if (next === shown.textContent) return;
      shown.textContent = next;
      if (!timer) timer = setTimeout(announce, 1500);
    },
  };
}

// ---------------------------------------------------------------- drawing

// Canvas with sharp pixels. draw(context, width, height) works in CSS pixels and is called on
// resize, theme change and redraw(). `aspect` is width / height; or give `height` in pixels.
// `label` is what a screen reader says; change it through `.label` when the picture changes.
export function canvas(life, { label, aspect, height, draw, focusable = false }) {
  const node = el("canvas", {
    class: "fnd-canvas", role: "img", "aria-label": label, tabindex: focusable ? "0" : null,
  });
  if (aspect) node.style.aspectRatio = String(aspect);
  else node.style.height = `${height}px`;
  const context = node.getContext("2d");
  let frame = 0;
  const paint = () => {
    frame = 0;
    const { clientWidth: wide, clientHeight: high } = node;
    if (!wide || !high) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 3);
    const [w, h] = [Math.round(wide * ratio), Math.round(high * ratio)];
    if (node.width !== w || node.height !== h) { node.width = w; node.height = h; }
    context.setTransform(w / wide, 0, 0, h / high, 0, 0);
    context.clearRect(0, 0, wide, high);
    draw(context, wide, high);
  };
  const redraw = () => { if (!frame) frame = requestAnimationFrame(paint); };
  life.onResize(node, redraw);
  life.onTheme(redraw);
  life.onPause(() => { cancelAnimationFrame(frame); frame = 0; });
  return {
    node, redraw, paint,
    get label() { return node.getAttribute("aria-label"); },
    set label(next) { node.setAttribute("aria-label", next); },
  };
}

// Pointer events with coordinates in CSS pixels of the node, mouse and touch alike:
// pointer(life, node, {down(x, y, event), move(x, y, event), up(x, y, event), hover(x, y), leave()}).
export function pointer(life, node, handlers) {
  const call = (name, event) => {
    if (!handlers[name]) return;
    const box = node.getBoundingClientRect();
    handlers[name](event.clientX - box.left, event.clientY - box.top, event);
  };
  let held = false;
  if (handlers.down || handlers.move) node.style.touchAction = "none";
  life.on(node, "pointerdown", (event) => {
    if (event.button !== 0 || !(handlers.down || handlers.move)) return;
    held = true;
    node.setPointerCapture(event.pointerId);
    call("down", event);
  });
  life.on(node, "pointermove", (event) => call(held ? "move" : "hover", event));
  life.on(node, "pointerup pointercancel", (event) => {
    if (held) call("up", event);
    held = false;
  });
  life.on(node, "pointerleave", () => { if (handlers.leave) handlers.leave(); });
}

// keys(life, node, {ArrowLeft(event) {...}, Enter() {...}}): a handled key does not scroll the page.
export function keys(life, node, handlers) {
  life.on(node, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !handlers[event.key]) return;
    event.preventDefault();
    handlers[event.key](event);
  });
}

// Colour-blind-safe diverging scale, blue (-1) to orange (+1) as in the book's figures.
const SCALE = {
  light: [[5, 90, 160], [84, 160, 214], [190, 220, 240], [247, 247, 247], [254, 224, 182], [241, 163, 64], [179, 88, 6]],
  dark: [[120, 196, 255], [42, 124, 190], [30, 72, 110], [30, 35, 42], [110, 66, 30], [206, 112, 30], [255, 178, 92]],
};
const tables = {};

// Return 256 packed RGBA pixels of the scale.
function table(dark) {
  const name = dark ? "dark" : "light";
  if (tables[name]) return tables[name];
  const stops = SCALE[name];
  const packed = new Uint32Array(256);
  const bytes = new Uint8ClampedArray(packed.buffer);
  for (let i = 0; i < 256; i += 1) {
    const at = (i / 255) * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    for (let c = 0; c < 3; c += 1) {
      bytes[4 * i + c] = stops[low][c] + (at - low) * (stops[low + 1][c] - stops[low][c]);
    }
    bytes[4 * i + 3] = 255;
  }
  tables[name] = packed;
  return packed;
}

// One colour of the diverging scale as CSS; value in [-1, 1].
export function diverging(value, dark) {
  const bytes = new Uint8Array(table(dark).buffer);
  const at = 4 * Math.round((clamp(value, -1, 1) + 1) * 127.5);
  return `rgb(${bytes[at]},${bytes[at + 1]},${bytes[at + 2]})`;
}

// A small picture of numbers: field(columns, rows) -> {image, paint(values, low, high, dark, steps)}.
// Draw it with context.drawImage(field.image, 0, 0, width, height). values are row by row from the
// top; low..high spans the diverging scale; `steps` > 0 rounds to that many colours.
export function field(columns, rows) {
  const image = document.createElement("canvas");
  image.width = columns;
  image.height = rows;
  const context = image.getContext("2d");
  const data = context.createImageData(columns, rows);
  const pixels = new Uint32Array(data.data.buffer);
  return {
    image,
    paint(values, low, high, dark, steps = 0) {
      const lut = table(dark);
      const factor = 255 / (high - low);
      const bin = steps ? 255 / steps : 0;
      for (let i = 0; i < pixels.length; i += 1) {
        let at = (values[i] - low) * factor;
        at = at < 0 ? 0 : at > 255 ? 255 : at;
        if (bin) at = Math.min(steps - 1, Math.floor(at / bin)) * (255 / (steps - 1));
        pixels[i] = lut[Math.round(at)] || lut[128];
      }
      context.putImageData(data, 0, 0);
    },
  };
}

function niceStep(span, count) {
  const raw = span / Math.max(count, 1);
  const unit = 10 ** Math.floor(Math.log10(raw));
  return unit * ([1, 2, 5, 10].find((factor) => factor * unit >= raw) || 10);
}

// Round tick values inside [low, high].
export function ticks(low, high, count = 4) {
  if (!(high > low)) return [low];
  const step = niceStep(high - low, count);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) found.push(Number((i * step).toPrecision(12)));
  return found;
}

// Frame with axes in a canvas; gives {x(value), y(value), clip()}: data to CSS pixels.
export function axes(context, colors, { width, height, x: [x0, x1], y: [y0, y1], xLabel = "", yLabel = "", left = 40, bottom = xLabel ? 36 : 22, top = 10, right = 10 }) {
  const map = {
    x: (value) => left + ((value - x0) / (x1 - x0)) * (width - left - right),
    y: (value) => height - bottom - ((value - y0) / (y1 - y0)) * (height - top - bottom),
    // Keeps what is drawn next inside the frame, until context.restore().
    clip() {
      context.save();
      context.beginPath();
      context.rect(left, top, width - left - right, height - top - bottom);
      context.clip();
    },
  };
  context.save();
  context.font = "12px system-ui, sans-serif";
  context.lineWidth = 1;
  context.strokeStyle = colors.grid;
  context.fillStyle = colors.muted;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const value of ticks(x0, x1, Math.max(2, (width - left) / 70))) {
    const at = Math.round(map.x(value)) + 0.5;
    context.beginPath();
    context.moveTo(at, top);
    context.lineTo(at, height - bottom);
    context.stroke();
    context.fillText(fmt(value, Math.abs(x1 - x0) < 1 ? 2 : 1), at, height - bottom + 5);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of ticks(y0, y1, Math.max(2, (height - bottom) / 45))) {
    const at = Math.round(map.y(value)) + 0.5;
    context.beginPath();
    context.moveTo(left, at);
    context.lineTo(width - right, at);
    context.stroke();
    context.fillText(fmt(value, Math.abs(y1 - y0) < 1 ? 2 : 1), left - 6, at);
  }
  context.textAlign = "right";
  context.textBaseline = "bottom";
  context.fillText(xLabel, width - right, height - 1);
  context.textAlign = "left";
  context.textBaseline = "top";
  if (yLabel) {
    context.fillStyle = colors.bg;
    context.fillRect(left + 2, top, context.measureText(yLabel).width + 6, 16);
    context.fillStyle = colors.muted;
    context.fillText(yLabel, left + 5, top + 1);
  }
  context.restore();
  return map;
}

// Small line chart. series: [{name, color: "blue", dash: [4, 3]}]; color names a theme colour.
// chart.set([[...values], ...], xs): one array per series; xs defaults to 0, 1, 2, ...
export function chart(life, { label, series, height = 160, aspect, xLabel = "", yLabel = "", min = null, max = null }) {
  let data = series.map(() => []);
  let positions = null;
  const range = () => {
    let [low, high, last] = [Infinity, -Infinity, 1];
    data.forEach((values) => {
      last = Math.max(last, values.length - 1);
      for (const value of values) if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
    });
    if (!(low <= high)) [low, high] = [0, 1];
    const x = positions && positions.length > 1 ? [positions[0], positions[positions.length - 1]] : [0, last];
    const y = [min ?? low, max ?? high];
    if (y[1] - y[0] < 1e-9) y[1] = y[0] + 1;
    return { x, y };
  };
  const view = canvas(life, {
    label, height, aspect,
    draw(context, width, high) {
      const { colors } = life;
      const map = axes(context, colors, { width, height: high, ...range(), xLabel, yLabel });
      data.forEach((values, which) => {
        context.beginPath();
        context.setLineDash(series[which].dash || []);
        context.lineWidth = 2;
        context.lineJoin = "round";
        context.strokeStyle = colors[series[which].color] || series[which].color;
        const stride = Math.max(1, Math.floor(values.length / (2 * width)));
        for (let i = 0; i < values.length; i += stride) {
          if (Number.isFinite(values[i])) context.lineTo(map.x(positions ? positions[i] : i), map.y(values[i]));
        }
        context.stroke();
      });
      context.setLineDash([]);
    },
  });
  const legend = el("div", { class: "fnd-legend" }, ...series.map(({ name, color, dash }) =>
    el("span", {}, el("i", { class: dash ? "fnd-key fnd-dash" : "fnd-key", style: `--key:var(--fnd-${color})` }), name)));
  return {
    node: el("div", { class: "fnd-chart" }, legend, view.node), view,
    set(values, xs = null) { data = values; positions = xs; view.redraw(); },
  };
}

// ---------------------------------------------------------------- time

// Animation: frame(seconds since the last frame, time in ms). It stops while the demo is out of
// sight or out of the document. {start, stop, toggle, running}; `autoplay` starts by itself
// only for readers who did not ask for reduced motion.
export function loop(life, frame, { autoplay = false, onChange } = {}) {
  let running = false;
  let visible = true;
  let request = 0;
  let last = 0;
  const tick = (now) => {
    request = 0;
    const seconds = last ? Math.min((now - last) / 1000, 0.1) : 1 / 60;
    last = now;
    frame(seconds, now);
    next();
  };
  const next = () => { if (running && visible && !request) request = requestAnimationFrame(tick); };
  const set = (value) => {
    if (running === value) return;
    running = value;
    last = 0;
    if (!running) { cancelAnimationFrame(request); request = 0; }
    next();
    if (onChange) onChange(running);
  };
  const watch = new IntersectionObserver((entries) => {
    visible = entries[entries.length - 1].isIntersecting;
    last = 0;
    next();
  }, { rootMargin: "100px" });
  watch.observe(life.root);
  life.signal.addEventListener("abort", () => watch.disconnect());
  life.onPause(() => set(false));
  if (autoplay && !life.reducedMotion) set(true);
  return { start: () => set(true), stop: () => set(false), toggle: () => set(!running), get running() { return running; } };
}

// ---------------------------------------------------------------- progress and challenges

let memory = {};

function readStore() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE) || "{}");
    return found && typeof found === "object" ? { ...memory, ...found } : memory;
  } catch {
    return memory;
  }
}

// Progress is one flat JSON object, {"challenge:networks.xor": true, ...}, in the reader's browser.
export function getProgress(kind, name) {
  return readStore()[`${kind}:${name}`];
}

export function setProgress(kind, name, value) {
  const store = { ...readStore(), [`${kind}:${name}`]: value };
  memory = store;
  try {
    localStorage.setItem(STORE, JSON.stringify(store));
  } catch {
    // Storage is blocked or full: progress lasts as long as the page.
  }
  document.dispatchEvent(new CustomEvent("lesson-progress", { detail: { kind, name, value } }));
}

// A goal inside a demo. name: "<lesson>.<name>"; check(facts) says whether it is reached.
// Call .test(facts) whenever the demo changed; once done it stays done.
export function challenge(life, { name, text, check }) {
  const mark = el("span", { class: "fnd-mark", "aria-hidden": "true" });
  const word = el("span", { class: "fnd-word" });
  const node = el("li", { class: "fnd-challenge" }, mark, el("span", {}, word, " ", text));
  let done = false;
  const show = () => {
    node.classList.toggle("fnd-done", done);
    mark.textContent = done ? "\u2713" : "\u25cb";
    word.textContent = done ? "Challenge reached." : "Challenge.";
  };
  const refresh = () => { done = Boolean(getProgress("challenge", name)); show(); };
  refresh();
  life.on(document, "lesson-progress", refresh);
  return {
    node, name, check,
    get done() { return done; },
    test(facts) {
      if (done || !check(facts)) return done;
      setProgress("challenge", name, true);
      return true;
    },
  };
}

// A list of challenges: challenges(life, [{name, text, check}, ...]) -> {node, test(facts)};
// reaching one is announced.
export function challenges(life, list) {
  const items = list.map((item) => challenge(life, item));
  const said = el("span", { class: "fnd-hidden", role: "status", "aria-live": "polite" });
  return {
    node: el("div", {}, el("ul", { class: "fnd-challenges" }, ...items.map((item) => item.node)), said),
    items,
    test(facts) {
      items.forEach((item, i) => {
        if (!item.done && item.test(facts)) said.textContent = `Challenge reached: ${list[i].text}`;
      });
    },
  };
}

// ---------------------------------------------------------------- numbers

// Seeded random numbers: const random = rng(7); random() in [0, 1), random.normal(),
// random.integer(n), random.shuffle(array) in place. Generator: mulberry32, public domain.
export function rng(seed) {
  let state = seed >>> 0;
  let spare = null;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  random.integer = (high) => Math.floor(random() * high);
  random.normal = () => {
    if (spare !== null) { const value = spare; spare = null; return value; }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  random.shuffle = (array) => {
    for (let i = array.length - 1; i > 0; i -= 1) {
      const j = random.integer(i + 1);
      [array[i], array[j]] = [array[j], array[i]];
    }
    return array;
  };
  return random;
}

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// What Python's pack(array, dtype) made: {dtype, shape, data, scale} -> Float32Array
// (float16, float32, int8 times scale) or Uint8Array (uint8).
export function unpack({ dtype, data, scale = 1 }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const { buffer } = bytes;
  if (dtype === "uint8") return bytes;
  if (dtype === "float32") return new Float32Array(buffer);
  if (dtype === "int8") return Float32Array.from(new Int8Array(buffer), (value) => value * scale);
  if (dtype === "float16") return Float32Array.from(new Uint16Array(buffer), half);
  throw new Error(`dtype must be float16, float32, int8 or uint8, got ${dtype}`);
}

// Logits to probabilities.
export function softmax(logits) {
  const high = Math.max(...logits);
  const parts = Float64Array.from(logits, (logit) => Math.exp(logit - high));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}

// What Python's pack_rows(state_dict) made -> {name: {values, shape}}. Tensors with two or more
// dimensions are int8 with one scale for each row, the others float16.
export function unpackRows({ table, quanta, scales, halves }) {
  const bytes = new Int8Array(unpack(quanta).buffer);
  const factors = unpack(scales);
  const small = unpack(halves);
  const found = {};
  let [byte, row, place] = [0, 0, 0];
  for (const [name, shape] of table) {
    const size = shape.reduce((a, b) => a * b, 1);
    let values;
    if (shape.length > 1) {
      const width = size / shape[0];
      values = new Float32Array(size);
      for (let i = 0; i < size; i += 1) values[i] = bytes[byte + i] * factors[row + Math.floor(i / width)];
      byte += size;
      row += shape[0];
    } else {
      values = small.slice(place, place + size);
      place += size;
    }
    found[name] = { values, shape };
  }
  return found;
}

// What the Playground shows: the network as a diagram of buttons and lines, and one picture large.

import { canvas, diverging, el, field, fmt, keys } from "./kit.js";
import { BLOCK, toBatches } from "./network.js";
import { FEATURES, featureRows } from "./points.js";
import { MAX_NEURONS } from "./playground_state.js";

const GRID = 100;
const THUMB = 50;
const REACH = 6;

// Coordinates of the pixels of a GRID x GRID picture, row by row from the top.
function gridAxis(vertical) {
  return Float64Array.from({ length: GRID * GRID }, (_, k) => {
    const at = (vertical ? GRID - 1 - Math.floor(k / GRID) : k % GRID) / (GRID - 1);
    return (2 * at - 1) * REACH;
  });
}

// Pictures of all features and all neurons over the plane.
export function createPictures() {
  const [across, up] = [gridAxis(false), gridAxis(true)];
  const names = Object.keys(FEATURES);
  const rows = featureRows(names, across, up);
  const features = Object.fromEntries(names.map((name, i) => [name, Float32Array.from(rows[i])]));
  let batches = [];
  let layers = [];
  return {
    features, across, up,
    get layers() { return layers; },
    build({ features: used, hidden }) {
      batches = toBatches(used.map((name) => rows[names.indexOf(name)]), new Float64Array(GRID * GRID), BLOCK);
      layers = [used.length, ...hidden, 1].map((size) => Array.from({ length: size }, () => new Float32Array(GRID * GRID)));
    },
    compute(network) { network.pictures(batches, layers); },
  };
}

function largest(values) {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most || 1;
}

function thumbnail() {
  const picture = field(THUMB, THUMB);
  const small = new Float32Array(THUMB * THUMB);
  picture.image.setAttribute("aria-hidden", "true");
  return {
    image: picture.image,
    paint(values, dark) {
      for (let r = 0; r < THUMB; r += 1) {
        for (let c = 0; c < THUMB; c += 1) small[r * THUMB + c] = values[2 * r * GRID + 2 * c];
      }
      const most = largest(small);
      picture.paint(small, -most, most, dark);
    },
  };
}

// In words: where a picture is high, for readers who cannot see it.
export function describe(values, across, up) {
  let [low, high, positive, right, top, middle, total] = [Infinity, -Infinity, 0, 0, 0, 0, 0];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  values.forEach((value, k) => {
    low = Math.min(low, value);
    high = Math.max(high, value);
    positive += value > 0 ? 1 : 0;
    right += (value - mean) * across[k];
    top += (value - mean) * up[k];
    middle -= (value - mean) * (across[k] ** 2 + up[k] ** 2);
    total += (value - mean) ** 2;
  });
  if (high - low < 1e-6) return `the same everywhere, ${fmt(high, 2)}`;
  // Correlations with the coordinates (variance REACH^2 / 3 each) and with the squared distance
  // from the middle (variance 8 REACH^4 / 45).
  const scale = Math.sqrt(total * values.length / 3) * REACH;
  const round = middle / (Math.sqrt(total * values.length * 8 / 45) * REACH * REACH);
  const words = [
    top / scale > 0.3 ? "upwards" : top / scale < -0.3 ? "downwards" : "",
    right / scale > 0.3 ? "to the right" : right / scale < -0.3 ? "to the left" : "",
  ].filter(Boolean);
  const ring = round > 0.5 ? "highest around the middle" : round < -0.5 ? "lowest around the middle" : "";
  const rise = ring || (words.length ? `rising ${words.join(" and ")}` : "without a single direction");
  return `from ${fmt(low, 2)} to ${fmt(high, 2)}, positive on ${Math.round((100 * positive) / values.length)} % of the plane, ${rise}`;
}

export function nameOf({ kind, name, layer, index }, run) {
  if (kind === "feature") return `Input ${FEATURES[name][0]}`;
  return layer === run.settings.hidden.length + 1 ? "Output" : `Hidden layer ${layer}, neuron ${index + 1}`;
}

// act: {feature(name), select(spot), preview(spot or null), neurons(layer, change), layers(change)}
export function createDiagram(life, pictures, act) {
  let run = null;
  let cells = [];
  let lines = [];
  let current = null;
  const columns = el("div", { class: "fnd-columns", role: "group", "aria-label": "Network. Arrow keys move between inputs and neurons, Enter chooses." });
  const wires = canvas(life, { label: "Weights", height: 10, draw: drawWires });
  wires.node.classList.add("fnd-wires");
  const node = el("div", { class: "fnd-net" }, wires.node, columns);
  const thumbs = new Map();
  life.onResize(columns, measure);
  for (const name of Object.keys(FEATURES)) thumbs.set(name, thumbnail());
  const paintFeatures = () => { for (const [name, values] of Object.entries(pictures.features)) thumbs.get(name).paint(values, life.dark); };
  life.onTheme(paintFeatures);
  paintFeatures();

  function cell(spot, thumb, props, text = null) {
    const button = el("button", { type: "button", class: "fnd-cell", tabindex: "-1", ...props }, text && el("span", { text }), thumb.image);
    button.addEventListener("pointerenter", () => act.preview(spot));
    button.addEventListener("pointerleave", () => act.preview(null));
    button.addEventListener("focus", () => { roam(button); act.preview(spot); });
    button.addEventListener("blur", () => act.preview(null));
    return { spot, button, thumb, box: null };
  }

  function small(key, label, text, disabled, onClick) {
    const button = el("button", { type: "button", "aria-label": label, title: label, text, disabled, "data-key": key });
    button.addEventListener("click", onClick);
    return button;
  }

  function inputColumn() {
    const made = Object.keys(FEATURES).map((name) => {
      const made = cell({ kind: "feature", name }, thumbs.get(name), {
        "aria-pressed": String(run.settings.features.includes(name)), "data-key": name,
        "aria-label": `Input ${FEATURES[name][0]}`,
      }, FEATURES[name][0]);
      made.button.addEventListener("click", () => act.feature(name));
      return made;
    });
    return [made, el("div", { class: "fnd-column" }, el("div", { class: "fnd-head" }, el("span", { text: "Inputs" })), ...made.map((item) => item.button))];
  }

  function neuronColumn(layer, size) {
    const isOutput = layer > run.settings.hidden.length;
    const made = Array.from({ length: size }, (_, index) => {
      const item = cell({ kind: "neuron", layer, index }, thumbnail(), { "data-key": `${layer}.${index}` });
      item.button.addEventListener("click", () => act.select(item.spot));
      return item;
    });
    const where = `Hidden layer ${layer}`;
    const head = el("div", { class: "fnd-head" }, isOutput ? el("span", { text: "Output" }) : el("span", {}, el("span", { class: "fnd-long", text: "Layer " }), String(layer)),
      isOutput ? null : el("div", { class: "fnd-count" },
        small(`less${layer}`, `${where}: remove a neuron`, "\u2212", size <= 1, () => act.neurons(layer - 1, -1)),
        el("span", { text: size, title: `${size} neurons` }),
        small(`more${layer}`, `${where}: add a neuron`, "+", size >= MAX_NEURONS, () => act.neurons(layer - 1, 1))));
    return [made, el("div", { class: "fnd-column" }, head, ...made.map((item) => item.button))];
  }

  // Draw everything anew; the focus stays on the same control.
  function build(next) {
    run = next;
    const focused = node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const made = [inputColumn(), ...run.network.sizes.slice(1).map((size, l) => neuronColumn(l + 1, size))];
    cells = made.map(([items]) => items);
    columns.replaceChildren(...made.map(([, column]) => column));
    const inputs = cells[0].filter(({ spot }) => run.settings.features.includes(spot.name));
    lines = run.network.at.flatMap((_, l) => cells[l + 1].flatMap((to, j) =>
      (l ? cells[l] : inputs).map((from, i) => ({ from, to, layer: l, j, i }))));
    current = null;
    roam(cells[cells.length - 1][0].button);
    if (focused) {
      const same = [...columns.querySelectorAll("[data-key]")].find((item) => item.dataset.key === focused && !item.disabled);
      (same || cells[cells.length - 1][0].button).focus({ preventScroll: true });
    }
    measure();
  }

  function roam(button) {
    if (current) current.tabIndex = -1;
    current = button;
    current.tabIndex = 0;
  }

  function step(across, down) {
    const column = cells.findIndex((items) => items.some(({ button }) => button === document.activeElement));
    if (column < 0) return;
    const row = cells[column].findIndex(({ button }) => button === document.activeElement);
    const next = cells[Math.max(0, Math.min(cells.length - 1, column + across))];
    next[Math.max(0, Math.min(next.length - 1, row + down))].button.focus();
  }
  keys(life, columns, {
    ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0), ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
  });

  function measure() {
    const frame = node.getBoundingClientRect();
    for (const item of cells.flat()) {
      const box = item.thumb.image.getBoundingClientRect();
      item.box = { left: box.left - frame.left, right: box.right - frame.left, y: (box.top + box.bottom) / 2 - frame.top };
    }
    wires.redraw();
  }

  function drawWires(context) {
    if (!run) return;
    const thin = 1 / (1 + lines.length / 250);
    for (const { from, to, layer, j, i } of lines) {
      const weight = run.network.weight(layer, j, i);
      if (!from.box || !Number.isFinite(weight)) continue;
      const middle = (from.box.right + to.box.left) / 2;
      context.beginPath();
      context.moveTo(from.box.right, from.box.y);
      context.bezierCurveTo(middle, from.box.y, middle, to.box.y, to.box.left, to.box.y);
      context.lineWidth = weight ? 0.6 + thin * Math.min(1.8 * Math.abs(weight), 8) : 0.6;
      context.setLineDash(weight < 0 ? [7, 4] : []);
      context.strokeStyle = weight > 0 ? life.colors.orange : weight < 0 ? life.colors.blue : life.colors.grid;
      context.globalAlpha = Math.min(1, (0.35 + Math.abs(weight) / 2) * (0.4 + 0.6 * thin));
      context.stroke();
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  // New pictures and weights; `selected` is drawn with a frame.
  function paint(selected) {
    cells.slice(1).forEach((items, l) => items.forEach(({ thumb }, j) => thumb.paint(pictures.layers[l + 1][j], life.dark)));
    wires.redraw();
    for (const { spot, button } of cells.slice(1).flat()) {
      button.setAttribute("aria-pressed", String(spot.layer === selected.layer && spot.index === selected.index));
    }
  }

  // Names that say the state; not in every frame, since nobody hears them that fast.
  function label() {
    const { network } = run;
    for (const { spot, button } of cells.slice(1).flat()) {
      button.setAttribute("aria-label", `${nameOf(spot, run)}, bias ${fmt(network.bias(spot.layer - 1, spot.index), 2)}`);
    }
    wires.label = `Weights as lines: orange solid positive, blue dashed negative, wider is larger; ${network.numWeights} weights.`;
  }

  return { node, build, paint, label };
}

// One picture large, with the points on it.
export function createOutput(life, pictures) {
  const picture = field(GRID, GRID);
  let shown = null;
  const title = el("h3", { class: "fnd-title" });
  const words = el("p", { class: "fnd-note" });
  const low = el("span");
  const high = el("span");
  const bar = el("i", { "aria-hidden": "true" });
  const view = canvas(life, { label: "Output", aspect: 1, draw });
  view.node.classList.add("fnd-plane");

  function dot(context, x, y, target, isTest) {
    context.beginPath();
    if (target >= 0) context.arc(x, y, 3.6, 0, 2 * Math.PI);
    else context.rect(x - 3.2, y - 3.2, 6.4, 6.4);
    context.fillStyle = shown.isRegression ? diverging(target, life.dark) : target > 0 ? life.colors.orange : life.colors.blue;
    context.fill();
    context.lineWidth = isTest ? 1.8 : 1.2;
    context.strokeStyle = isTest ? life.colors.text : life.colors.bg;
    context.stroke();
  }

  function draw(context, width, height) {
    if (!shown) return;
    context.imageSmoothingEnabled = !shown.discrete;
    context.drawImage(picture.image, 0, 0, width, height);
    const { x1, x2, targets } = shown.points;
    for (let k = 0; k < (shown.showTest ? targets.length : shown.cut); k += 1) {
      const [x, y] = [(x1[k] / REACH + 1) * width / 2, (1 - x2[k] / REACH) * height / 2];
      dot(context, x, y, targets[k], k >= shown.cut);
    }
  }

  // run, spot: what to show; options: {showTest, discrete}
  function paint(run, spot, options) {
    const isOutput = spot.layer === run.network.at.length;
    const values = spot.kind === "feature" ? pictures.features[spot.name] : pictures.layers[spot.layer][spot.index];
    const most = isOutput ? 1 : largest(values);
    picture.paint(values, -most, most, life.dark, options.discrete ? 2 : 0);
    shown = { ...options, points: run.points, cut: run.cut, isRegression: run.isRegression };
    title.textContent = nameOf(spot, run);
    low.textContent = fmt(-most, 1);
    high.textContent = fmt(most, 1);
    view.redraw();
  }

  function label(run, spot) {
    const values = spot.kind === "feature" ? pictures.features[spot.name] : pictures.layers[spot.layer][spot.index];
    words.textContent = `Over the plane from \u22126 to 6: ${describe(values, pictures.across, pictures.up)}.`;
    view.label = `${title.textContent}. ${words.textContent} ${run.cut} training points: circles for orange, squares for blue.`;
  }

  const colour = () => {
    const stops = [-1, -0.5, 0, 0.5, 1].map((value) => diverging(value, life.dark));
    bar.style.background = `linear-gradient(90deg,${stops.join(",")})`;
  };
  life.onTheme(colour);
  colour();
  const node = el("div", { class: "fnd-output" }, title, view.node, el("div", { class: "fnd-bar" }, low, bar, high), words);
  return { node, paint, label };
}


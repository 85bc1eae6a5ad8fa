// ActivationExplorer: the curve, its slope, and the gradient that survives many layers.

import { axes, button, canvas, challenges, clamp, el, keys, pointer, segmented, slider, status } from "./kit.js";
import { disc, num, segment, words } from "./marks.js";
import { ACTIVATIONS, chain, isAlive, isSteep, left, steepest, typicalSlope } from "./activation_core.js";

const NAMES = Object.keys(ACTIVATIONS);
const DEEPEST = 50;
const X = [-5, 5];
const SPACE = { left: 36, right: 12, top: 10, bottom: 36 };
const UP = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];

// A number whose log10 is given, in words: 0.31, 4.2 · 10⁻⁹, 0.
export function power(log) {
  if (log === -Infinity) return "0";
  if (log > -3.005 && log < 4) return num(10 ** log, log > 1 ? 1 : log > -0.3 ? 2 : 4);
  let exponent = Math.floor(log);
  let digits = (10 ** (log - exponent)).toFixed(1);
  if (digits === "10.0") { exponent += 1; digits = "1.0"; }
  const raised = [...String(Math.abs(exponent))].map((digit) => UP[digit]).join("");
  return `${digits} · 10${exponent < 0 ? "⁻" : ""}${raised}`;
}

// state: {name, depth, x}; x is the place of the point, the weighted sum z of the book.
export function mount(root, state, life) {
  let { name, x, depth } = state;
  let mode = "typical";
  let gain = 1;
  let spread = 1;
  let seed = 1;
  let logs = {};

  // ------------------------------------------------------------ the curve

  const curve = canvas(life, { label: "", aspect: 1.35, focusable: true, draw: drawCurve });

  function drawCurve(context, width, height) {
    const { colors } = life;
    const { value, slope } = ACTIVATIONS[name];
    const map = axes(context, colors, { width, height, x: X, y: [-1.4, 2.6], ...SPACE, xLabel: "weighted sum z" });
    map.clip();
    segment(context, map.x(-5), map.y(0), map.x(5), map.y(0), colors.line, 1);
    segment(context, map.x(0), 0, map.x(0), height, colors.line, 1);
    // Where the weighted sums of the layers fall.
    context.beginPath();
    context.moveTo(map.x(-5), map.y(-1.4));
    for (let at = -5; at <= 5.001; at += 0.05) context.lineTo(map.x(at), map.y(-1.4 + (0.7 / Math.max(spread, 0.4)) * Math.exp(-0.5 * (at / spread) ** 2)));
    context.lineTo(map.x(5), map.y(-1.4));
    context.globalAlpha = 0.16;
    context.fillStyle = colors.text;
    context.fill();
    context.globalAlpha = 1;
    trace(context, map, slope, colors.orange, 2, [6, 4]);
    trace(context, map, value, colors.blue, 3, []);
    const [y, steep] = [value(x), slope(x)];
    const run = 1.6 / Math.sqrt(1 + steep * steep);
    segment(context, map.x(x - run), map.y(y - run * steep), map.x(x + run), map.y(y + run * steep), colors.text, 2);
    segment(context, map.x(x), map.y(y), map.x(x), map.y(steep), colors.muted, 1, [2, 3]);
    disc(context, map.x(x), map.y(steep), 5, colors.orange, colors.bg, 2);
    disc(context, map.x(x), map.y(y), 8, colors.blue, colors.bg, 2);
    context.restore();
  }

  // A jump of ReLU's slope is not joined by a line.
  function trace(context, map, f, color, width, dash) {
    context.beginPath();
    context.setLineDash(dash);
    let before = f(X[0]);
    for (let at = X[0]; at <= X[1] + 1e-9; at += 1 / 64) {
      const y = f(at);
      if (Math.abs(y - before) > 0.5) context.moveTo(map.x(at), map.y(y));
      else context.lineTo(map.x(at), map.y(y));
      before = y;
    }
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
    context.setLineDash([]);
  }

  // ------------------------------------------------------------ what is left

  const deep = canvas(life, { label: "", aspect: 1.35, focusable: true, draw: drawDeep });
  const DEEP = { ...SPACE, right: 82 };
  const Y = [-18, 6];

  function drawDeep(context, width, height) {
    const { colors } = life;
    const map = axes(context, colors, { width, height, x: [0, DEEPEST], y: Y, ...DEEP, xLabel: "layers" });
    words(context, "gradient left, power of ten", DEEP.left + 5, DEEP.top + 9, colors.muted, colors.bg, { align: "left", size: 12 });
    map.clip();
    segment(context, map.x(0), map.y(0), map.x(DEEPEST), map.y(0), colors.line, 1);
    segment(context, map.x(depth), 0, map.x(depth), height, colors.accent, 1.5, [4, 4]);
    const order = [...NAMES].sort((a, b) => (a === name) - (b === name));
    for (const one of order) {
      context.beginPath();
      logs[one].forEach((log, i) => context.lineTo(map.x(i), clamp(map.y(log), -20, height + 20)));
      context.strokeStyle = one === name ? colors.blue : colors.muted;
      context.globalAlpha = one === name ? 1 : 0.7;
      context.lineWidth = one === name ? 3.5 : 1.5;
      context.stroke();
    }
    context.globalAlpha = 1;
    disc(context, map.x(depth), clamp(map.y(logs[name][depth]), 14, height - 40), 6, colors.blue, colors.bg, 2);
    context.restore();
    // Names at the ends of the lines, pushed apart.
    const ends = NAMES.map((one) => ({ one, y: clamp(map.y(logs[one][DEEPEST]), DEEP.top + 8, height - DEEP.bottom) })).sort((a, b) => a.y - b.y);
    ends.forEach((end, i) => { if (i) end.y = Math.max(end.y, ends[i - 1].y + 14); });
    const over = ends[ends.length - 1].y - (height - DEEP.bottom);
    for (let i = ends.length - 1, limit = height - DEEP.bottom; over > 0 && i >= 0; i -= 1, limit -= 14) ends[i].y = Math.min(ends[i].y, limit);
    for (const { one, y } of ends) {
      const mine = one === name;
      words(context, ACTIVATIONS[one].text, width - DEEP.right + 6, y, mine ? colors.blue : colors.muted, null, { align: "left", size: 12, bold: mine });
    }
  }

  // ------------------------------------------------------------ words and numbers

  const readout = el("div", { class: "fnd-read" });
  const line = status(life);
  const head = ["", "largest slope", "typical slope", ""].map((text) => (text ? el("th", { scope: "col", text }) : el("td")));
  const rows = NAMES.map((one) => {
    const cells = [0, 1, 2].map(() => el("td"));
    return { one, cells, node: el("tr", {}, el("th", { scope: "row", text: ACTIVATIONS[one].text }), ...cells) };
  });
  const table = el("table", { class: "fnd-table" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows.map((row) => row.node)));

  const goals = challenges(life, [
    {
      name: "activations.steep",
      text: "Find an activation and a point where its slope is above 1.1.",
      check: () => isSteep(name, x),
    },
    {
      name: "activations.alive",
      text: "Keep the typical gradient of the sigmoid between 0.1 and 10 after 30 layers or more.",
      check: () => isAlive({ name, mode, depth, gain, spread }),
    },
  ]);

  // ------------------------------------------------------------ controls

  const pick = segmented(life, { label: "Activation", options: NAMES.map((one) => [one, ACTIVATIONS[one].text]), value: name, onInput(value) { name = value; changed(); } });
  const place = slider(life, { label: "z", min: -5, max: 5, step: 0.05, value: x, onInput(value) { x = value; changed(); } });
  const layers = slider(life, { label: "Layers", min: 1, max: DEEPEST, step: 1, value: depth, onInput(value) { depth = value; changed(); } });
  const gains = slider(life, { label: "Weight factor g", min: 0.5, max: 6, step: 0.05, value: gain, onInput(value) { gain = value; changed(); } });
  const spreads = slider(life, { label: "Spread of z in the layers", min: 0.1, max: 4, step: 0.1, value: spread, onInput(value) { spread = value; changed(); } });
  const modes = segmented(life, {
    label: "Slope of each layer", options: [["typical", "typical"], ["chain", "one random chain"], ["steepest", "steepest point"]],
    onInput(value) { mode = value; changed(); },
  });
  const again = button(life, { label: "Another chain", onClick() { seed += 1; changed(); } });

  function changed() {
    const zs = chain(seed, DEEPEST, spread);
    logs = Object.fromEntries(NAMES.map((one) => [one, left(one, DEEPEST, mode, { gain, spread, zs })]));
    const { text, value, slope, formula } = ACTIVATIONS[name];
    readout.replaceChildren(
      el("div", {}, el("span", { class: "fnd-blue", text: `f(z) = ${formula}` })),
      el("div", {}, `z = ${num(x)}:  `, el("span", { class: "fnd-blue", text: `f(z) = ${num(value(x), 3)}` }), ",  ", el("span", { class: "fnd-orange", text: `slope f′(z) = ${num(slope(x), 3)}` })));
    head[3].textContent = `left after ${depth}`;
    for (const { one, cells, node } of rows) {
      cells[0].textContent = num(steepest(one), 2);
      cells[1].textContent = num(typicalSlope(one, spread), 3);
      cells[2].textContent = power(logs[one][depth]);
      node.classList.toggle("fnd-mine", one === name);
    }
    spreads.node.hidden = mode === "steepest";
    again.node.hidden = mode !== "chain";
    const counted = depth === 1 ? "1 layer" : `${depth} layers`;
    const told = `${text}: after ${counted}, ${power(logs[name][depth])} of the gradient is left.`;
    line.say(told);
    curve.label = `${text}: at z = ${num(x)} the value is ${num(value(x), 3)} and the slope ${num(slope(x), 3)}. Left and right arrow keys move the point.`;
    deep.label = `Gradient left after 0 to ${DEEPEST} layers, on a logarithmic scale, for eight activations. ${told} Left and right arrow keys change the number of layers.`;
    curve.redraw();
    deep.redraw();
    goals.test();
  }

  const setX = (value) => { x = clamp(Math.round(value * 20) / 20, ...X); place.value = x; changed(); };
  const setDepth = (value) => { depth = clamp(Math.round(value), 1, DEEPEST); layers.value = depth; changed(); };
  const share = (view, space, at) => (at - space.left) / (view.node.clientWidth - space.left - space.right);
  const drag = (at) => setX(X[0] + (X[1] - X[0]) * share(curve, SPACE, at));
  const dive = (at) => setDepth(DEEPEST * share(deep, DEEP, at));
  pointer(life, curve.node, { down: drag, move: drag });
  pointer(life, deep.node, { down: dive, move: dive });
  keys(life, curve.node, {
    ArrowLeft(event) { setX(x - (event.shiftKey ? 0.05 : 0.25)); },
    ArrowRight(event) { setX(x + (event.shiftKey ? 0.05 : 0.25)); },
  });
  keys(life, deep.node, { ArrowLeft() { setDepth(depth - 1); }, ArrowRight() { setDepth(depth + 1); } });

  root.append(el("div", { class: "fnd-stack" },
    pick.node,
    el("div", { class: "fnd-halves" },
      el("div", { class: "fnd-stack" }, readout, curve.node, place.node),
      el("div", { class: "fnd-stack" }, line.node, deep.node, layers.node)),
    el("div", { class: "fnd-halves" },
      el("div", { class: "fnd-stack" }, modes.node, again.node, gains.node, spreads.node),
      el("div", { class: "fnd-scroll" }, table)),
    goals.node,
    el("details", {},
      el("summary", { text: "What exactly is computed" }),
      el("p", { class: "fnd-note", text: "Backward through one layer, a gradient is multiplied by a weight and by the slope f′(z) at that layer’s weighted sum z. Here every layer gets its own z, drawn from a normal distribution with mean 0 and the chosen spread (1 at the start: the grey hill), independent of the other layers, and a weight factor g. The picture shows the product of g · f′(z) over the layers." }),
      el("p", { class: "fnd-note", text: "“Typical” takes for each layer the root of the mean of f′(z)², computed by numerical integration. In a wide network whose weights have variance g² divided by the number of inputs, the size of the gradient changes by g times this number per layer, if the weighted sums keep that spread. For ReLU it is √½, which is why its weights are started with g = √2. “One random chain” multiplies the slopes at 50 drawn values, the same for all activations. “Steepest point” takes the largest slope in every layer: more is impossible with g = 1." }))));
  changed();
}

// LossExplorer: an outlier under three losses, a confident mistake under two, and perplexity.

import { axes, canvas, challenges, clamp, el, fmt, keys, pointer, segmented, slider, status, toggle } from "./kit.js";
import { disc, num, segment, square, triangle, words } from "./marks.js";
import { LOSSES, bestFit, classLoss, isDeaf, isMisled, isTen, meanLoss, perplexity, smooth } from "./loss_core.js";

const NAMES = ["mse", "mae", "huber"];
const LOOK = { mse: ["orange", [], triangle], mae: ["blue", [9, 4], square], huber: ["green", [3, 3], disc] };
const TOP = 12;
const LOW = -2;
const PROBS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];
const FRAME = { left: 36, right: 12, top: 14, bottom: 36 };

function key(color, text, dashed) {
  return el("span", {}, el("i", { class: dashed ? "fnd-key fnd-dash" : "fnd-key", style: `--key:var(--fnd-${color})` }), text);
}

function curve(context, map, f, [from, to], color, width, dash) {
  context.beginPath();
  context.setLineDash(dash);
  for (let i = 0; i <= 300; i += 1) {
    const x = from + (i / 300) * (to - from);
    context.lineTo(map.x(x), map.y(f(x)));
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
  context.setLineDash([]);
}

// state: {part: "numbers" | "classes" | "words", points: [[x, y]], words: [text]}
export function mount(root, state, life) {
  const line = status(life);
  const goals = challenges(life, [
    {
      name: "losses.outlier",
      text: "Numbers: move a single point, so that the best line for the squared loss falls while the one for the absolute loss still rises by more than 0.5 per step.",
      check: () => isMisled(numbers.points, state.points),
    },
    {
      name: "losses.deaf",
      text: "Classes: find a mistake that cross-entropy corrects with a slope above 0.95 in size, and squared error with less than 0.05.",
      check: () => isDeaf(classes.z, classes.target),
    },
    {
      name: "losses.ten",
      text: "Words: reach a perplexity of 10 (within 0.5) although one word had a probability below 1 %.",
      check: () => isTen(text.probs),
    },
  ]);
  const numbers = makeNumbers(state.points, life, told);
  const classes = makeClasses(life, told);
  const text = makeWords(state.words, life, told);
  const parts = { numbers, classes, words: text };
  const pick = segmented(life, {
    label: "What is predicted", options: [["numbers", "numbers"], ["classes", "classes"], ["words", "words"]],
    value: state.part, onInput: open,
  });

  function told() {
    line.say(parts[pick.value].said());
    goals.test();
  }
  function open(name) {
    for (const [one, part] of Object.entries(parts)) part.node.hidden = one !== name;
    parts[name].draw();
    told();
  }
  root.append(el("div", { class: "fnd-stack" }, pick.node, line.node, numbers.node, classes.node, text.node, goals.node));
  for (const part of Object.values(parts)) part.draw();
  open(state.part);
}

// ---------------------------------------------------------------- numbers

function makeNumbers(start, life, told) {
  const points = start.map((point) => [...point]);
  let chosen = points.length - 1;
  let delta = 1;
  let isLine = true;
  let fits = {};
  let map = null;

  const plane = canvas(life, {
    label: "", aspect: 1.35, focusable: true,
    draw(context, width, height) {
      const { colors } = life;
      map = axes(context, colors, { width, height, x: [0, 10], y: [LOW, TOP], ...FRAME, xLabel: "x" });
      map.clip();
      for (const name of NAMES) {
        const [a, b] = fits[name];
        const [color, dash] = LOOK[name];
        segment(context, map.x(0), map.y(a), map.x(10), map.y(a + 10 * b), colors[color], 3, dash);
      }
      points.forEach(([x, y], i) => {
        const mine = i === chosen;
        if (mine) NAMES.forEach((name, at) => {
          const shift = map.x(x) + 5 * (at - 1);
          segment(context, shift, map.y(y), shift, map.y(fits[name][0] + fits[name][1] * x), colors[LOOK[name][0]], 2);
        });
        disc(context, map.x(x), map.y(y), mine ? 9 : 6.5, colors.text, colors.bg, 2);
        if (mine) disc(context, map.x(x), map.y(y), 14, null, colors.accent, 2.5);
      });
      context.restore();
    },
  });
  const shape = canvas(life, {
    label: "", aspect: 1.35,
    draw(context, width, height) {
      const { colors } = life;
      const area = axes(context, colors, { width, height, x: [-9, 9], y: [0, 20], ...FRAME, xLabel: "residual r" });
      words(context, "loss of one point", 42, 22, colors.muted, colors.bg, { align: "left", size: 12 });
      area.clip();
      for (const name of NAMES) {
        const [color, dash, mark] = LOOK[name];
        const value = (r) => LOSSES[name].value(r, delta);
        curve(context, area, value, [-9, 9], colors[color], 2.5, dash);
        const r = residual(name);
        mark(context, area.x(r), clamp(area.y(value(r)), 24, height), 7, colors[color], colors.bg, 2);
      }
      context.restore();
    },
  });

  function residual(name) {
    const [x, y] = points[chosen];
    return fits[name][0] + fits[name][1] * x - y;
  }

  const rows = NAMES.map((name) => {
    const cells = [0, 1, 2, 3].map(() => el("td"));
    const head = el("th", { scope: "row" }, key(LOOK[name][0], LOSSES[name].text, LOOK[name][1].length));
    return { name, cells, node: el("tr", {}, head, ...cells) };
  });
  const heads = ["", "best fit", "mean loss", "residual", "pull"].map((one) => (one ? el("th", { scope: "col", text: one }) : el("td")));
  const table = el("table", { class: "fnd-table fnd-legend" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows.map((row) => row.node)));

  const model = segmented(life, { label: "Model", options: [[true, "best line"], [false, "best constant"]], value: true, onInput(value) { isLine = value; draw(); told(); } });
  const knob = slider(life, { label: "Huber’s δ", min: 0.1, max: 4, step: 0.1, value: delta, onInput(value) { delta = value; draw(); told(); } });
  const reset = toggle(life, { label: "outlier (puts all points back)", value: true, onInput(value) {
    points.forEach((point, i) => { point[1] = start[i][1]; });
    chosen = points.length - 1;
    if (!value) put(0.8 * points[chosen][0] + 1);
    else { draw(); told(); }
  } });

  function put(y) {
    points[chosen][1] = clamp(Math.round(y * 10) / 10, LOW, TOP);
    draw();
    told();
  }

  function draw() {
    fits = Object.fromEntries(NAMES.map((name) => [name, bestFit(name, points, isLine, delta)]));
    for (const { name, cells } of rows) {
      const [a, b] = fits[name];
      const r = residual(name);
      const texts = [
        isLine ? `${num(a)} ${b < 0 ? "−" : "+"} ${num(Math.abs(b))} x` : num(a),
        num(meanLoss(name, points, fits[name], delta), 3), num(Math.abs(r) < 1e-9 ? 0 : r), num(Math.abs(r) < 1e-9 ? 0 : LOSSES[name].slope(r, delta)),
      ];
      texts.forEach((one, i) => { cells[i].textContent = one; });
    }
    plane.label = `${points.length} points, three best fits. ${said()} Left and right arrow keys choose a point, up and down move it, with Shift in small steps.`;
    shape.label = `Loss of one point against its residual; the chosen point has squared loss ${num(LOSSES.mse.value(residual("mse")))}, absolute ${num(Math.abs(residual("mae")))}, Huber ${num(LOSSES.huber.value(residual("huber"), delta))}.`;
    plane.redraw();
    shape.redraw();
  }

  function said() {
    const [x, y] = points[chosen];
    const at = isLine ? "Slopes" : "Constants";
    const of = (name) => num(fits[name][isLine ? 1 : 0]);
    return `Point ${chosen + 1} at (${num(x)}, ${num(y)}). ${at}: squared ${of("mse")}, absolute ${of("mae")}, Huber ${of("huber")}.`;
  }

  const toY = (y) => LOW + ((plane.node.clientHeight - FRAME.bottom - y) / (plane.node.clientHeight - FRAME.bottom - FRAME.top)) * (TOP - LOW);
  pointer(life, plane.node, {
    down(x, y) {
      const near = (i) => Math.hypot(map.x(points[i][0]) - x, 0.4 * (map.y(points[i][1]) - y));
      chosen = points.reduce((best, _, i) => (near(i) < near(best) ? i : best), 0);
      if (Math.hypot(map.x(points[chosen][0]) - x, map.y(points[chosen][1]) - y) > 16) { draw(); told(); } else put(toY(y));
    },
    move(x, y) { put(toY(y)); },
  });
  const choose = (step) => () => { chosen = (chosen + step + points.length) % points.length; draw(); told(); };
  const shift = (sign) => (event) => put(points[chosen][1] + sign * (event.shiftKey ? 0.1 : 0.5));
  keys(life, plane.node, { ArrowLeft: choose(-1), ArrowRight: choose(1), ArrowUp: shift(1), ArrowDown: shift(-1) });
  plane.node.classList.add("fnd-drag");

  const node = el("div", { class: "fnd-stack" },
    el("div", { class: "fnd-halves" }, plane.node, shape.node),
    el("div", { class: "fnd-halves" }, el("div", { class: "fnd-scroll", tabindex: "0", role: "group", "aria-label": "Table, may be scrolled" }, table), el("div", { class: "fnd-grid" }, model.node, knob.node, reset.node)),
    el("p", { class: "fnd-note", text: "Residual: prediction minus truth at the ringed point. Pull: derivative of that point’s loss with respect to its residual, the force with which it moves the fit." }));
  return { node, points, draw, said };
}

// ---------------------------------------------------------------- classes

function makeClasses(life, told) {
  const now = { z: -1, target: 1 };
  let epsilon = 0;
  const SPAN = [-10, 10];
  const target = () => smooth(now.target, epsilon);

  const panel = (title, range, values) => canvas(life, {
    label: "", aspect: 1.35, focusable: values === lossOf,
    draw(context, width, height) {
      const { colors } = life;
      const area = axes(context, colors, { width, height, x: SPAN, y: range, ...FRAME, xLabel: "logit z" });
      area.clip();
      segment(context, area.x(-10), area.y(0), area.x(10), area.y(0), colors.line, 1);
      segment(context, area.x(now.z), 0, area.x(now.z), height, colors.accent, 1.5, [4, 4]);
      [["blue", [], disc], ["orange", [8, 4], triangle]].forEach(([color, dash, mark], i) => {
        curve(context, area, (z) => values(z)[i], SPAN, colors[color], 2.5, dash);
        mark(context, area.x(now.z), area.y(values(now.z)[i]), 7, colors[color], colors.bg, 2);
      });
      words(context, title, 44, 24, colors.muted, colors.bg, { align: "left", size: 12 });
      context.restore();
    },
  });
  const lossOf = (z) => { const { crossEntropy, squared } = classLoss(z, target()); return [crossEntropy, squared]; };
  const slopeOf = (z) => { const { crossSlope, squaredSlope } = classLoss(z, target()); return [crossSlope, squaredSlope]; };
  const losses = panel("loss", [-0.4, 10], lossOf);
  const slopes = panel("slope of the loss", [-1.15, 1.15], slopeOf);

  const set = (z) => { now.z = clamp(Math.round(z * 10) / 10, ...SPAN); knob.value = now.z; draw(); told(); };
  const knob = slider(life, { label: "Logit z", min: -10, max: 10, step: 0.1, value: now.z, onInput: set });
  const truth = segmented(life, { label: "Truth", options: [[1, "class 1"], [0, "class 0"]], value: 1, onInput(value) { now.target = value; draw(); told(); } });
  const soft = slider(life, { label: "Label smoothing ε", min: 0, max: 0.5, step: 0.05, value: 0, onInput(value) { epsilon = value; draw(); told(); } });
  const cells = [0, 1, 2, 3].map(() => el("td"));
  const table = el("table", { class: "fnd-table fnd-legend" },
    el("thead", {}, el("tr", {}, ...["", "loss", "slope"].map((one) => (one ? el("th", { scope: "col", text: one }) : el("td"))))),
    el("tbody", {},
      el("tr", {}, el("th", { scope: "row" }, key("blue", "cross-entropy")), cells[0], cells[1]),
      el("tr", {}, el("th", { scope: "row" }, key("orange", "squared error of p", true)), cells[2], cells[3])));
  const note = el("p", { class: "fnd-note" });

  function draw() {
    const { crossEntropy, crossSlope, squared, squaredSlope } = classLoss(now.z, target());
    [crossEntropy, crossSlope, squared, squaredSlope].forEach((value, i) => { cells[i].textContent = fmt(value, 4); });
    const t = target();
    note.textContent = epsilon
      ? `The target is now ${num(t, 3)}. Cross-entropy is smallest at the finite logit ${num(Math.log(t / (1 - t)))}; beyond it, being surer costs.`
      : "Slopes are taken with respect to the logit. That of cross-entropy is p minus the target; squared error multiplies it by 2 p (1 − p), which vanishes where the network is sure, also where it is surely wrong.";
    losses.label = `Cross-entropy and squared error against the logit. ${said()} Left and right arrow keys change the logit.`;
    slopes.label = `Slopes of both losses against the logit. ${said()}`;
    losses.redraw();
    slopes.redraw();
  }

  function said() {
    const { p, crossSlope, squaredSlope } = classLoss(now.z, target());
    const right = (p > 0.5) === (now.target === 1);
    return `Logit ${num(now.z)}: probability of class 1 is ${fmt(p, 3)}, truth ${now.target}, ${right ? "right" : "wrong"}. Slopes: cross-entropy ${fmt(crossSlope, 3)}, squared error ${fmt(squaredSlope, 3)}.`;
  }

  for (const view of [losses, slopes]) {
    const drag = (x) => set(-10 + (20 * (x - FRAME.left)) / (view.node.clientWidth - FRAME.left - FRAME.right));
    pointer(life, view.node, { down: drag, move: drag });
  }
  const nudge = (sign) => (event) => set(now.z + sign * (event.shiftKey ? 0.1 : 0.5));
  keys(life, losses.node, { ArrowLeft: nudge(-1), ArrowRight: nudge(1) });
  const node = el("div", { class: "fnd-stack" },
    el("div", { class: "fnd-halves" }, losses.node, slopes.node),
    el("div", { class: "fnd-halves" }, el("div", { class: "fnd-stack" }, truth.node, table), el("div", {}, knob.node, soft.node)), note);
  return { node, draw, said, get z() { return now.z; }, get target() { return now.target; } };
}

// ---------------------------------------------------------------- words

function makeWords(texts, life, told) {
  const probs = texts.map((_, i) => [0.1, 0.3, 0.6, 0.2, 0.9][i % 5]);
  const knobs = texts.map((one, i) => slider(life, {
    label: `“${one}”`, values: PROBS, value: probs[i], format: (p) => `${num(100 * p, 1)} %`,
    onInput(p) { probs[i] = p; draw(); told(); },
  }));
  const bars = canvas(life, {
    label: "", height: 60 + 30 * texts.length,
    draw(context, width, height) {
      const { colors } = life;
      const area = axes(context, colors, { width, height, x: [0, 7], y: [0, texts.length], left: 70, right: 44, top: 24, bottom: 36, xLabel: "surprise, −ln p (nats)" });
      context.fillStyle = colors.bg;
      context.fillRect(0, 0, 66, height - 26);
      const { nats } = perplexity(probs);
      probs.forEach((p, i) => {
        const [top, tall] = [area.y(texts.length - i) + 5, area.y(0) - area.y(1) - 10];
        context.fillStyle = colors.blue;
        context.globalAlpha = 0.55;
        context.fillRect(area.x(0), top, Math.max(2, area.x(-Math.log(p)) - area.x(0)), tall);
        context.globalAlpha = 1;
        words(context, texts[i], 62, top + tall / 2, colors.text, null, { align: "right" });
      });
      segment(context, area.x(nats), 22, area.x(nats), height - 36, colors.orange, 2.5, [6, 4]);
      words(context, `mean ${num(nats)}`, area.x(nats), 11, colors.orange, colors.bg, { bold: true });
      probs.forEach((p, i) => {
        const surprise = -Math.log(p) || 0;
        words(context, num(surprise), area.x(surprise) + 6, area.y(texts.length - i - 0.5), colors.text, colors.bg, { align: "left" });
      });
    },
  });
  const big = el("div", { class: "fnd-big" });

  function draw() {
    const { nats, bits, perplexity: value } = perplexity(probs);
    big.replaceChildren(el("b", { text: `perplexity ${num(value)}` }), ` = exp(${num(nats, 3)} nats) = 2 to the power ${num(bits, 3)} bits`);
    bars.label = `Surprise of each word in nats: ${texts.map((one, i) => one + " " + num(-Math.log(probs[i]) || 0)).join(", ")}; mean ${num(nats)}.`;
    bars.redraw();
  }
  function said() {
    const { perplexity: value } = perplexity(probs);
    return `Perplexity ${num(value)}: on average as unsure as a fair choice among ${num(value, 1)} words.`;
  }
  const node = el("div", { class: "fnd-stack" },
    el("p", { class: "fnd-note", text: "How probable did the model find each word that really came next?" }),
    el("div", { class: "fnd-halves" }, el("div", {}, ...knobs.map((knob) => knob.node)), el("div", { class: "fnd-stack" }, bars.node, big)));
  return { node, probs, draw, said };
}

// Descent: a ball goes down a landscape by gradient descent.
// state: {landscape, lr, momentum}

import { axes, button, canvas, challenges, chart, clamp, el, field, fmt, keys, loop, pointer, rng, select, slider, status } from "./kit.js";
import { LANDSCAPES, RATES, begin, contour, critical, step, survey, verdict } from "./descent_core.js";

const LIMIT = 300;
const GRID = [97, 73];

export function mount(root, state, life) {
  let which = LANDSCAPES[state.landscape] ? state.landscape : "parabola";
  let land, start, run, moved, map, lines, random, report, settings;
  let lr = RATES.reduce((best, rate) => (Math.abs(Math.log(rate / state.lr)) < Math.abs(Math.log(best / state.lr)) ? rate : best));
  let momentum = state.momentum;
  const ground = field(...GRID);

  const line = status(life);
  const goals = challenges(life, [
    { name: "gradient_descent.edge", text: "On the parabola, without momentum: find the learning rate at which the ball jumps to and fro and comes no closer (6 steps).",
      check: ({ key, path, constant }) => key === "parabola" && constant && momentum === 0 && path.length > 6 && path[0][0] !== 0
        && path.every(([x]) => Math.abs(Math.abs(x) - Math.abs(path[0][0])) < 1e-9) },
    { name: "gradient_descent.ravine", text: "In the ravine, from its own start, bring the loss below 0.01 in at most 40 steps.",
      check: ({ key, isOwn, path, loss }) => key === "ravine" && isOwn && path.length <= 41 && loss < 0.01 },
    { name: "gradient_descent.saddle", text: "On the saddle, choose a start from which the ball comes to rest outside both valleys.",
      check: ({ key, kind, path }) => key === "saddle" && kind === "saddle" && path.length > 5 },
    { name: "gradient_descent.deep_valley", text: "In the two valleys, from the start in the shallow one, come to rest in the deeper one.",
      check: ({ key, isOwn, kind, path }) => key === "valleys" && isOwn && kind === "settled" && path[path.length - 1][0] < 0 },
  ]);
  const chooser = select(life, { label: "Landscape", options: Object.entries(LANDSCAPES).map(([key, { title }]) => [key, title]), value: which,
    onInput(value) { which = value; open(); } });
  const rate = slider(life, { label: "Learning rate", values: RATES, value: lr, onInput(value) { lr = value; changed(); } });
  const mark = el("div", { class: "fnd-de-mark", "aria-hidden": "true" }, el("span", { text: "\u25b2" }));
  const limit = el("p", { class: "fnd-note" });
  const inertia = slider(life, { label: "Momentum", min: 0, max: 0.95, step: 0.05, value: momentum, onInput(value) { momentum = value; changed(); } });
  const stepButton = button(life, { label: "Step", primary: true, onClick() { ride.stop(); advance(); } });
  const reset = button(life, { label: "Reset", title: "Back to the landscape's own start", onClick() { ride.stop(); place(land.start, false); } });
  const again = button(life, { label: "Back to start", title: "Back to the chosen start", onClick() { ride.stop(); place(start, moved); } });
  let waited = 0;
  const ride = loop(life, (seconds) => {
    waited += seconds;
    if (waited < 0.09) return;
    waited = 0;
    advance();
    if (isOver()) ride.stop();
  }, { onChange(running) { play.label = running ? "Pause" : "Run"; } });
  const play = button(life, { label: "Run", onClick() {
    if (!ride.running && isOver()) place(start, moved);
    ride.toggle();
  } });
  const losses = chart(life, { label: "Loss after each step", series: [{ name: "loss", color: "blue" }], height: 150, xLabel: "step", yLabel: "loss" });
  const formula = el("p", { class: "fnd-note" });

  let frame = null;
  const view = canvas(life, { label: "Landscape", aspect: 4 / 3, focusable: true, draw });
  pointer(life, view.node, { down: grab, move: grab });
  const shift = (dx, dy) => () => place(start.map((value, i) => value + (i ? dy : dx)), true);
  keys(life, view.node, {
    ArrowLeft: shift(-0.1, 0), ArrowRight: shift(0.1, 0), ArrowUp: shift(0, 0.1), ArrowDown: shift(0, -0.1),
    Enter() { ride.stop(); advance(); },
  });

  root.append(el("div", { class: "fnd-split" },
    el("div", { class: "fnd-stack" }, view.node, el("div", { class: "fnd-row" }, stepButton.node, play.node, again.node, reset.node), line.node, losses.node),
    el("div", { class: "fnd-stack" }, chooser.node, formula, el("div", {}, rate.node, mark), limit, inertia.node,
      el("p", { class: "fnd-note", text: "Drag the ball to another start, or move it by the arrow keys; Enter steps." }))), goals.node);
  open();

  // ---------------------------------------------------------------- state
  function open() {
    ride.stop();
    land = LANDSCAPES[which];
    formula.textContent = land.formula;
    map = null;
    place(land.start, false);
  }

  // The ball at a new start; on a grid of 0.05, so that special points can be hit.
  function place(point, isMoved) {
    start = point.map((value, i) => {
      const [low, high] = i ? land.y : land.x;
      return clamp(Number((Math.round(value * 20) / 20).toFixed(2)), low, high);
    });
    moved = isMoved;
    random = rng(7);
    run = begin(land, start);
    settings = new Set();
    changed();
  }

  function grab(x, y) {
    if (!frame) return;
    ride.stop();
    const point = [frame.valueX(x)];
    if (land.start.length > 1) point.push(frame.valueY(y));
    place(point, true);
  }

  function isOver() {
    return run.path.length > LIMIT || ["diverges", "settled", "saddle"].includes(report.kind) && (report.kind !== "diverges" || Math.hypot(...run.path[run.path.length - 1]) > 1e3);
  }

  function advance() {
    if (run.path.length > LIMIT || !Number.isFinite(run.losses[run.losses.length - 1])) return;
    settings.add(lr + " " + momentum);
    step(land, run, lr, momentum, random);
    changed();
  }

  function changed() {
    const { path } = run;
    const edge = critical(land, momentum);
    report = verdict(land, run);
    const count = path.length - 1;
    const loss = run.losses[count];
    const gradient = land.gradient(path[count]);
    const slope = gradient.length === 1 ? "slope " + fmt(gradient[0], 2) : "gradient (" + gradient.map((value) => fmt(value, 2)).join(", ") + ")";
    line.say(count ? "Step " + count + ": loss " + fmt(loss) + ", " + slope + ". " + report.text : "Start at " + where(path[0]) + ": loss " + fmt(loss) + ", " + slope + ".");
    if (edge) {
      const at = clamp(Math.log10(edge / RATES[0]) / Math.log10(RATES[RATES.length - 1] / RATES[0]), 0, 1);
      mark.firstChild.style.left = "calc(" + 100 * at + "% + " + (8 - 16 * at) + "px)";
      limit.textContent = "\u25b2 Above " + fmt(Number(edge.toPrecision(3)), 2).replace(/(\.\d*?)0+$/, "$1") + (momentum ? " = 2(1 + momentum)/L" : " = 2/L") + " it diverges. The steepest curvature here is L = " + land.sharpness + ".";
    } else limit.textContent = "The curvature differs from place to place, so no single learning rate is the edge.";
    mark.hidden = !edge;
    losses.set([run.losses]);
    losses.view.label = "Loss after each step: from " + fmt(run.losses[0]) + " to " + fmt(loss) + " in " + count + " steps";
    view.label = land.title + ". Ball at " + where(path[count]) + " after " + count + " steps, loss " + fmt(loss) + ". " + report.text + " Arrow keys move the start, Enter steps.";
    view.redraw();
    stepButton.node.disabled = count >= LIMIT || !Number.isFinite(loss);
    goals.test({ key: which, isOwn: !moved, path, loss, kind: report.kind, constant: settings.size === 1 });
  }

  function where(point) {
    const text = point.map((value) => fmt(value, 2));
    return point.length === 1 ? "x = " + text[0] : "(" + text.join(", ") + ")";
  }

  // ---------------------------------------------------------------- drawing
  function draw(context, width, height) {
    const { colors } = life;
    const flat = land.start.length > 1;
    if (flat) ensureMap();
    const insets = { left: 40, right: 10, top: 10, bottom: 36 };
    const scale = axes(context, colors, { width, height, x: land.x, y: land.y, xLabel: "x", yLabel: flat ? "" : "f(x)", ...insets });
    frame = {
      valueX: (x) => land.x[0] + ((x - insets.left) / (width - insets.left - insets.right)) * (land.x[1] - land.x[0]),
      valueY: (y) => land.y[1] - ((y - insets.top) / (height - insets.top - insets.bottom)) * (land.y[1] - land.y[0]),
    };
    scale.clip();
    const spot = (point) => [scale.x(point[0]), scale.y(flat ? point[1] : land.f(point))];
    const seen = run.path.filter((point) => point.every((value) => Math.abs(value) < 1e3));
    if (flat) {
      drawMap(context, scale);
      context.fillStyle = colors.text;
      context.font = "12px system-ui, sans-serif";
      context.fillText("y", insets.left + 6, insets.top + 14);
    } else drawCurve(context, scale, colors);
    drawPath(context, seen.map(spot), colors);
    drawSlope(context, seen[seen.length - 1], spot, scale, colors, flat);
    const [x, y] = spot(seen[seen.length - 1]);
    context.beginPath();
    context.arc(x, y, 8, 0, 2 * Math.PI);
    context.fillStyle = colors.orange;
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = colors.bg;
    context.stroke();
    context.restore();
  }

  function ensureMap() {
    const theme = which + life.dark;
    if (map === theme) return;
    map = theme;
    const values = survey(land, ...GRID);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const height = (value) => Math.sqrt((value - low) / (high - low));
    ground.paint(values.map((value) => 0.62 * (height(value) - 1)), -1, 1, life.dark);
    lines = Array.from({ length: 11 }, (_, i) => contour(values, ...GRID, low + ((i + 0.5) / 11) ** 2 * (high - low)));
  }

  function drawMap(context, scale) {
    const [left, right] = [scale.x(land.x[0]), scale.x(land.x[1])];
    const [top, bottom] = [scale.y(land.y[1]), scale.y(land.y[0])];
    context.drawImage(ground.image, left, top, right - left, bottom - top);
    context.lineWidth = 1;
    context.strokeStyle = life.colors.line;
    context.globalAlpha = 0.6;
    const x = (value) => left + (value / (GRID[0] - 1)) * (right - left);
    const y = (value) => top + (value / (GRID[1] - 1)) * (bottom - top);
    context.beginPath();
    for (const level of lines) {
      for (const [x1, y1, x2, y2] of level) { context.moveTo(x(x1), y(y1)); context.lineTo(x(x2), y(y2)); }
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  function drawCurve(context, scale, colors) {
    context.beginPath();
    for (let i = 0; i <= 160; i += 1) {
      const x = land.x[0] + (i / 160) * (land.x[1] - land.x[0]);
      context.lineTo(scale.x(x), scale.y(land.f([x])));
    }
    context.lineWidth = 2.5;
    context.strokeStyle = colors.blue;
    context.stroke();
  }

  function drawPath(context, spots, colors) {
    for (const [color, width] of [[colors.bg, 4], [colors.orange, 1.8]]) {
      context.strokeStyle = color;
      context.lineWidth = width;
      context.lineJoin = "round";
      context.beginPath();
      for (const [x, y] of spots) context.lineTo(x, y);
      context.stroke();
    }
    context.fillStyle = colors.orange;
    for (const [x, y] of spots) {
      context.beginPath();
      context.arc(x, y, 3, 0, 2 * Math.PI);
      context.fill();
    }
  }

  // The tangent (1 number) and, dashed, where the next step goes without noise.
  function drawSlope(context, point, spot, scale, colors, flat) {
    const gradient = land.gradient(point);
    const [x, y] = spot(point);
    context.lineWidth = 2;
    context.strokeStyle = colors.text;
    if (!flat) {
      const reach = 0.9;
      const rise = land.f(point);
      context.beginPath();
      context.moveTo(scale.x(point[0] - reach), scale.y(rise - reach * gradient[0]));
      context.lineTo(scale.x(point[0] + reach), scale.y(rise + reach * gradient[0]));
      context.stroke();
    }
    const velocity = gradient.map((value, i) => (run.velocity ? momentum * run.velocity[i] + value : value));
    const next = point.map((value, i) => value - lr * velocity[i]);
    const [nextX, nextY] = flat ? spot(next) : [scale.x(next[0]), y];
    if (Math.hypot(nextX - x, nextY - y) < 12) return;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(nextX, nextY);
    context.stroke();
    context.setLineDash([]);
    const turn = Math.atan2(nextY - y, nextX - x);
    context.fillStyle = colors.text;
    context.beginPath();
    context.moveTo(nextX, nextY);
    context.lineTo(nextX - 10 * Math.cos(turn - 0.4), nextY - 10 * Math.sin(turn - 0.4));
    context.lineTo(nextX - 10 * Math.cos(turn + 0.4), nextY - 10 * Math.sin(turn + 0.4));
    context.fill();
  }
}

// PerceptronTrainer: place points of two classes and watch Rosenblatt's rule move the line.

import { axes, button, canvas, challenges, clamp, diverging, el, keys, loop, pointer, rng, segmented, select, slider, status, toggle } from "./kit.js";
import { arrow, disc, factor, lineInBox, num, segment, square, triangle, words } from "./marks.js";
import { EDGE, MOST, bound, create, hasBoth, isHardButSeparable, isThreeInseparable, learn, preset, tenth, wrongNow } from "./perceptron_core.js";

const SPAN = [-EDGE, EDGE];
const PRESETS = [["and", "AND"], ["or", "OR"], ["xor", "XOR"], ["separable", "cloud, separable"], ["overlapping", "cloud, overlapping"], ["none", "no points"]];
const PLACE = { left: 34, right: 12, top: 12, bottom: 34 };

// state: {preset, points: [[x1, x2, +1 or -1]] or null}
export function mount(root, state, life) {
  let chosen = state.preset;
  let seed = 1;
  let points = state.points || preset(chosen, seed);
  let run = create();
  let limit = bound(points);
  let order = null;
  let cursor = [...(points[0] || [0, 0])].slice(0, 2);
  let dragged = -1;
  let map = null;
  const random = rng(5);
  const pair = (values) => "(" + values.map((value) => num(value, 1)).join(", ") + ")";
  const counted = (count, one) => `${num(count)} ${one}${count === 1 ? "" : one === "pass" ? "es" : "s"}`;
  const name = (target) => (target > 0 ? "▲" : "●");

  // ------------------------------------------------------------ the points and the line

  const plane = canvas(life, { label: "", aspect: 1, focusable: true, draw: drawPlane });

  function drawPlane(context, width, height) {
    const { colors } = life;
    map = axes(context, colors, { width, height, x: SPAN, y: SPAN, ...PLACE, xLabel: "x₁", yLabel: "x₂" });
    map.clip();
    drawSides(context);
    if (best.value && limit.u) drawLine(context, limit.u, colors.green, 2, [7, 5]);
    if (run.last?.wrong) drawLine(context, [...run.last.before.w, run.last.before.b], colors.muted, 1.5, [3, 4]);
    const ends = drawLine(context, [...run.w, run.b], colors.text, 3);
    if (ends) {
      const size = Math.hypot(...run.w);
      const [mx, my] = [(ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2];
      const [x, y] = [map.x(mx), map.y(my)];
      const [ux, uy] = [run.w[0] / size, -run.w[1] / size];
      arrow(context, x, y, x + 40 * ux, y + 40 * uy, colors.text, 3);
      if (points.length <= 8) words(context, "▲ side", x + 62 * ux, y + 54 * uy, colors.text, colors.bg, { size: 12 });
    }
    points.forEach((point, i) => drawPoint(context, point, i));
    const [x, y] = [map.x(cursor[0]), map.y(cursor[1])];
    context.setLineDash([3, 3]);
    square(context, x, y, 13, null, colors.accent, 1.5);
    context.setLineDash([]);
    context.restore();
  }

  function drawSides(context) {
    const size = Math.hypot(...run.w);
    if (!size) return;
    const back = -run.b / size ** 2;
    const [dx, dy] = [run.w[0] / size, run.w[1] / size];
    const [px, py] = [back * run.w[0], back * run.w[1]];
    const gradient = context.createLinearGradient(map.x(px - 9 * dx), map.y(py - 9 * dy), map.x(px + 9 * dx), map.y(py + 9 * dy));
    [[0, -0.55], [0.5, -0.55], [0.5, 0.55], [1, 0.55]].forEach(([at, shade]) => gradient.addColorStop(at, diverging(shade, life.dark)));
    context.globalAlpha = 0.5;
    context.fillStyle = gradient;
    context.fillRect(0, 0, 4000, 4000);
    context.globalAlpha = 1;
  }

  function drawLine(context, [a, b, c], color, width, dash) {
    const ends = lineInBox(a, b, c, SPAN, SPAN);
    if (ends) segment(context, map.x(ends[0][0]), map.y(ends[0][1]), map.x(ends[1][0]), map.y(ends[1][1]), color, width, dash);
    return ends;
  }

  function drawPoint(context, [x1, x2, target], i) {
    const { colors } = life;
    const [x, y] = [map.x(x1), map.y(x2)];
    const mark = target > 0 ? triangle : disc;
    mark(context, x, y, 8, diverging(target > 0 ? 1 : -1, life.dark), colors.bg, 2);
    const isWrong = target * (run.w[0] * x1 + run.w[1] * x2 + run.b) <= 1e-9;
    if (run.looks && isWrong) words(context, "✗", x + 12, y - 10, colors.red, colors.bg, { bold: true });
    if (points.length <= 8) words(context, String(i + 1), x - 13, y - 9, colors.muted, colors.bg, { size: 11 });
    if (run.last && run.last.index === i) disc(context, x, y, 15, null, run.last.wrong ? colors.red : colors.green, 3);
  }

  // ------------------------------------------------------------ the weights

  const arrows = canvas(life, { label: "", aspect: 1, draw: drawArrows });

  function drawArrows(context, width, height) {
    const { colors } = life;
    const { last, path } = run;
    const ends = [...run.w, ...(last ? last.before.w : [])];
    const reach = [2, 4, 8, 16, 32, 64].find((size) => ends.every((value) => Math.abs(value) <= 0.95 * size)) || 1e3;
    const area = axes(context, colors, { width, height, x: [-reach, reach], y: [-reach, reach], ...PLACE, xLabel: "w₁", yLabel: "w₂" });
    area.clip();
    const [x, y] = [(value) => area.x(value[0]), (value) => area.y(value[1])];
    context.globalAlpha = 0.45;
    path.slice(-60).forEach((tip, i, tips) => {
      if (i) segment(context, x(tips[i - 1]), y(tips[i - 1]), x(tip), y(tip), colors.purple, 1.5);
    });
    context.globalAlpha = 1;
    const zero = [0, 0];
    if (last?.wrong) {
      const { w } = last.before;
      arrow(context, x(zero), y(zero), x(w), y(w), colors.muted, 2.5);
      arrow(context, x(w), y(w), x(run.w), y(run.w), colors.purple, 3);
      const middle = [(w[0] + run.w[0]) / 2, (w[1] + run.w[1]) / 2];
      words(context, last.target > 0 ? "+x" : "−x", x(middle) + 12, y(middle) - 12, colors.purple, colors.bg, { bold: true, size: 14 });
    }
    arrow(context, x(zero), y(zero), x(run.w), y(run.w), colors.text, 3);
    if (Math.hypot(...run.w) > 0.12 * reach) words(context, "w", x(run.w) + (run.w[0] < 0 ? -13 : 13), y(run.w) + (run.w[1] < 0 ? 13 : -11), colors.text, colors.bg, { bold: true, size: 15 });
    context.restore();
  }

  const bars = canvas(life, { label: "", height: 96, draw: drawBars });

  function drawBars(context, width, height) {
    const { colors } = life;
    const shown = run.perPass.slice(-40);
    const most = Math.max(4, ...shown);
    words(context, "mistakes in each pass", 2, 8, colors.muted, null, { align: "left", size: 12 });
    const each = Math.min(26, (width - 4) / Math.max(shown.length, 1));
    segment(context, 0, height - 16, width, height - 16, colors.grid, 1);
    shown.forEach((count, i) => {
      const tall = ((height - 52) * count) / most;
      const x = 2 + i * each;
      context.fillStyle = count ? colors.red : colors.green;
      context.fillRect(x, height - 16 - Math.max(tall, 2), Math.max(each - 3, 1), Math.max(tall, 2));
      if (each > 15) {
        words(context, String(count), x + each / 2 - 1, height - 24 - tall, colors.text, null, { size: 12 });
        words(context, String(run.perPass.length - shown.length + i + 1), x + each / 2 - 1, height - 7, colors.muted, null, { size: 11 });
      }
    });
  }

  // ------------------------------------------------------------ words and numbers

  const sums = [0, 1, 2, 3].map(() => el("div", {}));
  const numbers = el("dl", { class: "fnd-facts" });
  const line = status(life);
  const goals = challenges(life, [
    {
      name: "perceptron.twenty_mistakes",
      text: "Place at most six points of both classes that a line separates, and yet the rule makes at least 20 mistakes before it is done.",
      check: () => isHardButSeparable(run, points),
    },
    {
      name: "perceptron.three_points",
      text: "XOR needs four points. Place only three that no line separates.",
      check: () => isThreeInseparable(points),
    },
  ]);

  function writeSums() {
    const { last } = run;
    if (!last) {
      sums[0].textContent = "Start: w = (0, 0), b = 0.";
      sums[1].textContent = "If the sign of w·x + b is wrong (or 0):";
      sums[2].textContent = "w ← w + t x";
      sums[3].textContent = "b ← b + t";
      return;
    }
    const { x1, x2, target, z, wrong, before, index } = last;
    const t = target > 0 ? "+1" : "−1";
    sums[0].textContent = `Example ${index + 1}: x = ${pair([x1, x2])}, t = ${t} (${name(target)})`;
    sums[1].textContent = `w·x + b = ${factor(before.w[0], 1)}·${factor(x1, 1)} + ${factor(before.w[1], 1)}·${factor(x2, 1)} + ${factor(before.b, 1)} = ${num(z, 2)}: ${wrong ? "✗ mistake" : "✓ right"}`;
    sums[2].textContent = wrong ? `w ← ${pair(before.w)} ${target > 0 ? "+" : "−"} ${pair([x1, x2])} = ${pair(run.w)}` : `w stays ${pair(run.w)}`;
    sums[3].textContent = wrong ? `b ← ${num(before.b, 1)} ${target > 0 ? "+" : "−"} 1 = ${num(run.b, 1)}` : `b stays ${num(run.b, 1)}`;
  }

  function writeNumbers() {
    const rows = [
      ["examples looked at", num(run.looks)], ["passes", num(run.passes)], ["mistakes so far", num(run.mistakes)],
      ["wrong now", run.looks ? `${wrongNow(run, points)} of ${points.length}` : "–"],
    ];
    if (hasBoth(points)) {
      rows.push(["longest point, R", num(limit.R)], ["margin γ", limit.separable ? num(limit.gamma, 3) : "none"],
        ["at most (R/γ)² mistakes", limit.separable ? num(limit.most) : "∞"]);
    }
    numbers.replaceChildren(...rows.flatMap(([term, value]) => [el("dt", { text: term }), el("dd", { text: value })]));
  }

  function summary() {
    if (!points.length) return "No points yet: click in the picture, or press Enter there.";
    if (!hasBoth(points)) return "Place points of both classes.";
    if (run.done) return `Done after ${counted(run.passes, "pass")} and ${counted(run.mistakes, "mistake")}: every point is on its side. The bound was ${num(limit.most)}.`;
    if (run.cycle) {
      const every = run.cycle === 1 ? "every pass" : `every ${run.cycle} passes`;
      return `It goes round in a circle: ${every} the weights come back to the same values. No line separates these points, so it never ends.`;
    }
    if (!run.looks) return limit.separable ? "A line can separate these points. Press Step or Run." : "No line can separate these points. Watch what the rule does.";
    const { index, wrong } = run.last;
    return `Example ${index + 1} ${wrong ? "was wrong: the line moves" : "was right: nothing changes"}. ${counted(run.mistakes, "mistake")} so far.`;
  }

  // ------------------------------------------------------------ training

  function once() {
    if (run.done || !hasBoth(points)) { ride.stop(); return; }
    if (run.at === 0) {
      order = points.map((_, i) => i);
      if (shuffled.value) random.shuffle(order);
    }
    learn(run, points, order, !shuffled.value);
    if (run.done) ride.stop();
  }

  let owed = 0;
  const ride = loop(life, (seconds) => {
    owed = Math.min(owed + seconds * speed.value, 60);
    if (owed < 1) return;
    for (; owed >= 1 && ride.running; owed -= 1) once();
    changed();
  }, { onChange(running) { play.label = running ? "Pause" : "Run"; owed = running ? 1 : 0; } });

  function restart() {
    ride.stop();
    run = create();
    limit = bound(points);
    changed();
  }

  // ------------------------------------------------------------ controls

  const play = button(life, { label: "Run", primary: true, onClick() { if (run.done) restart(); ride.toggle(); } });
  const step = button(life, { label: "Step", title: "Step: look at one example", onClick() { ride.stop(); once(); changed(); } });
  const reset = button(life, { label: "Reset", title: "Reset: weights back to zero", onClick: restart });
  const load = (value) => {
    chosen = value;
    points = preset(value, seed);
    cursor = points.length ? points[0].slice(0, 2) : [0, 0];
    restart();
  };
  const presets = select(life, { label: "Points", options: PRESETS, value: chosen, onInput: load });
  const fresh = button(life, { label: "New cloud", onClick() { seed += 1; load(chosen); } });
  const speed = slider(life, { label: "Examples per second", values: [1, 2, 4, 8, 20, 60, 200], value: 4 });
  const tool = segmented(life, { label: "Click or Enter in the picture", options: [[1, "add ▲"], [-1, "add ●"], [0, "remove"]], value: 1 });
  const shuffled = toggle(life, { label: "shuffle before each pass", onInput: restart });
  const best = toggle(life, { label: "show the line with the largest margin", onInput() { plane.redraw(); } });

  const at = ([x1, x2]) => points.findIndex(([a, b]) => a === x1 && b === x2);

  function use() {
    const found = at(cursor);
    if (tool.value === 0) {
      if (found < 0) return;
      points = points.filter((_, i) => i !== found);
    } else if (found >= 0) points[found] = [...cursor, tool.value];
    else if (points.length < MOST) points = [...points, [...cursor, tool.value]];
    restart();
  }

  function toPlane(x, y) {
    const [w, h] = [plane.node.clientWidth - PLACE.left - PLACE.right, plane.node.clientHeight - PLACE.top - PLACE.bottom];
    const value = (share) => tenth(clamp(2 * EDGE * share - EDGE, -EDGE, EDGE));
    return [value((x - PLACE.left) / w), value(1 - (y - PLACE.top) / h)];
  }

  pointer(life, plane.node, {
    down(x, y) {
      cursor = toPlane(x, y);
      dragged = map ? points.findIndex(([a, b]) => Math.hypot(map.x(a) - x, map.y(b) - y) < 15) : -1;
      if (dragged >= 0) cursor = points[dragged].slice(0, 2);
      if (dragged < 0 || tool.value === 0) {
        use();
        dragged = -1;
      } else changed();
    },
    move(x, y) {
      if (dragged < 0) return;
      const next = toPlane(x, y);
      if (at(next) >= 0) return;
      cursor = next;
      points[dragged] = [...next, points[dragged][2]];
      restart();
    },
    up() { dragged = -1; },
  });
  plane.node.classList.add("fnd-cross");
  const walk = (dx, dy) => (event) => {
    const size = event.shiftKey ? 0.1 : 0.5;
    cursor = [tenth(clamp(cursor[0] + size * dx, -EDGE, EDGE)), tenth(clamp(cursor[1] + size * dy, -EDGE, EDGE))];
    changed();
  };
  const erase = () => { const kept = tool.value; tool.value = 0; use(); tool.value = kept; };
  keys(life, plane.node, { ArrowLeft: walk(-1, 0), ArrowRight: walk(1, 0), ArrowUp: walk(0, 1), ArrowDown: walk(0, -1), Enter: use, " ": use, Delete: erase, Backspace: erase });

  function changed() {
    fresh.node.hidden = !["separable", "overlapping"].includes(chosen);
    step.node.disabled = run.done || !hasBoth(points);
    play.node.disabled = !hasBoth(points);
    writeSums();
    writeNumbers();
    const told = summary();
    line.say(told);
    const here = at(cursor);
    const there = here < 0 ? "empty" : `point ${here + 1}, class ${points[here][2] > 0 ? "triangle" : "disc"}`;
    const spot = `Cursor at ${pair(cursor)}, ${there}.`;
    plane.label = `${counted(points.length, "point")}. ${spot} ${told} Arrow keys move the cursor, with Shift in small steps; Enter uses the tool; Delete removes.`;
    const old = run.last?.wrong ? `, before ${pair(run.last.before.w)}` : "";
    arrows.label = `Weights: w = ${pair(run.w)}, b = ${num(run.b, 1)}${old}.`;
    bars.label = `Mistakes in each pass: ${run.perPass.slice(-40).join(", ") || "none yet"}.`;
    plane.redraw();
    arrows.redraw();
    bars.redraw();
    goals.test();
  }

  root.append(
    el("div", { class: "fnd-lab" },
      el("div", { class: "fnd-stack" }, plane.node, line.node),
      el("div", { class: "fnd-stack" },
        el("div", { class: "fnd-row" }, play.node, step.node, reset.node),
        speed.node, presets.node, fresh.node, tool.node,
        el("div", {}, shuffled.node, best.node), numbers),
      el("div", { class: "fnd-stack" },
        el("div", { class: "fnd-sum", role: "group", "aria-label": "The last step" }, ...sums),
        arrows.node, bars.node)),
    goals.node,
    el("details", {},
      el("summary", { text: "What R, γ and the bound mean" }),
      el("p", { class: "fnd-note", text: "Write every point as (x₁, x₂, 1), so that the bias is a third weight. R is the length of the longest of them. γ, the margin, is how far the nearest point stays from the best possible plane through the origin of that space. Each mistake moves the weights at least γ forward along the best direction, while their squared length grows by at most R². Both together allow at most (R/γ)² mistakes, in any order of the examples." })));
  changed();
}

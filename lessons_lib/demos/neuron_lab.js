// NeuronLab: one neuron with two inputs, its line in the plane, and its sum step by step.

import { axes, button, canvas, challenges, clamp, diverging, el, keys, pointer, segmented, slider, status, toggle } from "./kit.js";
import { arrow, disc, factor, lineInBox, num, segment, triangle, words } from "./marks.js";
import { ACTIVATIONS, LN9, decision, ignoresFirst, isDecided, judge, neuron, scaled } from "./neuron_lab_core.js";

const MINUS = "\u2212";

// An output with as many digits as it takes to see that a sigmoid is never quite 0 or 1.
function shown(y, digits = 2) {
  const text = num(y, digits);
  if (Number(text) === y || !["0", "1", "−1"].includes(text)) return text;
  return digits < 4 ? shown(y, digits + 1) : `≈ ${text}`;
}

// state: {w, b, activation, points: [[x1, x2, target]], axes: [{name, unit, range, step}],
// classes: [no, yes], limits: [[largest, step], ...], goals: boolean}
export function mount(root, state, life) {
  const { points, classes, limits, axes: [first, second] } = state;
  const start = { w: [...state.w], b: state.b, activation: state.activation };
  let now = { ...start, w: [...start.w] };
  let probe = [...points[0].slice(0, 2)];
  let equal = false;
  let map = null;
  let taken = [];

  const inUnit = (value, { unit }) => (unit ? `${num(value)} ${unit}` : num(value));
  const inWords = ([x1, x2]) => `${inUnit(x1, first)}, ${inUnit(x2, second)}`;
  const answer = (z) => { const said = decision(z); return said === null ? "undecided" : classes[said]; };
  const named = (axis) => (axis.unit ? `${axis.name} (${axis.unit})` : axis.name);
  const tint = (shade) => diverging(shade, life.dark);  // orange stands for yes

  // ------------------------------------------------------------ the plane

  const plane = canvas(life, { label: "", aspect: 1.18, focusable: true, draw: drawPlane });

  function drawPlane(context, width, height) {
    const { colors } = life;
    const box = frame(width, height);
    map = axes(context, colors, { ...box, xLabel: named(first) });
    words(context, named(second), box.left, 8, colors.muted, null, { align: "left", size: 12 });
    map.clip();
    taken = [probe, ...points].map(([x1, x2]) => [map.x(x1), map.y(x2)]);
    const line = inPixels(map, now);
    context.globalAlpha = 0.8;
    context.fillStyle = shading(context, line, width, height);
    context.fillRect(0, 0, width, height);
    context.globalAlpha = 1;
    const ends = lineInBox(line.a, line.c, line.e, [box.left, width - box.right], [box.top, height - box.bottom]);
    if (now.activation === "sigmoid") for (const level of [-LN9, LN9]) drawLevel(context, line, box, level);
    drawProbeGuides(context, height - box.bottom, box.left);
    if (ends) {
      segment(context, ...ends[0], ...ends[1], colors.text, 2.5);
      drawArrow(context, line, ends, [box.left, width - box.right]);
    } else {
      const side = answer(neuron(now, [first.range[0], second.range[0]]).z);
      words(context, `${side} everywhere`, (box.left + width - box.right) / 2, height / 2, colors.text, colors.bg, { bold: true, size: 15 });
    }
    for (const [x1, x2, target] of points) {
      const mark = target ? triangle : disc;
      mark(context, map.x(x1), map.y(x2), 7, colors.text, colors.bg, 2);
    }
    disc(context, map.x(probe[0]), map.y(probe[1]), 13, null, colors.bg, 6);
    disc(context, map.x(probe[0]), map.y(probe[1]), 13, null, colors.accent, 3);
    context.restore();
  }

  // The frame fills the canvas, or has the same scale on both axes.
  function frame(width, height) {
    const box = { width, height, x: first.range, y: second.range, left: 40, right: 12, top: 20, bottom: 38 };
    if (!equal) return box;
    const [wide, high] = [width - box.left - box.right, height - box.top - box.bottom];
    const [dx, dy] = [box.x[1] - box.x[0], box.y[1] - box.y[0]];
    const scale = Math.min(wide / dx, high / dy);
    const [spareX, spareY] = [wide - scale * dx, high - scale * dy];
    return { ...box, left: box.left + spareX / 2, right: box.right + spareX / 2, top: box.top + spareY, bottom: box.bottom };
  }

  // z as a function of pixels: a px + c py + e.
  function inPixels({ x, y }, { w, b }) {
    const a = w[0] / (x(1) - x(0));
    const c = w[1] / (y(1) - y(0));
    return { a, c, e: b - a * x(0) - c * y(0) };
  }

  // z is the same along the line, so one linear gradient across it colours the plane exactly.
  function shading(context, { a, c, e }, width, height) {
    const { value, shade } = ACTIVATIONS[now.activation];
    const size = Math.hypot(a, c);
    if (size < 1e-9) return tint(shade(value(e)));
    const reach = 7;
    const [cx, cy] = [width / 2, height / 2];
    const back = (a * cx + c * cy + e) / size ** 2;
    const [fx, fy] = [cx - back * a, cy - back * c];
    const [dx, dy] = [(reach * a) / size ** 2, (reach * c) / size ** 2];
    const gradient = context.createLinearGradient(fx - dx, fy - dy, fx + dx, fy + dy);
    for (let i = 0; i <= 56; i += 1) gradient.addColorStop(i / 56, tint(shade(value(reach * (i / 28 - 1)))));
    if (now.activation === "step") gradient.addColorStop(0.5, tint(1));
    return gradient;
  }

  function drawLevel(context, { a, c, e }, box, level) {
    const ends = lineInBox(a, c, e - level, [box.left, box.width - box.right], [box.top, box.height - box.bottom]);
    if (!ends) return;
    segment(context, ...ends[0], ...ends[1], life.colors.text, 1.5, [2, 4]);
    const [x, y] = ends[0][1] < ends[1][1] ? ends[0] : ends[1];
    const at = [clamp(x, box.left + 16, box.width - box.right - 16), Math.max(y, box.top + 10) + 2];
    words(context, level > 0 ? "0.9" : "0.1", ...at, life.colors.text, life.colors.bg, { size: 12 });
    taken.push(at);
  }

  // The arrow w in units of the picture: at a right angle to the line, longer where the change is sharper.
  function drawArrow(context, { a, c }, [[x0, y0], [x1, y1]], [from, to]) {
    const width = to - from;
    const { text, bg } = life.colors;
    const size = Math.hypot(a, c);
    const [ux, uy] = [a / size, c / size];
    const along = (t, away) => [x0 + t * (x1 - x0) + away * ux, y0 + t * (y1 - y0) + away * uy];
    const length = clamp(0.014 * width * width * size, 26, 0.26 * width);
    arrow(context, ...along(0.5, 0), ...along(0.5, length), text, 3);
    const [wx, wy] = along(0.5, length / 2);
    words(context, "w", wx - 14 * uy, wy + 14 * ux, text, bg, { bold: true, size: 15 });
    taken.push(along(0.5, length));
    const room = ([x, y]) => Math.min(46, ...taken.map(([u, v]) => Math.hypot(0.6 * (u - x), v - y)));
    [-44, 44].forEach((away, said) => {
      const places = [0.5, 0.3, 0.7, 0.2, 0.8].map((t) => along(t, away));
      const best = places.reduce((one, other) => (room(other) > room(one) + 12 ? other : one));
      words(context, classes[said], clamp(best[0], from + 30, to - 30), best[1], text, bg, { bold: true, size: 15 });
    });
  }

  function drawProbeGuides(context, bottom, left) {
    const [x, y] = [map.x(probe[0]), map.y(probe[1])];
    segment(context, x, y, x, bottom, life.colors.accent, 1.5, [4, 4]);
    segment(context, x, y, left, y, life.colors.accent, 1.5, [4, 4]);
  }

  // ------------------------------------------------------------ the sum and the curve

  const sum = canvas(life, { label: "", height: 250, draw: drawSum });

  function drawSum(context, width, height) {
    const { colors } = life;
    const { terms, z, y } = neuron(now, probe);
    const { value, low, high } = ACTIVATIONS[now.activation];
    const places = [0, terms[0], terms[0] + terms[1], z];
    const reach = [6, 12, 24, 48, 96, 1e3].find((size) => places.every((at) => Math.abs(at) <= size)) || 1e4;
    const top = 84;
    const span = [Math.max(low, -reach), Math.min(high, reach)];
    const air = 0.08 * (span[1] - span[0]);
    const area = axes(context, colors, {
      width, height, x: [-reach, reach], y: [span[0] - air, span[1] + air], left: 40, right: 12, top, bottom: 36, xLabel: "weighted sum z",
    });
    words(context, "output y", 44, top + 9, colors.muted, colors.bg, { align: "left", size: 12 });
    // The three terms, one below the other, each starts where the last one ended.
    const inks = [colors.green, colors.purple, colors.text];
    segment(context, area.x(0), 2, area.x(0), top, colors.line, 1);
    terms.forEach((term, i) => {
      const [from, to, at] = [area.x(places[i]), area.x(places[i + 1]), 14 + 25 * i];
      if (i < 2) segment(context, to, at, to, at + 25, colors.line, 1);
      arrow(context, from, at, to, at, inks[i], 3.5);
    });
    terms.forEach((term, i) => {
      const [from, to, at] = [area.x(places[i]), area.x(places[i + 1]), 14 + 25 * i];
      const right = (from + to) / 2 < width / 2;
      const text = i === 2 ? `b = ${num(term)}` : `w${"₁₂"[i]}x${"₁₂"[i]} = ${num(term)}`;
      words(context, text, right ? Math.max(from, to) + 8 : Math.min(from, to) - 8, at, inks[i], colors.bg, { align: right ? "left" : "right" });
    });
    segment(context, area.x(z), 64, area.x(z), area.y(y), colors.accent, 1.5, [4, 4]);
    segment(context, area.x(z), area.y(y), 40, area.y(y), colors.accent, 1.5, [4, 4]);
    context.beginPath();
    for (let i = 0; i <= 400; i += 1) {
      const at = reach * (i / 200 - 1);
      context.lineTo(area.x(at), area.y(value(at)));
    }
    context.strokeStyle = colors.text;
    context.lineWidth = 2.5;
    context.stroke();
    for (const point of judge(now, points)) {
      if (Math.abs(point.z) > reach) continue;
      const mark = point.target ? triangle : disc;
      mark(context, area.x(point.z), area.y(point.y), 5.5, colors.text, colors.bg, 2);
    }
    disc(context, area.x(z), area.y(y), 11, null, colors.accent, 3);
  }

  // ------------------------------------------------------------ words and numbers

  const lines = [0, 1, 2, 3].map(() => el("div", {}));
  const formula = el("div", { class: "fnd-sum", role: "group", "aria-label": "The calculation" }, ...lines);
  const part = (kind, text) => el("span", { class: `fnd-term-${kind}`, text });

  function writeFormula() {
    const { terms, z, y } = neuron(now, probe);
    const { w, b, activation } = now;
    const signed = (value) => (value < 0 ? ` ${MINUS} ${num(-value, 3)}` : ` + ${num(value, 3)}`);
    lines[0].replaceChildren("z = ", part(1, `w₁ · ${first.name}`), " + ", part(2, `w₂ · ${second.name}`), " + b");
    lines[1].replaceChildren("= ", part(1, `${factor(w[0])} · ${factor(probe[0])}`), " + ", part(2, `${factor(w[1])} · ${factor(probe[1])}`), ` + ${factor(b)}`);
    lines[2].replaceChildren("= ", part(1, num(terms[0], 3)), part(2, signed(terms[1])), signed(terms[2]), " = ", el("b", { text: num(z, 3) }));
    lines[3].replaceChildren(`y = ${ACTIVATIONS[activation].text}(${num(z, 3)}) = `, el("b", { text: shown(y, 3) }), `, ${answer(z)}`);
  }

  const rows = points.map((point) => {
    const cell = el("span");
    const row = button(life, { label: inWords(point), icon: point[2] ? "▲" : "●", onClick() { move(point); } });
    row.node.append(cell);
    return { node: row.node, cell };
  });

  function writeRows() {
    judge(now, points).forEach(({ z, y, right }, i) => {
      rows[i].cell.textContent = `${shown(y)} ${answer(z)} ${right ? "✓" : "✗"}`;
      rows[i].cell.append(el("span", { class: "fnd-hidden", text: right ? " right" : " wrong" }));
      rows[i].cell.className = right ? "fnd-good" : "fnd-bad";
    });
  }

  // ------------------------------------------------------------ controls

  const line = status(life);
  const goals = state.goals ? challenges(life, [
    {
      name: "neuron.decided",
      text: `With the sigmoid: above 0.9 for the ${classes[1]} morning and below 0.1 for both ${classes[0]} mornings.`,
      check: () => isDecided(now, points),
    },
    {
      name: "neuron.temperature_only",
      text: "Make sleep not matter at all, so that the line is horizontal, with all three mornings right.",
      check: () => ignoresFirst(now, points),
    },
  ]) : null;

  const knob = (i, label, put) => slider(life, {
    label, min: -limits[i][0], max: limits[i][0], step: limits[i][1],
    value: i < 2 ? now.w[i] : now.b, onInput(value) { put(value); changed(); },
  });
  const knobs = [
    knob(0, `w₁, weight of ${first.name}`, (value) => { now.w[0] = value; }),
    knob(1, `w₂, weight of ${second.name}`, (value) => { now.w[1] = value; }),
    knob(2, "b, bias", (value) => { now.b = value; }),
  ];
  const spot = (i, axis) => slider(life, {
    label: `x${"₁₂"[i]}, ${axis.name}`, min: axis.range[0], max: axis.range[1], step: axis.step, value: probe[i],
    format: (value) => inUnit(value, axis),
    onInput(value) { const next = [...probe]; next[i] = value; move(next); },
  });
  const spots = [spot(0, first), spot(1, second)];
  const activation = segmented(life, {
    label: "Activation", options: Object.entries(ACTIVATIONS).map(([name, { text }]) => [name, text]), value: now.activation,
    onInput(value) { now.activation = value; changed(); },
  });
  const scale = toggle(life, {
    label: "same scale on both axes",
    onInput(value) { equal = value; plane.redraw(); },
  });
  const set = ({ w, b }) => { now.w = [...w]; now.b = b; show(); };
  const back = button(life, {
    label: "Start values",
    onClick() { now.activation = start.activation; set(start); },
  });
  const flip = button(life, {
    label: "Flip", title: "Flip: change the sign of all three numbers",
    onClick() { set({ w: now.w.map((value) => -value || 0), b: -now.b || 0 }); },
  });
  const sharper = button(life, { label: "all × 2", title: "All three numbers times 2: sharper", onClick() { set(scaled(now, 2, limits)); } });
  const softer = button(life, { label: "all ÷ 2", title: "All three numbers divided by 2: softer", onClick() { set(scaled(now, 0.5, limits)); } });

  function show() {
    knobs[0].value = now.w[0];
    knobs[1].value = now.w[1];
    knobs[2].value = now.b;
    activation.value = now.activation;
    changed();
  }

  function move([x1, x2]) {
    probe = [first, second].map(({ range, step }, i) => {
      const value = clamp([x1, x2][i], ...range);
      return Number((Math.round(value / step) * step).toFixed(6));
    });
    spots[0].value = probe[0];
    spots[1].value = probe[1];
    changed();
  }

  function changed() {
    const { z, y } = neuron(now, probe);
    const right = judge(now, points).filter((point) => point.right).length;
    writeFormula();
    writeRows();
    sharper.node.disabled = !scaled(now, 2, limits);
    softer.node.disabled = !scaled(now, 0.5, limits);
    const said = `At ${inWords(probe)}: z = ${num(z)}, y = ${shown(y)}, ${answer(z)}. ${right} of ${points.length} points right.`;
    line.say(said);
    plane.label = `Plane of ${named(first)} and ${named(second)}, ${whereIsTheLine()} ${said} Arrow keys move the probe, with Shift in small steps.`;
    sum.label = `The terms add up to z = ${num(z)}; the ${ACTIVATIONS[now.activation].text} curve turns it into y = ${shown(y)}.`;
    plane.redraw();
    sum.redraw();
    if (goals) goals.test();
  }

  function whereIsTheLine() {
    const ends = lineInBox(now.w[0], now.w[1], now.b, first.range, second.range);
    return ends ? `line z = 0 from ${inWords(ends[0])} to ${inWords(ends[1])}.` : "the line lies outside.";
  }

  // ------------------------------------------------------------ pointer and keyboard

  function drag(x, y) {
    if (!map) return;
    const near = points.find(([x1, x2]) => Math.hypot(map.x(x1) - x, map.y(x2) - y) < 12);
    if (near) { move(near); return; }
    const value = (axis, of, at) => axis.range[0] + ((at - of(axis.range[0])) / (of(axis.range[1]) - of(axis.range[0]))) * (axis.range[1] - axis.range[0]);
    move([value(first, map.x, x), value(second, map.y, y)]);
  }
  pointer(life, plane.node, { down: drag, move: drag });
  plane.node.classList.add("fnd-cross");
  const nudge = (i, sign) => (event) => {
    const axis = [first, second][i];
    const next = [...probe];
    next[i] += sign * axis.step * (event.shiftKey ? 1 : 5);
    move(next);
  };
  keys(life, plane.node, { ArrowLeft: nudge(0, -1), ArrowRight: nudge(0, 1), ArrowDown: nudge(1, -1), ArrowUp: nudge(1, 1) });

  root.append(
    el("div", { class: "fnd-lab" },
      el("div", { class: "fnd-stack" }, plane.node, line.node),
      el("div", { class: "fnd-stack" },
        ...knobs.map((control) => control.node),
        el("div", { class: "fnd-two" }, back.node, flip.node, sharper.node, softer.node),
        activation.node, scale.node),
      el("div", {}, formula, sum.node),
      el("div", { class: "fnd-strip" },
        el("p", { class: "fnd-note", text: `Move the ring in the picture or here. ▲ should be ${classes[1]}, ● ${classes[0]}.` }),
        el("div", {}, ...spots.map((control) => control.node)),
        el("div", { class: "fnd-rows" }, ...rows.map((row) => row.node)))),
    goals ? goals.node : "");
  changed();
}

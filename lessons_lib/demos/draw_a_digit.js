// DrawADigit: a network that the lesson trained answers to what the reader draws.
// state: {layers, classes, examples: packed uint8 or null, mean, std, style: {pen, edge, box}}

import { button, canvas, challenges, clamp, el, fmt, keys, pointer, softmax, status, unpack } from "./kit.js";
import { SIDE, ink, load, prepare, run, stages } from "./draw_a_digit_core.js";
import { layerPanel } from "./draw_a_digit_layers.js";
import { translate } from "./conv_kernels.js";

const EMPTY = "Draw in the field: the network answers while you draw.";
// Steps of the pen by key; the corners of the number pad go diagonally.
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Home: [-1, -1], PageUp: [1, -1], End: [-1, 1], PageDown: [1, 1] };

// A picture of numbers from 0 to 1 as squares of ink.
function paintInk(context, values, width, colors, gap) {
  const size = width / SIDE;
  context.fillStyle = colors.text;
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] < 0.02) continue;
    context.globalAlpha = values[i];
    context.fillRect((i % SIDE) * size, Math.floor(i / SIDE) * size, size - gap, size - gap);
  }
  context.globalAlpha = 1;
}

export function mount(root, state, life) {
  const { classes } = state;
  const layers = load(state.layers);
  const examples = state.examples ? unpack(state.examples) : null;
  const areDigits = classes.length === 10 && classes.every((name, i) => name === String(i));
  let strokes = [];
  let base = null;
  let baseAnswer = 0;
  let input = new Float32Array(SIDE * SIDE);
  let probs = null;
  let asked = 0;
  const written = new Set();
  const pen = { x: 10, y: 8, isDown: false };
  let waiting = 0;
  // A convolutional network: the reader may push the drawing off the centre.
  const isConv = layers.some(({ kind }) => kind === "conv");
  const moved = { x: 0, y: 0 };
  let home = { answer: 0, sure: 0 };

  const line = status(life, EMPTY);
  const goals = challenges(life, isConv ? [
    { name: "cnns.corner", text: "Push a digit at least 5 pixels off the centre so that it is still read the same, at least 50\u00a0% sure.",
      check: (facts) => facts.away >= 5 && facts.same },
    { name: "cnns.pushed", text: "Push a digit that is read well in the centre until the network changes its mind.",
      check: (facts) => facts.away > 0 && facts.lost },
  ] : [
    { name: "pytorch.undecided", text: "Draw something for which the two best answers differ by less than 10 percentage points.",
      check: (facts) => facts.own && facts.lead < 0.1 },
    ...(areDigits ? [{ name: "pytorch.ten_digits", text: "Write all ten digits, as asked for below the field, so that each is recognised.",
      check: (facts) => facts.written === 10 }] : []),
    ...(examples ? [{ name: "pytorch.fooled", text: "Open an example and add strokes until the network changes its mind.",
      check: (facts) => facts.changed }] : []),
  ]);

  // ---------------------------------------------------------------- field
  const paper = canvas(life, {
    label: "Drawing field", aspect: 1, focusable: true,
    draw(context, width) {
      const { colors } = life;
      const unit = width / SIDE;
      context.fillStyle = colors.surface;
      context.fillRect(0, 0, width, width);
      context.strokeStyle = colors.grid;
      context.lineWidth = 1;
      const edge = (SIDE - state.style.box) / 2;
      context.strokeRect(edge * unit, edge * unit, state.style.box * unit, state.style.box * unit);
      if (base) paintInk(context, base, width, colors, 0);
      context.strokeStyle = colors.text;
      context.fillStyle = colors.text;
      context.lineWidth = 2.2 * state.style.pen * unit;
      context.lineCap = "round";
      context.lineJoin = "round";
      for (const stroke of strokes) {
        context.beginPath();
        context.moveTo(stroke[0][0] * unit, stroke[0][1] * unit);
        for (let i = 1; i < stroke.length; i += 1) {
          const [x, y] = stroke[i];
          const [beforeX, beforeY] = stroke[i - 1];
          context.quadraticCurveTo(beforeX * unit, beforeY * unit, ((x + beforeX) / 2) * unit, ((y + beforeY) / 2) * unit);
        }
        const [x, y] = stroke[stroke.length - 1];
        context.lineTo(x * unit, y * unit);
        context.stroke();
      }
      if (document.activeElement === paper.node && paper.node.matches(":focus-visible")) {
        context.beginPath();
        context.arc(pen.x * unit, pen.y * unit, 1.7 * unit, 0, 2 * Math.PI);
        context.lineWidth = 2.5;
        context.strokeStyle = colors.accent;
        context.stroke();
        if (pen.isDown) { context.fillStyle = colors.accent; context.fill(); }
      }
    },
  });
  life.on(paper.node, "focus blur", () => paper.redraw());
  const at = (x, y) => [(x / paper.node.clientWidth) * SIDE, (y / paper.node.clientHeight) * SIDE].map((value) => clamp(value, 0, SIDE));
  pointer(life, paper.node, {
    down(x, y) { strokes.push([at(x, y)]); changed(); },
    move(x, y) {
      const stroke = strokes[strokes.length - 1];
      const [px, py] = at(x, y);
      const [lastX, lastY] = stroke[stroke.length - 1];
      if (Math.hypot(px - lastX, py - lastY) > 0.3) { stroke.push([px, py]); changed(); }
    },
    up() { lifted(); },
  });
  const steer = Object.fromEntries(Object.entries(MOVES).map(([key, [dx, dy]]) => [key, () => {
    pen.x = clamp(pen.x + dx, 0, SIDE);
    pen.y = clamp(pen.y + dy, 0, SIDE);
    if (pen.isDown) strokes[strokes.length - 1].push([pen.x, pen.y]);
    changed();
  }]));
  keys(life, paper.node, {
    ...steer,
    " "() {
      pen.isDown = !pen.isDown;
      if (pen.isDown) { strokes.push([[pen.x, pen.y]]); changed(); } else lifted();
    },
    Backspace: undo, Delete: clear,
  });
  const clearButton = button(life, { label: "Clear", primary: true, onClick: clear });
  const undoButton = button(life, { label: "Undo", title: "Take back the last stroke", onClick: undo });
  const wish = el("div", { class: "fnd-dd-wish" });
  const marks = classes.map((name, i) => button(life, { label: name, title: "Ask for " + name, onClick() { asked = i; showWish(); } }));
  if (areDigits) wish.append(...marks.map((mark) => mark.node));
  const wishLine = el("p", { class: "fnd-note" });

  // ---------------------------------------------------------------- what the network does
  const sees = canvas(life, {
    label: "What the network sees", aspect: 1,
    draw(context, width) {
      context.fillStyle = life.colors.surface;
      context.fillRect(0, 0, width, width);
      paintInk(context, input, width, life.colors, width > 100 ? 0.5 : 0);
      const seen = isConv && panel.window();
      if (!seen) return;
      const [top, left, bottom, right] = seen.map((value) => (value * width) / SIDE);
      const unit = width / SIDE;
      context.lineWidth = 2;
      context.strokeStyle = life.colors.accent;
      context.strokeRect(left + 1, top + 1, right - left + unit - 2, bottom - top + unit - 2);
    },
  });
  const panel = layerPanel(life, layers, isConv, () => sees.redraw());
  const arrows = [["\u2190", "left", -1, 0], ["\u2191", "up", 0, -1], ["\u2193", "down", 0, 1], ["\u2192", "right", 1, 0]]
    .map(([label, name, dx, dy]) => button(life, { label, title: "Push " + name, onClick() { push(moved.x + dx, moved.y + dy); } }));
  const centre = button(life, { label: "Centre", title: "Put the drawing back", onClick() { push(0, 0); } });
  const rows = classes.map((name) => {
    const bar = el("span", { class: "fnd-dd-fill" });
    const value = el("span", { class: "fnd-dd-percent" });
    return { bar, value, node: el("li", {}, el("span", { class: "fnd-dd-class", text: name }), el("span", { class: "fnd-dd-bar", "aria-hidden": "true" }, bar), value) };
  });
  const bars = el("ul", { class: "fnd-dd-bars", "aria-label": "Probabilities" }, ...rows.map((row) => row.node));
  const count = layers.reduce((sum, { weight, bias }) => sum + (weight ? weight.length : 0) + (bias ? bias.length : 0), 0);
  const speed = el("p", { class: "fnd-note" });
  const caption = (text) => el("p", { class: "fnd-label", text });

  root.append(
    el("div", { class: "fnd-dd-top" },
      el("div", { class: "fnd-stack fnd-dd-paper" }, paper.node,
        el("div", { class: "fnd-row" }, clearButton.node, undoButton.node),
        areDigits ? el("div", {}, wishLine, wish) : null,
        examples ? el("div", {}, caption("Examples to open, and to draw on"), gallery()) : null),
      el("div", { class: "fnd-stack" }, el("div", { class: "fnd-dd-answer" }, line.node), bars,
        el("div", { class: isConv ? "fnd-dd-pair fnd-dd-trio" : "fnd-dd-pair" },
          el("div", {}, caption(isConv ? "It sees" : "The network sees"), sees.node), ...panel.panes),
        isConv ? el("div", {}, caption("Push what it sees"),
          el("div", { class: "fnd-row fnd-dd-push", role: "group", "aria-label": "Push what it sees" }, ...arrows.map((arrow) => arrow.node), centre.node)) : null,
        panel.line, isConv ? null : panel.box, speed)),
    isConv ? panel.box : null,
    el("p", { class: "fnd-note", text: "By keyboard: in the field, the arrow keys move the pen (Home, End, Page Up, Page Down diagonally), Space puts it down and lifts it, Backspace takes back a stroke, Delete clears." }),
    goals.node);
  showWish();
  update();

  function gallery() {
    const size = SIDE * SIDE;
    const pictures = Array.from({ length: examples.length / size }, (_, i) => Float32Array.from(examples.subarray(i * size, (i + 1) * size), (value) => value / 255));
    return el("div", { class: "fnd-dd-gallery" }, ...pictures.map((picture, i) => {
      const open = button(life, { label: "", title: "Example " + (i + 1), onClick() {
        strokes = [];
        base = picture;
        pen.isDown = false;
        Object.assign(moved, { x: 0, y: 0 });
        update();
        baseAnswer = best();
        pen.x = 10;
        pen.y = 8;
      } });
      const image = canvas(life, { label: "", aspect: 1, draw(context, width) { paintInk(context, picture, width, life.colors, 0); } });
      image.node.removeAttribute("role");
      image.node.setAttribute("aria-hidden", "true");
      open.node.replaceChildren(image.node);
      return open.node;
    }));
  }

  function clear() { strokes = []; base = null; pen.isDown = false; Object.assign(moved, { x: 0, y: 0 }); update(); }
  function undo() {
    if (strokes.length) strokes.pop();
    else base = null;
    pen.isDown = false;
    update();
  }

  function changed() {
    if (!waiting) waiting = requestAnimationFrame(update);
  }
  life.onPause(() => { cancelAnimationFrame(waiting); waiting = 0; });

  const best = () => probs.indexOf(Math.max(...probs));

  // Looks at the drawing, runs the network and shows everything.
  function update() {
    cancelAnimationFrame(waiting);
    waiting = 0;
    const start = performance.now();
    const still = base ? ink(strokes, base, state.style) : prepare(strokes, state.style);
    input = translate(still, SIDE, moved.x, moved.y);
    const outputs = ask(input);
    probs = softmax(outputs[outputs.length - 1].values);
    const took = performance.now() - start;
    const there = moved.x || moved.y ? softmax(ask(still)[outputs.length - 1].values) : probs;
    home = { answer: there.indexOf(Math.max(...there)), sure: Math.max(...there) };
    const isEmpty = !strokes.length && !base;
    const order = probs.map((_, i) => i).sort((a, b) => probs[b] - probs[a]);
    const percent = (i) => (probs[i] >= 0.9995 ? ">\u00a099.9\u00a0%" : probs[i] < 0.0005 ? "<\u00a00.1\u00a0%" : (100 * probs[i]).toFixed(1) + "\u00a0%");
    rows.forEach(({ bar, value, node }, i) => {
      bar.style.width = isEmpty ? "0" : 100 * probs[i] + "%";
      value.textContent = isEmpty ? "\u2013" : percent(i);
      node.classList.toggle("fnd-dd-best", !isEmpty && i === order[0]);
    });
    const steps = [moved.x && Math.abs(moved.x) + (moved.x < 0 ? " left" : " right"), moved.y && Math.abs(moved.y) + (moved.y < 0 ? " up" : " down")].filter(Boolean);
    const place = steps.length ? "moved " + steps.join(", ") : "centred";
    line.say(isEmpty ? EMPTY : "The network says " + classes[order[0]] + " (" + percent(order[0]) + "), then " + classes[order[1]] + " (" + percent(order[1]) + ")." + (place === "centred" ? "" : " It is " + place + "; in the centre: " + classes[home.answer] + "."));
    speed.textContent = fmt(count) + " weights and biases, answered in " + Math.max(took, 0.1).toFixed(1) + " ms by your browser.";
    root.parentNode.dataset.took = took.toFixed(2);
    const where = (base ? "An example" + (strokes.length ? " and " : "") : "") + (strokes.length || !base ? strokes.length + (strokes.length === 1 ? " stroke" : " strokes") : "");
    paper.label = "Drawing field, 28 by 28. " + where + ". Pen " + (pen.isDown ? "down" : "up") + " at column " + Math.round(pen.x) + ", row " + Math.round(pen.y) + ".";
    sees.label = isEmpty ? "What the network sees: nothing yet" : "What the network sees: the drawing in " + input.filter((value) => value > 0.5).length + " dark pixels of 784, " + place;
    paper.redraw();
    panel.show(stages(layers, outputs), !isEmpty);
    sees.redraw();
    undoButton.node.disabled = isEmpty;
  }

  function ask(picture) {
    return run(layers, picture.map((value) => (value - state.mean) / state.std));
  }

  // Moves what the network sees, at most half a field.
  function push(x, y) {
    Object.assign(moved, { x: clamp(x, -14, 14), y: clamp(y, -14, 14) });
    update();
    judge();
  }

  function judge() {
    if (!isConv || (!strokes.length && !base)) return;
    const isClear = home.sure >= 0.5;
    const same = best() === home.answer;
    goals.test({ away: Math.max(Math.abs(moved.x), Math.abs(moved.y)), same: isClear && same && probs[best()] >= 0.5, lost: isClear && !same });
  }

  // The pen was lifted: time to judge.
  function lifted() {
    update();
    const [first, second] = [...probs].sort((a, b) => b - a);
    const length = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
    judge();
    goals.test({ own: !base && length > 3, lead: first - second, written: written.size, changed: Boolean(base) && strokes.length > 0 && best() !== baseAnswer });
    if (!areDigits || base || !strokes.length || best() !== asked || probs[asked] < 0.5) return;
    written.add(asked);
    const open = classes.findIndex((_, i) => !written.has(i));
    wishLine.dataset.said = classes[asked];
    asked = open < 0 ? asked : open;
    showWish();
    goals.test({ written: written.size, lead: 1 });
  }

  function showWish() {
    marks.forEach((mark, i) => {
      mark.label = written.has(i) ? classes[i] + "\u2713" : classes[i];
      mark.node.classList.toggle("fnd-dd-written", written.has(i));
      if (i === asked) mark.node.setAttribute("aria-current", "true");
      else mark.node.removeAttribute("aria-current");
    });
    wishLine.textContent = written.size === 10 ? "All ten are recognised." : (wishLine.dataset.said ? "Recognised: " + wishLine.dataset.said + ". Clear, and " : "Can you ") + "write a " + classes[asked] + (wishLine.dataset.said ? "." : "?");
  }
}

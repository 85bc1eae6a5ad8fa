// DrawADigit: a network that the lesson trained answers to what the reader draws.
// state: {layers, classes, examples: packed uint8 or null, mean, std, style: {pen, edge, box}}

import { button, canvas, challenges, clamp, diverging, el, field, fmt, keys, pointer, status, unpack } from "./kit.js";
import { SIDE, ink, load, prepare, run, softmax, stages } from "./draw_a_digit_core.js";

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
  let found = [];
  let asked = 0;
  const written = new Set();
  const pen = { x: 10, y: 8, isDown: false };
  // The unit that the reader chose, and the most active one, which is shown until then.
  let chosen = null;
  let liveliest = null;
  let waiting = 0;

  const line = status(life, EMPTY);
  const goals = challenges(life, [
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
    },
  });
  const weightField = field(SIDE, SIDE);
  const unitView = canvas(life, {
    label: "No unit chosen", aspect: 1,
    draw(context, width) {
      context.fillStyle = life.colors.surface;
      context.fillRect(0, 0, width, width);
      const shown = (chosen || liveliest) && unitPicture();
      if (!shown) return;
      context.imageSmoothingEnabled = false;
      context.drawImage(shown, 0, 0, width, width);
    },
  });
  const unitLine = el("p", { class: "fnd-note" });
  const stageBox = el("div", { class: "fnd-dd-stages" });
  const views = [];
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
        el("div", { class: "fnd-dd-pair" },
          el("div", {}, caption("The network sees"), sees.node),
          el("div", {}, caption("A unit looks for"), unitView.node)),
        unitLine, stageBox, speed)),
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

  function clear() { strokes = []; base = null; pen.isDown = false; update(); }
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
    input = base ? ink(strokes, base, state.style) : prepare(strokes, state.style);
    const outputs = run(layers, input.map((value) => (value - state.mean) / state.std));
    probs = softmax(outputs[outputs.length - 1].values);
    const took = performance.now() - start;
    found = stages(layers, outputs);
    const isEmpty = !strokes.length && !base;
    const order = probs.map((_, i) => i).sort((a, b) => probs[b] - probs[a]);
    const percent = (i) => (probs[i] >= 0.9995 ? ">\u00a099.9\u00a0%" : probs[i] < 0.0005 ? "<\u00a00.1\u00a0%" : (100 * probs[i]).toFixed(1) + "\u00a0%");
    rows.forEach(({ bar, value, node }, i) => {
      bar.style.width = isEmpty ? "0" : 100 * probs[i] + "%";
      value.textContent = isEmpty ? "\u2013" : percent(i);
      node.classList.toggle("fnd-dd-best", !isEmpty && i === order[0]);
    });
    line.say(isEmpty ? EMPTY : "The network says " + classes[order[0]] + " (" + percent(order[0]) + "), then " + classes[order[1]] + " (" + percent(order[1]) + ").");
    speed.textContent = fmt(count) + " weights and biases, answered in " + Math.max(took, 0.1).toFixed(1) + " ms by your browser.";
    root.parentNode.dataset.took = took.toFixed(2);
    const where = (base ? "An example" + (strokes.length ? " and " : "") : "") + (strokes.length || !base ? strokes.length + (strokes.length === 1 ? " stroke" : " strokes") : "");
    paper.label = "Drawing field, 28 by 28. " + where + ". Pen " + (pen.isDown ? "down" : "up") + " at column " + Math.round(pen.x) + ", row " + Math.round(pen.y) + ".";
    sees.label = isEmpty ? "What the network sees: nothing yet" : "What the network sees: the drawing in " + input.filter((value) => value > 0.5).length + " dark pixels of 784, centred";
    paper.redraw();
    sees.redraw();
    showStages();
    undoButton.node.disabled = isEmpty;
  }

  // The pen was lifted: time to judge.
  function lifted() {
    update();
    const [first, second] = [...probs].sort((a, b) => b - a);
    const length = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
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

  // ---------------------------------------------------------------- pictures of the layers
  function showStages() {
    if (views.length !== found.length) found.forEach((stage, i) => addStage(stage, i));
    const lively = found.length && (strokes.length || base) ? found[0].values.length / found[0].shape[0] : 0;
    liveliest = lively ? { index: 0, part: Math.floor(found[0].values.indexOf(Math.max(...found[0].values)) / lively) } : null;
    views.forEach((view, i) => {
      const { values } = found[i];
      const active = values.filter((value) => value > 0).length;
      view.label = view.name + ": " + active + " of " + values.length + " numbers are above 0. Arrow keys choose a " + view.part + ".";
      view.redraw();
    });
    showUnit();
  }

  function addStage({ kind, shape, after }, index) {
    const isFlat = shape.length === 1;
    const parts = shape[0];
    const columns = isFlat ? 2 ** Math.ceil(Math.log2(Math.sqrt(parts) * 1.2)) : Math.ceil(Math.sqrt(2 * parts));
    const lines = Math.ceil(parts / columns);
    const images = isFlat ? null : Array.from({ length: parts }, () => field(shape[2], shape[1]));
    const work = { linear: "", conv: "convolution", max: "max pooling", mean: "mean pooling" }[kind];
    const name = isFlat ? parts + " units" + (after ? " after " + after : "")
      : parts + " channels of " + shape[1] + " \u00d7 " + shape[2] + ", " + work + (after ? " and " + after : "");
    const view = canvas(life, {
      label: name, aspect: columns / lines, focusable: true,
      draw(context, width) {
        const size = width / columns;
        const { values } = found[index];
        const area = values.length / parts;
        const high = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
        context.imageSmoothingEnabled = false;
        for (let i = 0; i < parts; i += 1) {
          const [x, y] = [(i % columns) * size, Math.floor(i / columns) * size];
          if (isFlat) {
            context.fillStyle = diverging(values[i] / high, life.dark);
            context.fillRect(x + 0.5, y + 0.5, size - 1, size - 1);
          } else {
            images[i].paint(values.subarray(i * area, (i + 1) * area), -high, high, life.dark);
            context.drawImage(images[i].image, x + 1, y + 1, size - 2, size - 2);
          }
          context.lineWidth = 1;
          context.strokeStyle = life.colors.grid;
          context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
          if (chosen && chosen.index === index && chosen.part === i) {
            context.lineWidth = 3;
            context.strokeStyle = life.colors.text;
            context.strokeRect(x + 1, y + 1, size - 2, size - 2);
          }
        }
      },
    });
    Object.assign(view, { name, part: isFlat ? "unit" : "channel" });
    Object.defineProperty(view, "label", { set(text) { view.node.setAttribute("aria-label", text); } });
    const choose = (part) => { chosen = { index, part: clamp(part, 0, parts - 1) }; view.redraw(); showUnit(); };
    const touch = (x, y) => choose(Math.floor((y / view.node.clientHeight) * lines) * columns + clamp(Math.floor((x / view.node.clientWidth) * columns), 0, columns - 1));
    pointer(life, view.node, { hover: touch, down: touch, move: touch });
    view.node.style.touchAction = "pan-y";
    const step = (by) => () => choose((chosen && chosen.index === index ? chosen.part : -Math.sign(by)) + by);
    keys(life, view.node, { ArrowLeft: step(-1), ArrowRight: step(1), ArrowUp: step(-columns), ArrowDown: step(columns) });
    views.push(view);
    stageBox.append(el("div", { class: "fnd-dd-stage" }, caption(name), view.node));
  }

  // Weights of a unit that reads the pixels, or the map of a channel.
  function unitPicture() {
    const { index, part } = chosen || liveliest;
    const { layer, shape, values } = found[index];
    const isFirst = layer.kind === "linear" && index === 0 && layer.shape[1] === SIDE * SIDE;
    if (!isFirst && shape.length === 1) return null;
    const size = isFirst ? SIDE * SIDE : values.length / shape[0];
    const numbers = (isFirst ? layer.weight : values).subarray(part * size, (part + 1) * size);
    const high = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
    const picture = isFirst ? weightField : field(shape[2], shape[1]);
    picture.paint(numbers, -high, high, life.dark);
    return picture.image;
  }

  function showUnit() {
    const { index, part } = chosen || liveliest || {};
    if (index !== undefined) {
      const { shape, values } = found[index];
      const isFlat = shape.length === 1;
      const text = (isFlat ? "Unit " + part + " answers " + fmt(values[part], 2) : "Channel " + part + ", enlarged") + (chosen ? "." : ", the most active one.");
      unitLine.textContent = text + (unitPicture() && isFlat ? " Ink on blue raises it, ink on orange lowers it." : isFlat ? " It reads other units, so it has no picture of its own." : " Blue is above 0, orange below.");
      unitView.label = text;
    } else unitLine.textContent = "Point at a unit, or choose one by arrow keys.";
    unitView.redraw();
  }
}

// ConvLab: a kernel of nine numbers slides over a picture; each place gives one sum.

import { button, canvas, challenges, clamp, diverging, el, keys, loop, pointer, segmented, select, status, stepper, toggle, unpack } from "./kit.js";
import { factor, num } from "./marks.js";
import { PRESETS, answersVertical, convolve, isHalf, makesPicture, movesRight, outputSize, presetOf, respond, windowAt } from "./conv_lab_core.js";

const SIZE = 3;
const WHITE = 9;
const OWN = "my own";

function grey(value) {
  const part = Math.round((255 * clamp(value, 0, WHITE)) / WHITE);
  return `rgb(${part},${part},${part})`;
}

// Black or white, whichever can be read better on rgb(r,g,b).
function ink(color) {
  const [r, g, b] = color.match(/\d+/g).map((part) => (part / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#111" : "#fff";
}

// state: {pictures: [{name, rows, columns, values, about, bars}], picture, kernel, divide, bias,
// stride, padding, relu}
export function mount(root, state, life) {
  const pictures = new Map(state.pictures.map((picture) => [picture.name, { ...picture, values: Array.from(unpack(picture.values)) }]));
  const now = { stride: state.stride, padding: state.padding, divide: state.divide, bias: state.bias, relu: state.relu };
  let kernel = [...state.kernel];
  let name = state.picture;
  let output = null;
  let at = 0;
  let known = 0;

  const picture = () => pictures.get(name);
  const place = () => [Math.floor(at / output.columns), at % output.columns];
  const cell = (width) => width / (Math.max(picture().rows, picture().columns) + 2 * now.padding);

  // ------------------------------------------------------------ the two pictures

  const before = canvas(life, { label: "", aspect: 1, focusable: true, draw: drawPicture });
  const after = canvas(life, { label: "", aspect: 1, draw: drawOutput });
  const beforeTitle = el("p", { class: "fnd-note" });
  const afterTitle = el("p", { class: "fnd-note" });

  // Sharp cells: edges fall on whole pixels of the screen, so that no gaps are seen.
  function paintCell(context, side, row, column, color) {
    const ratio = window.devicePixelRatio || 1;
    const edge = (i) => Math.round(i * side * ratio) / ratio;
    context.fillStyle = color;
    context.fillRect(edge(column), edge(row), edge(column + 1) - edge(column), edge(row + 1) - edge(row));
  }

  function writeCell(context, side, row, column, value, color) {
    const text = num(value, 1);
    context.font = `${Math.min(13, (1.5 * side) / Math.max(2, text.length))}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = color;
    context.fillText(text, (column + 0.5) * side, (row + 0.54) * side);
  }

  function frame(context, x, y, wide, high) {
    const inset = Math.min(1.5, wide / 8);
    context.strokeStyle = life.colors.bg;
    context.lineWidth = 5;
    context.strokeRect(x + inset, y + inset, wide - 2 * inset, high - 2 * inset);
    context.strokeStyle = life.colors.accent;
    context.lineWidth = 3;
    context.strokeRect(x + inset, y + inset, wide - 2 * inset, high - 2 * inset);
  }

  function drawPicture(context, width) {
    const { colors } = life;
    const { rows, columns, values } = picture();
    const side = cell(width);
    const { padding, stride } = now;
    const isLarge = side >= 17;
    for (let row = -padding; row < rows + padding; row += 1) {
      for (let column = -padding; column < columns + padding; column += 1) {
        const inside = row >= 0 && row < rows && column >= 0 && column < columns;
        const value = inside ? values[row * columns + column] : 0;
        const color = inside ? grey(value) : colors.grid;
        paintCell(context, side, row + padding, column + padding, color);
        if (isLarge) writeCell(context, side, row + padding, column + padding, value, inside ? ink(color) : colors.text);
      }
    }
    // A rim, without which white pixels end in a white page.
    context.strokeStyle = colors.line;
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, (columns + 2 * padding) * side - 1, (rows + 2 * padding) * side - 1);
    const [row, column] = place();
    frame(context, column * stride * side, row * stride * side, SIZE * side, SIZE * side);
  }

  function drawOutput(context, width) {
    const side = cell(width);
    const { rows, columns, values } = output;
    const asPicture = makesPicture(kernel);
    const high = strongest();
    for (let i = 0; i < Math.min(known, values.length); i += 1) {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const color = asPicture ? grey(values[i]) : diverging(values[i] / high, life.dark);
      paintCell(context, side, row, column, color);
      if (side >= 17) writeCell(context, side, row, column, values[i], ink(color));
    }
    context.strokeStyle = life.colors.line;
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, columns * side - 1, rows * side - 1);
    const [row, column] = place();
    frame(context, column * side, row * side, side, side);
  }

  const strongest = () => output.values.reduce((high, value) => Math.max(high, Math.abs(value)), 0) || 1;

  // ------------------------------------------------------------ the calculation

  const inputs = kernel.map((weight, i) => {
    const input = el("input", {
      type: "number", step: "1", inputmode: "text", value: weight,
      "aria-label": `Kernel, row ${Math.floor(i / SIZE) + 1}, column ${(i % SIZE) + 1}`,
    });
    life.on(input, "input", () => {
      const value = Number(input.value);
      if (input.value === "" || !Number.isFinite(value)) return;
      kernel[i] = clamp(value, -99, 99);
      restart();
    });
    life.on(input, "change", () => { input.value = kernel[i]; });
    return input;
  });
  const cells = () => Array.from({ length: SIZE * SIZE }, () => el("span"));
  const seen = cells();
  const products = cells();
  const part = (title, box) => el("div", { class: "fnd-part" }, el("span", { class: "fnd-note", text: title }), box);
  const seenBox = el("div", { class: "fnd-nine", role: "img" }, ...seen);
  const productBox = el("div", { class: "fnd-nine", role: "img" }, ...products);
  const kernelBox = el("div", { class: "fnd-nine", role: "group", "aria-label": "Kernel" }, ...inputs);
  const sign = (text) => el("span", { class: "fnd-sign", "aria-hidden": "true", text });

  function writeCalculation() {
    const values = windowAt(picture(), SIZE, ...place(), now);
    const { products: parts, sum, z, y } = respond(values, kernel, now);
    values.forEach((value, i) => {
      seen[i].textContent = num(value);
      seen[i].style.background = grey(value);
      seen[i].style.color = ink(grey(value));
      products[i].textContent = num(parts[i], 1);
    });
    seenBox.setAttribute("aria-label", `Under the window: ${values.map((value) => num(value)).join(", ")}`);
    productBox.setAttribute("aria-label", `Products: ${parts.map((value) => num(value, 1)).join(", ")}`);
    const steps = [`sum ${num(sum, 1)}`];
    if (now.divide !== 1) steps.push(`divided by ${now.divide}: ${num(sum / now.divide)}`);
    if (now.bias) steps.push(`plus bias ${factor(now.bias)}: ${num(z)}`);
    if (now.relu) steps.push(`ReLU: ${num(y)}`);
    const [row, column] = place();
    line.say(`Row ${row + 1}, column ${column + 1}: ${steps.join(", ")}. Output ${num(y)}.`);
  }

  // ------------------------------------------------------------ controls

  const line = status(life);
  const goals = challenges(life, [
    {
      name: "convolution.vertical",
      text: "On the bars, with ReLU, stride 1, padding 0: at least 9 wherever the window's middle is on a vertical bar, 0 beside the bars and 0 on all horizontal bars.",
      check: (facts) => facts.name === "bars" && facts.relu && facts.stride === 1 && !facts.padding && answersVertical(facts.picture, facts.kernel, facts),
    },
    {
      name: "convolution.move",
      text: "Without ReLU: a kernel that moves the picture one pixel to the right and changes nothing else.",
      check: (facts) => movesRight(facts.kernel, facts),
    },
    {
      name: "convolution.half",
      text: "The output of the photograph exactly half as wide and half as high as the photograph.",
      check: (facts) => facts.name === "photograph" && isHalf(facts.picture, facts.output),
    },
  ]);
  const names = [...pictures.keys()];
  const choice = segmented(life, { label: "Picture", options: names, value: name, onInput(value) { name = value; restart(); } });
  const preset = select(life, {
    label: "Kernel", options: [...Object.keys(PRESETS), OWN],
    onInput(value) {
      if (value === OWN) return;
      kernel = [...PRESETS[value].kernel];
      now.divide = PRESETS[value].divide;
      divide.value = now.divide;
      kernel.forEach((weight, i) => { inputs[i].value = weight; });
      restart();
    },
  });
  const setting = (key) => (value) => { now[key] = value; restart(); };
  const stride = segmented(life, { label: "Stride", options: [1, 2, 3], value: now.stride, onInput: setting("stride") });
  const padding = segmented(life, { label: "Padding", options: [0, 1, 2], value: now.padding, onInput: setting("padding") });
  const divide = stepper(life, { label: "Divide by", min: 1, max: 99, value: now.divide, onInput: setting("divide") });
  const bias = stepper(life, { label: "Bias", min: -99, max: 99, value: now.bias, onInput: setting("bias") });
  const relu = toggle(life, { label: "ReLU", value: now.relu, onInput: setting("relu") });
  const ride = loop(life, (seconds) => {
    waited += seconds * clamp(output.values.length / 12, 6, 150);
    const steps = Math.floor(waited);
    waited -= steps;
    if (steps) slide(steps);
  }, { onChange(running) { play.label = running ? "Pause" : "Slide"; } });
  const play = button(life, {
    label: "Slide", title: "the window slides over the picture and the output builds up", primary: true,
    onClick() {
      if (!ride.running && known >= output.values.length) { at = 0; known = 1; show(); }
      ride.toggle();
    },
  });
  const step = button(life, {
    label: "Step", title: "one window further",
    onClick() { ride.stop(); slide(1); },
  });
  const all = button(life, { label: "All", title: "show the whole output", onClick() { ride.stop(); known = output.values.length; show(); } });
  let waited = 0;

  function slide(steps) {
    if (known >= output.values.length) { at = 0; known = 0; } else at = Math.min(known - 1 + steps, output.values.length - 1);
    known = at + 1;
    if (known === output.values.length) ride.stop();
    show();
  }

  function move(row, column) {
    ride.stop();
    at = clamp(row, 0, output.rows - 1) * output.columns + clamp(column, 0, output.columns - 1);
    known = output.values.length;
    show();
  }

  // A new kernel, picture or setting: the window stays near its place.
  function restart() {
    ride.stop();
    const old = output && [place(), output];
    output = convolve(picture(), kernel, now);
    known = output.values.length;
    const [row, column] = old ? old[0] : start();
    at = clamp(row, 0, output.rows - 1) * output.columns + clamp(column, 0, output.columns - 1);
    preset.value = presetOf(kernel, now.divide) || OWN;
    show();
    goals.test({ ...now, name, picture: picture(), kernel, output });
  }

  // The window begins where the answer is strongest.
  function start() {
    const sizes = output.values.map(Math.abs);
    const best = sizes.indexOf(Math.max(...sizes));
    return [Math.floor(best / output.columns), best % output.columns];
  }

  function show() {
    const { rows, columns, about } = picture();
    const { stride: s, padding: p } = now;
    const padded = p ? `, with padding ${rows + 2 * p} × ${columns + 2 * p}` : "";
    beforeTitle.textContent = `Picture, ${rows} × ${columns}${padded}`;
    const scale = makesPicture(kernel) ? "black 0, white 9" : `blue −, orange +, up to ±${num(strongest(), 1)}`;
    afterTitle.textContent = `Output, ${output.rows} × ${output.columns} (${scale})`;
    const [row, column] = place();
    before.label = `${about}, ${rows} by ${columns} pixels from 0, black, to 9, white. The window is at row ${row * s - p + 1}, column ${column * s - p + 1}. Arrow keys move it.`;
    const so = known < output.values.length ? `${known} of ${output.values.length} numbers so far, ` : "";
    after.label = `Output, ${output.rows} by ${output.columns}, ${so}from ${num(Math.min(...output.values), 1)} to ${num(Math.max(...output.values), 1)}.`;
    writeCalculation();
    rule.textContent = `Output size: (${rows} + 2 · ${p} − ${SIZE}) / ${s} + 1, rounded down: ${outputSize(rows, SIZE, s, p)}.`;
    credit.textContent = picture().credit || "";
    before.redraw();
    after.redraw();
  }

  const rule = el("p", { class: "fnd-note" });
  const credit = el("p", { class: "fnd-note" });
  const toWindow = (x, y) => {
    const side = cell(before.node.clientWidth) * now.stride;
    const middle = (SIZE / 2) * cell(before.node.clientWidth);
    move(Math.round((y - middle) / side), Math.round((x - middle) / side));
  };
  pointer(life, before.node, { down: toWindow, move: toWindow });
  const toOutput = (x, y) => {
    const side = cell(after.node.clientWidth);
    move(Math.floor(y / side), Math.floor(x / side));
  };
  pointer(life, after.node, { down: toOutput, move: toOutput });
  const by = (rows, columns) => () => { const [row, column] = place(); move(row + rows, column + columns); };
  keys(life, before.node, {
    ArrowLeft: by(0, -1), ArrowRight: by(0, 1), ArrowUp: by(-1, 0), ArrowDown: by(1, 0),
    Home: by(0, -999), End: by(0, 999), PageUp: by(-999, 0), PageDown: by(999, 0),
  });

  root.append(el("div", { class: "fnd-stack" },
    el("div", { class: "fnd-lab" },
      el("div", { class: "fnd-views" }, beforeTitle, before.node, afterTitle, after.node),
      el("div", { class: "fnd-stack" },
        el("div", { class: "fnd-parts" },
          part("window", seenBox), sign("×"), part("kernel", kernelBox), sign("="), part("products", productBox)),
        line.node,
        el("div", { class: "fnd-row" }, preset.node, divide.node),
        el("div", { class: "fnd-row" }, play.node, step.node, all.node))),
    el("div", { class: "fnd-row" }, choice.node, stride.node, padding.node, bias.node, relu.node),
    rule, goals.node, credit));
  restart();
}

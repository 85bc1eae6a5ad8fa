// BackpropStepper: a computation graph, forward and backward one box at a time.
// state: {graph, leaves} - which graph is open at the start, and leaf values that differ.

import { button, challenges, clamp, el, fmt, keys, loop, pointer, segmented, select, slider, status, stepper, svg } from "./kit.js";
import { GRAPHS, OPS, agrees, backward, forward, handOns, measure, startLeaves } from "./backprop_stepper_core.js";

const ORDERS = [["right", "waits"], ["met", "as met"], ["once", "at once"]];
const ORDER_WORDS = {
  right: "A box hands on after everyone computed from it has reported.",
  met: "Wrong: each box hands on once, in the order in which we meet it from the end.",
  once: "Wrong: a box hands on at once, each time something arrives.",
};

function short(value) {
  if (!Number.isFinite(value)) return fmt(value);
  const size = Math.abs(value);
  if (size && (size < 0.001 || size >= 1e5)) return value.toExponential(0).replace(/-/g, "\u2212");
  return fmt(Number(value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3)), size >= 10 ? 2 : size >= 1 ? 2 : 3).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

// A number inside a formula: negative ones in brackets.
function bracket(value) {
  return value < 0 ? "(" + short(value) + ")" : short(value);
}

function formula({ name, op, from, k }, inputs = from) {
  return op ? OPS[op].text(inputs, k) : name;
}

export function mount(root, state, life) {
  let which = GRAPHS[state.graph] ? state.graph : "weight";
  let graph, leaves, run, events, step, last;
  let order = "right";
  let adds = true;
  let guess = null;
  const found = new Set();

  // ---------------------------------------------------------------- controls
  const line = status(life);
  const goals = challenges(life, [
    { name: "backpropagation.dead_input", text: "In the graph with one weight, make the gradient of w exactly 0 while the loss stays above 1. Walk back to the end to show it.",
      check: (facts) => facts.graph === "weight" && facts.isRight && facts.grads.w === 0 && facts.values.L > 1 },
    { name: "backpropagation.order", text: "Find a graph and a wrong order with which a leaf ends with a wrong gradient.",
      check: (facts) => facts.order !== "right" && facts.adds && facts.isWrong },
    { name: "backpropagation.flat_tanh", text: "In the tanh neuron, let less than one hundredth of the gradient pass through tanh.",
      check: (facts) => facts.graph === "tanh" && facts.isRight && facts.slopes.o[0] < 0.01 },
    { name: "backpropagation.predict_leaf", text: "In three graphs, say before walking back which leaf gets the largest gradient (up to its sign).",
      check: (facts) => facts.found >= 3 },
  ]);
  const chooser = select(life, { label: "Graph", options: Object.entries(GRAPHS).map(([key, { title }]) => [key, title]), value: which,
    onInput(value) { which = value; open(); } });
  const orderNote = el("p", { class: "fnd-note" });
  const orderControl = segmented(life, { label: "A box hands on", options: ORDERS, value: order,
    onInput(value) { order = value; rebuild(); } });
  const addControl = segmented(life, { label: "What arrives is", options: [[true, "added (+=)"], [false, "stored (=)"]], value: adds,
    onInput(value) { adds = value; rebuild(); } });
  const guessBox = el("div", {});
  const leafBox = el("div", { class: "fnd-grid fnd-bs-leaves" });
  let fields = {};

  const back = button(life, { label: "Back", title: "One step back", onClick: () => go(step - 1, true) });
  const next = button(life, { label: "Step", title: "One step on", primary: true, onClick: () => go(step + 1, true) });
  const reset = button(life, { label: "Reset", title: "Back to the first step, with the graph's own values", onClick: open });
  let waited = 0;
  const ride = loop(life, (seconds) => {
    waited += seconds;
    if (waited < 1.4) return;
    waited = 0;
    go(step + 1);
    if (step >= last) ride.stop();
  }, { onChange(running) { play.label = running ? "Pause" : "Play"; } });
  const play = button(life, { label: "Play", onClick() {
    if (!ride.running && step >= last) go(0);
    waited = 1;
    ride.toggle();
  } });
  const scrub = slider(life, { label: "Step", min: 0, max: 1, step: 1, value: 0,
    format: (value) => phaseOf(value), onInput: (value) => go(value, true) });

  // ---------------------------------------------------------------- picture
  const picture = svg("svg", { class: "fnd-bs-graph", role: "img", tabindex: "0" });
  const words = el("div", { class: "fnd-bs-words" });
  const table = el("div", { class: "fnd-scroll" });
  keys(life, picture, {
    ArrowRight() { go(step + 1, true); }, ArrowLeft() { go(step - 1, true); },
    Home() { go(0, true); }, End() { go(last, true); },
  });
  let held = null;
  pointer(life, picture, {
    down(x, y, event) {
      const box = event.target.closest("[data-leaf]");
      held = box ? { name: box.dataset.leaf, y, value: leaves[box.dataset.leaf] } : null;
    },
    move(x, y) {
      if (held) setLeaf(held.name, clamp(held.value + Math.round((held.y - y) / 10) * 0.25, -9, 9));
    },
    up(x, y) {
      if (held && Math.abs(held.y - y) < 4) fields[held.name].input.focus();
      held = null;
    },
  });
  picture.style.touchAction = "pan-y";
  life.onResize(picture, () => draw());

  root.append(el("div", { class: "fnd-split" },
    el("div", { class: "fnd-stack" }, chooser.node, picture,
      el("div", { class: "fnd-row" }, next.node, back.node, play.node, reset.node, el("div", { class: "fnd-bs-scrub" }, scrub.node)),
      el("div", { class: "fnd-bs-explain" }, line.node, words),
      el("details", {}, el("summary", { text: "All numbers as a table" }), table)),
    el("div", { class: "fnd-stack" },
      el("div", {}, el("p", { class: "fnd-label", text: "Leaves (or drag a dashed box up and down)" }), leafBox),
      guessBox, orderControl.node, orderNote, addControl.node)), goals.node);
  open();

  // ---------------------------------------------------------------- state
  function open() {
    ride.stop();
    graph = GRAPHS[which];
    leaves = { ...startLeaves(graph) };
    for (const [name, value] of Object.entries((state.graph === which && state.leaves) || {})) if (name in leaves) leaves[name] = value;
    guess = null;
    fields = {};
    for (const name of Object.keys(leaves)) {
      fields[name] = stepper(life, { label: name, min: -9, max: 9, step: 0.25, value: leaves[name], onInput: (value) => setLeaf(name, value) });
    }
    leafBox.replaceChildren(...Object.values(fields).map((field) => field.node));
    const names = Object.keys(leaves);
    guessBox.replaceChildren(...(names.length < 2 ? [] : [segmented(life, {
      label: "Predict: which leaf gets the largest gradient?", options: [[null, "?"], ...names.map((name) => [name, name])], value: null,
      onInput(value) { guess = value; },
    }).node]));
    rebuild(0);
  }

  function setLeaf(name, value) {
    if (leaves[name] === value) return;
    leaves[name] = value;
    fields[name].value = value;
    rebuild();
  }

  // The run again after a change; the step stays where it was.
  function rebuild(at = step) {
    run = forward(graph, leaves);
    events = handOns(graph, order);
    last = numForward() + 1 + events.length;
    scrub.input.max = last;
    orderNote.textContent = ORDER_WORDS[order];
    go(Math.min(at, last));
  }

  function numForward() { return graph.nodes.filter(({ op }) => op).length; }

  function go(to, byHand = false) {
    if (byHand) ride.stop();
    step = clamp(to, 0, last);
    scrub.value = step;
    next.node.disabled = step >= last;
    back.node.disabled = step <= 0;
    for (const input of guessBox.querySelectorAll("input")) input.disabled = step > numForward();
    show();
  }

  function phaseOf(value) {
    const forwards = graph ? numForward() : 0;
    if (!value) return "start";
    return value <= forwards ? "forward " + value + " of " + forwards : value === last ? "end" : "backward " + (value - forwards) + " of " + (last - forwards);
  }

  // What is known at this step.
  function view() {
    const inner = graph.nodes.filter(({ op }) => op);
    const forwards = inner.length;
    const known = new Set([...Object.keys(leaves), ...inner.slice(0, step).map(({ name }) => name)]);
    const isBackward = step > forwards;
    const count = step - forwards - 1;
    const sweep = isBackward ? backward(graph, run, events, count, adds) : null;
    const event = count > 0 ? events[count - 1] : null;
    const now = isBackward ? (event ? event.name : inner[forwards - 1].name) : step ? inner[step - 1].name : null;
    return { inner, known, isBackward, sweep, event, now, grads: sweep ? sweep.grads : null };
  }

  // ---------------------------------------------------------------- words
  function piece(sign, value, caption, kind = "") {
    return el("span", { class: "fnd-bs-piece " + kind }, el("b", {}, sign ? el("i", { text: sign }) : null, value), el("small", { text: caption }));
  }

  function explainForward(item) {
    const inputs = item.from.map((name) => run.values[name]);
    const { from } = item;
    line.say(item.name + " = " + formula(item) + " = " + short(run.values[item.name]) + ".");
    words.replaceChildren(
      el("div", { class: "fnd-bs-equation" }, piece("", item.name, "box"), piece("=", formula(item), "formula"),
        piece("=", OPS[item.op].text(inputs.map(bracket), item.k), "numbers"), piece("=", short(run.values[item.name]), "kept", "fnd-bs-blue")),
      el("p", { class: "fnd-note", text: item.name + " remembers its parents and the local slopes: " + from.map((parent, i) => {
        const name = OPS[item.op].names(from, item.k, item.name)[i];
        const number = short(run.slopes[item.name][i]);
        return (name === number ? number : name + " = " + number) + " toward " + parent;
      }).join(", ") + "." }));
  }

  function explainBackward({ name }, lines) {
    const item = graph.nodes.find((other) => other.name === name);
    line.say(name + " hands its gradient " + short(lines[0].above) + " on: " + lines.map(({ parent, slope, product, before, after }) =>
      "to " + parent + " goes " + short(slope) + " \u00b7 " + bracket(lines[0].above) + " = " + short(product)
      + (adds ? before ? ", added to " + short(before) + " gives " + short(after) : "" : before ? ", and the old " + short(before) + " is lost" : "")).join("; ") + ".");
    words.replaceChildren(...lines.map(({ parent, arrow: i, slope, above, before, after }) => {
      const so = adds ? piece("", short(before), parent + ".grad so far") : null;
      return el("div", { class: "fnd-bs-equation" }, so,
        piece(adds ? "+" : "", adds && slope < 0 ? bracket(slope) : short(slope), "local slope " + OPS[item.op].names(item.from, item.k, name)[i]),
        piece("\u00b7", bracket(above), "from above, " + name + ".grad", "fnd-bs-orange"),
        piece("=", short(after), parent + ".grad now", "fnd-bs-orange"));
    }));
  }

  function explainEnd({ grads, event, sweep }) {
    explainBackward(event, sweep.lines);
    const measured = measure(graph, leaves);
    const wrong = Object.keys(leaves).filter((name) => !agrees(grads[name], measured[name]));
    const isRight = order === "right" && adds;
    const rows = Object.keys(leaves).map((name) => {
      const bad = wrong.includes(name);
      return el("tr", {}, el("th", { scope: "row", text: name }), el("td", { text: short(grads[name]) }), el("td", { text: short(Number(measured[name].toFixed(6))) }),
        el("td", { class: bad ? "fnd-bs-bad" : "fnd-bs-good", text: bad ? "\u2717 differs" : "\u2713 agrees" }));
    });
    words.append(el("table", { class: "fnd-table" }, el("thead", {}, el("tr", {}, ...["leaf", "gradient", "measured by a nudge", ""].map((text) =>
      el("th", { scope: "col", text })))), el("tbody", {}, ...rows)));
    let verdict = "The end: every leaf has its gradient, and a nudge measures the same.";
    if (wrong.length) {
      const [name] = wrong;
      verdict = isRight ? "The end. At the kink of the ReLU there is no slope; like PyTorch we take 0."
        : "The end, and wrong: " + name + ".grad is " + short(grads[name]) + ", but a nudge measures " + short(Number(measured[name].toFixed(6))) + ".";
    } else if (!isRight) verdict = "The end. This graph forgives the mistake: the gradients are right all the same.";
    const names = Object.keys(leaves);
    const best = Math.max(...names.map((name) => Math.abs(grads[name])));
    if (guess && isRight) {
      const hit = best - Math.abs(grads[guess]) < 1e-9;
      verdict += hit ? " Your prediction " + guess + " is right." : " You predicted " + guess + "; the largest is " + names.find((name) => Math.abs(grads[name]) === best) + ".";
      if (hit && best > 0) found.add(which);
    }
    line.say(verdict);
    goals.test({ graph: which, order, adds, isRight, isWrong: wrong.length > 0, grads, values: run.values, slopes: run.slopes, found: found.size });
  }

  function show() {
    const seen = view();
    const root = graph.nodes[graph.nodes.length - 1].name;
    if (!step) {
      line.say("Ready. The leaves have values; step on to compute the other boxes.");
      words.replaceChildren(el("p", { class: "fnd-note", text: "Forward, each box computes its value and remembers the local slopes. Backward, each box multiplies what it hears by its local slopes and hands that on." }));
    } else if (!seen.isBackward) explainForward(seen.inner[step - 1]);
    else if (!seen.event) {
      line.say("Now backward. " + root + " moves with itself at rate 1, so " + root + ".grad = 1.");
      words.replaceChildren(el("div", { class: "fnd-bs-equation" }, piece("", "1", root + ".grad", "fnd-bs-orange")),
        el("p", { class: "fnd-note", text: "All other gradients start from 0 and collect what arrives." }));
    } else if (step === last) explainEnd(seen);
    else explainBackward(seen.event, seen.sweep.lines);
    fillTable(seen);
    draw(seen);
  }

  function fillTable({ known, grads }) {
    const rows = graph.nodes.map((item) => el("tr", {}, el("th", { scope: "row", text: item.name }),
      el("td", { text: item.op ? formula(item) : "leaf" }), el("td", { text: known.has(item.name) ? short(run.values[item.name]) : "not yet" }),
      el("td", { text: grads ? short(grads[item.name]) : "not yet" })));
    table.replaceChildren(el("table", { class: "fnd-table" }, el("thead", {}, el("tr", {}, ...["box", "computed as", "value", "gradient"].map((text) =>
      el("th", { scope: "col", text })))), el("tbody", {}, ...rows)));
  }

  // ---------------------------------------------------------------- drawing
  // From left to right where there is room, else from top to bottom.
  function draw(seen = view()) {
    const { nodes } = graph;
    const width = picture.clientWidth;
    if (!width) return;
    const columns = Math.max(...nodes.map((item) => item.column));
    const rows = Math.max(...nodes.map((item) => item.row));
    const wide = width >= 86 * (columns + 1);
    const boxWidth = wide ? clamp((width - 20) / (columns + 1) - 44, 56, 104) : clamp((width - 12) / (rows + 1) - 6, 50, 96);
    const boxHeight = 66;
    const gap = wide ? 84 : 106;
    const height = (wide ? rows : columns) * gap + boxHeight + 8;
    const spread = (wide ? columns * Math.min((width - boxWidth - 8) / Math.max(columns, 1), 210) : rows * Math.min((width - boxWidth - 8) / Math.max(rows, 1), 130));
    const unit = spread / Math.max(wide ? columns : rows, 1);
    const shift = (width - spread) / 2;
    picture.setAttribute("viewBox", "0 0 " + width + " " + height);
    picture.style.height = height + "px";
    const place = (item) => (wide ? { x: shift + item.column * unit, y: 4 + boxHeight / 2 + item.row * gap }
      : { x: shift + item.row * unit, y: 4 + boxHeight / 2 + item.column * gap });
    const spots = Object.fromEntries(nodes.map((item) => [item.name, place(item)]));
    const half = [boxWidth / 2, boxHeight / 2];
    const arrows = [];
    const labels = [];
    for (const item of nodes) {
      item.from.forEach((parent, i) => {
        const active = seen.event ? seen.event.name === item.name && seen.event.arrows.includes(i) : seen.now === item.name && !seen.isBackward;
        const twin = item.from.length > 1 && item.from[0] === item.from[1];
        const { path, tip, middle } = arrow(spots[parent], spots[item.name], wide, half, item.from.length > 1 ? side(spots, item, i, wide) : 0, twin);
        const kind = active ? (seen.event ? " fnd-bs-backward" : " fnd-bs-forward") : "";
        arrows.push(svg("path", { class: "fnd-bs-arrow" + kind, d: path }), svg("path", { class: "fnd-bs-tip" + kind, d: tip }));
        if (seen.known.has(item.name)) {
          labels.push(svg("text", { class: "fnd-bs-slope" + kind, x: middle[0], y: middle[1] + 4, text: short(run.slopes[item.name][i]) }));
        }
      });
    }
    const boxes = nodes.map((item) => drawBox(item, spots[item.name], half, seen, boxWidth));
    picture.replaceChildren(...arrows, ...boxes, ...labels);
    picture.setAttribute("aria-label", "Graph. " + nodes.map(({ name, op }) => name + (op ? "" : ", a leaf,") + (seen.known.has(name) ? " is " + short(run.values[name]) : " is not known yet")
      + (seen.grads ? ", gradient " + short(seen.grads[name]) : "")).join("; ") + ". Left and right arrow keys step.");
  }

  function drawBox(item, { x, y }, [w, h], { known, now, grads, isBackward }, boxWidth) {
    const { name, op } = item;
    const full = name + " = " + formula(item);
    const label = op && full.length * 8.2 < boxWidth - 6 ? full : name;
    const isNow = now === name;
    return svg("g", { class: "fnd-bs-box" + (op ? "" : " fnd-bs-leaf") + (isNow ? (isBackward ? " fnd-bs-backward" : " fnd-bs-forward") : ""), "data-leaf": op ? null : name },
      svg("rect", { x: x - w, y: y - h, width: 2 * w, height: 2 * h, rx: 9 }),
      svg("text", { class: "fnd-bs-blue", x, y: y - 14, text: known.has(name) ? short(run.values[name]) : "\u00b7" }),
      svg("text", { class: "fnd-bs-name", x, y: y + 5, text: label }),
      svg("text", { class: grads && grads[name] ? "fnd-bs-orange" : "fnd-bs-quiet", x, y: y + 25, text: grads ? short(grads[name]) : "" }));
  }
}

// Two arrows into one box enter on two sides of its middle: the parent further up enters higher.
function side(spots, item, i, wide) {
  const [first, second] = item.from.map((name) => spots[name]);
  const axis = wide ? "y" : "x";
  if (first[axis] === second[axis]) return i ? 1 : -1;
  return (first[axis] < second[axis]) === (i === 0) ? -1 : 1;
}

function arrow(from, to, wide, [w, h], turn, twin) {
  const enter = turn * (wide ? 13 : 14);
  const leave = twin ? enter : 0;
  const bulge = twin ? turn * 18 : 0;
  const [x1, y1] = wide ? [from.x + w, from.y + leave] : [from.x + leave, from.y + h];
  const [x2, y2] = wide ? [to.x - w - 7, to.y + enter] : [to.x + enter, to.y - h - 7];
  const [a, b] = wide ? [(x1 + x2) / 2, (y1 + y2) / 2] : [(x1 + x2) / 2, (y1 + y2) / 2];
  const path = wide
    ? "M" + x1 + " " + y1 + "C" + a + " " + (y1 + bulge) + " " + a + " " + (y2 + bulge) + " " + x2 + " " + y2
    : "M" + x1 + " " + y1 + "C" + (x1 + bulge) + " " + b + " " + (x2 + bulge) + " " + b + " " + x2 + " " + y2;
  const tip = wide ? "M" + (x2 + 7) + " " + y2 + "l-9 -4.5v9z" : "M" + x2 + " " + (y2 + 7) + "l-4.5 -9h9z";
  return { path, tip, middle: wide ? [a, b + bulge * 0.75] : [a + bulge * 0.75, b] };
}

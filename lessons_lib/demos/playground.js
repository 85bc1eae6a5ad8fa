// Playground: a small network that is built, trained and looked into in the page.

import { button, challenges, chart, el, fmt, loop, segmented, select, slider, status, toggle } from "./kit.js";
import { BATCHES, CHALLENGES, LEARNING_RATES, MAX_LAYERS, RATES, createRun, factsOf, fromFragment, settingsFrom, toCall, toFragment } from "./playground_state.js";
import { createDiagram, createOutput, createPictures, nameOf } from "./playground_view.js";
import { makePoints } from "./points.js";

const DATA = [
  ["Classification", [["circles", "Circles"], ["xor", "XOR"], ["blobs", "Blobs"], ["spirals", "Spirals"], ["moons", "Moons"]]],
  ["Regression", [["plane", "Plane"], ["hills", "Hills"]]],
];
// Epochs per second.
const SPEEDS = [[4, "Slow"], [60, "Normal"], [600, "Fast"], [Infinity, "Full"]];
// Training and drawing together take at most about this many milliseconds of a frame.
const FRAME_MS = 13;

// Losses over the epochs; every second one is dropped when there are too many.
function createHistory() {
  let [epochs, train, test, stride] = [[], [], [], 1];
  return {
    get rows() { return [[train, test], epochs]; },
    add(epoch, trainLoss, testLoss) {
      if (epochs.length && epoch < epochs[epochs.length - 1] + stride) return;
      epochs.push(epoch);
      train.push(trainLoss);
      test.push(testLoss);
      if (epochs.length < 800) return;
      const half = (list) => list.filter((_, i) => i % 2 === 0);
      [epochs, train, test, stride] = [half(epochs), half(train), half(test), 2 * stride];
    },
  };
}

// Buttons with a small picture of each data set, as native radio buttons.
function dataChoice(life, value, onInput) {
  const name = `fnd-data-${Math.floor(Math.random() * 1e9)}`;
  const inputs = [];
  const paints = [];
  const option = ([kind, text]) => {
    const picture = el("canvas", { width: 72, height: 72, "aria-hidden": "true" });
    const { x1, x2, targets } = makePoints(kind, 160, 0, 1);
    paints.push(() => {
      const context = picture.getContext("2d");
      context.clearRect(0, 0, 72, 72);
      targets.forEach((target, k) => {
        context.globalAlpha = Math.min(1, 0.15 + Math.abs(target));
        context.fillStyle = target > 0 ? life.colors.orange : life.colors.blue;
        context.fillRect(34 + 5.6 * x1[k], 34 - 5.6 * x2[k], 4, 4);
      });
    });
    const input = el("input", { type: "radio", name, value: kind });
    life.on(input, "change", () => onInput(kind));
    inputs.push(input);
    return el("label", {}, input, el("span", {}, picture, text));
  };
  const node = el("div", { class: "fnd-data" }, ...DATA.map(([group, kinds]) => el("fieldset", {},
    el("legend", { class: "fnd-label", text: group }), el("div", {}, ...kinds.map(option)))));
  const paint = () => paints.forEach((draw) => draw());
  life.onTheme(paint);
  paint();
  const write = (kind) => { for (const input of inputs) input.checked = input.value === kind; };
  write(value);
  return { node, set value(kind) { write(kind); } };
}

function createMetrics() {
  const names = ["Epoch", "Training loss", "Test loss", "Test accuracy", "Examples per second"];
  const values = names.map(() => el("dd", { text: "\u2013" }));
  return {
    node: el("dl", { class: "fnd-metrics" }, ...names.map((name, i) => el("div", {}, el("dt", { text: name }), values[i]))),
    show(texts) { texts.forEach((text, i) => { if (text !== null) values[i].textContent = text; }); },
  };
}

// Root mean square of each layer's gradient as bars over a logarithmic scale from 1e-6 to 1.
function createGradients() {
  const list = el("ul", { class: "fnd-bars" });
  return {
    node: el("div", {}, el("p", { class: "fnd-label", text: "Gradient size per layer (root mean square, scale 10\u207b\u2076 to 1)" }), list),
    show(sizes) {
      list.replaceChildren(...sizes.map((size, l) => {
        const share = size > 0 ? Math.max(0, Math.min(100, 100 * (1 + Math.log10(size) / 6))) : 0;
        return el("li", {}, el("span", { text: l === sizes.length - 1 ? "Output" : `Layer ${l + 1}` }),
          el("i", { style: `--share:${share.toFixed(1)}%` }), el("span", { text: fmt(size) }));
      }));
    },
  };
}

// Weights of the chosen neuron as a table of numbers that may be changed.
function createTable(onChange) {
  const title = el("caption");
  const rows = el("tbody");
  const node = el("details", { class: "fnd-weights" }, el("summary", { text: "Weights as numbers" }),
    el("div", { class: "fnd-scroll" }, el("table", { class: "fnd-table" }, title, rows)));
  let inputs = [];
  return {
    node,
    build(run, spot) {
      const { network, settings } = run;
      const n = network.sizes[spot.layer - 1];
      const at = network.at[spot.layer - 1];
      title.textContent = `${nameOf(spot, run)}: weights and bias`;
      const from = (i) => nameOf(spot.layer === 1 ? { kind: "feature", name: settings.features[i] } : { kind: "neuron", layer: spot.layer - 1, index: i }, run);
      inputs = Array.from({ length: n + 1 }, (_, i) => {
        const place = i < n ? at + spot.index * n + i : at + n * network.sizes[spot.layer] + spot.index;
        const input = el("input", { type: "number", step: "0.1", "aria-label": i < n ? `Weight from ${from(i)}` : "Bias" });
        input.addEventListener("change", () => {
          if (Number.isFinite(input.valueAsNumber)) { network.params[place] = input.valueAsNumber; onChange(); }
        });
        return { input, place, text: i < n ? from(i) : "Bias" };
      });
      rows.replaceChildren(...inputs.map(({ input, text }) => el("tr", {}, el("th", { scope: "row", text }), el("td", {}, input))));
      this.show(run);
    },
    show({ network }) {
      for (const { input, place } of inputs) {
        if (input !== document.activeElement) input.value = network.params[place].toFixed(3);
      }
    },
  };
}

function inNotebook() {
  return window.top !== window.self || !/^(https?|file):$/.test(location.protocol)
    || Boolean(document.querySelector("[data-jp-theme-light], [class*=vscode-]"));
}

export function mount(root, state, life) {
  const isFirst = document.querySelector(".fnd-playground") === life.root;
  const linked = isFirst ? fromFragment(location.hash) : null;
  let settings = linked || settingsFrom(state.settings);
  let run;
  let history;
  let selected;
  let preview = null;
  let speed = 60;
  let [due, lastLabels, examples, since, drawMs, turn] = [0, 0, 0, 0, 4, 0];
  const options = { showTest: false, discrete: false };
  const pictures = createPictures();

  // ------------------------------------------------------------ parts
  const diagram = createDiagram(life, pictures, {
    feature(name) {
      const { features } = settings;
      const next = features.includes(name) ? features.filter((item) => item !== name) : [...features, name];
      if (next.length) change({ features: next });
      else line.say("A network needs at least one input.");
    },
    select(spot) { selected = spot; table.build(run, selected); show(true); },
    preview(spot) { preview = spot; if (run) show(true); },
    neurons(layer, by) { change({ hidden: settings.hidden.map((size, l) => size + (l === layer ? by : 0)) }); },
  });
  const output = createOutput(life, pictures);
  const metrics = createMetrics();
  const gradients = createGradients();
  const table = createTable(() => show(true));
  const line = status(life);
  const goals = challenges(life, CHALLENGES);
  const losses = chart(life, {
    label: "Loss over the epochs", height: 170, xLabel: "epoch", yLabel: "loss", min: 0,
    series: [{ name: "training", color: "blue" }, { name: "test", color: "orange", dash: [5, 4] }],
  });

  // ------------------------------------------------------------ controls
  const live = (name) => (value) => change({ [name]: value }, true);
  const anew = (name) => (value) => change({ [name]: value });
  const named = (name, label, list, onInput) => select(life, { label, options: list, value: settings[name], onInput });
  const number = (list) => list.map((value) => [value, String(value)]);
  const controls = {
    data: dataChoice(life, settings.data, anew("data")),
    noise: slider(life, { label: "Noise", min: 0, max: 50, step: 5, value: settings.noise, format: (v) => `${v} %`, onInput: anew("noise") }),
    share: slider(life, { label: "Training share", min: 10, max: 90, step: 10, value: settings.share, format: (v) => `${v} %`, onInput: anew("share") }),
    batch: slider(life, { label: "Batch size", values: BATCHES, value: settings.batch, onInput: live("batch") }),
    activation: named("activation", "Activation", [["tanh", "tanh"], ["relu", "ReLU"], ["sigmoid", "sigmoid"], ["gelu", "GELU"], ["silu", "SiLU"], ["linear", "linear"]], anew("activation")),
    lr: named("lr", "Learning rate", number(LEARNING_RATES), live("lr")),
    optimizer: named("optimizer", "Optimizer", [["sgd", "SGD"], ["momentum", "SGD, momentum 0.9"], ["adam", "Adam"]], live("optimizer")),
    penalty: named("penalty", "Regularisation", [["none", "none"], ["l1", "L1"], ["l2", "L2"]], (value) => change({ penalty: value, rate: settings.rate || 0.001 }, true)),
    rate: named("rate", "Its strength", number(RATES), live("rate")),
    loss: named("loss", "Loss", [["squared", "squared error"], ["cross-entropy", "cross-entropy"]], anew("loss")),
  };
  const layers = (by, label, text) => button(life, {
    label: text, title: label,
    onClick() { change({ hidden: by > 0 ? [...settings.hidden, 2] : settings.hidden.slice(0, -1) }); },
  });
  const fewer = layers(-1, "Remove a hidden layer", "\u2212");
  const more = layers(1, "Add a hidden layer", "+");
  const depth = el("span");
  const training = loop(life, frame, {
    onChange(running) {
      play.label = running ? "Pause" : "Train";
      play.icon = running ? "\u2016" : "\u25b6";
      [due, examples, since] = [0, 0, performance.now()];
      if (!running && run) { show(true); report("Paused."); }
    },
  });
  const play = button(life, { label: "Train", icon: "\u25b6", primary: true, onClick: training.toggle });
  const single = button(life, { label: "Step", title: "one epoch of training", onClick() { training.stop(); epochs(1); show(true); report("One epoch."); } });
  const reset = button(life, { label: "Reset", title: "back to the first weights", onClick() { start(); report("Reset to the first weights."); } });
  const weights = button(life, { label: "New weights", onClick() { change({ seed: settings.seed + 1 }); } });
  const points = button(life, { label: "New data", onClick() { change({ dataSeed: settings.dataSeed + 1 }); } });
  const pace = segmented(life, { label: "Speed", options: SPEEDS, value: speed, onInput(value) { speed = value; due = 0; } });
  const test = toggle(life, { label: "Show test points", onInput(value) { options.showTest = value; show(); } });
  const discrete = toggle(life, { label: "Two colours only", onInput(value) { options.discrete = value; show(); } });
  const linkText = el("input", { type: "text", readonly: true, hidden: true, "aria-label": "Link or call that restores this state" });
  const link = button(life, { label: inNotebook() ? "Copy as a call" : "Copy link", onClick: copy });

  // ------------------------------------------------------------ behaviour
  function start() {
    training.stop();
    run = createRun(settings);
    history = createHistory();
    selected = { kind: "neuron", layer: run.network.at.length, index: 0 };
    preview = null;
    pictures.build(settings);
    diagram.build(run);
    table.build(run, selected);
    depth.textContent = `${settings.hidden.length} hidden layer${settings.hidden.length === 1 ? "" : "s"}`;
    fewer.node.disabled = settings.hidden.length === 0;
    more.node.disabled = settings.hidden.length >= MAX_LAYERS;
    controls.loss.input.disabled = run.isRegression;
    record();
    show(true);
  }

  // Change settings; `isLive` keeps what was learned.
  function change(wanted, isLive = false) {
    settings = settingsFrom({ ...settings, ...wanted });
    for (const [name, control] of Object.entries(controls)) control.value = settings[name];
    controls.rate.input.disabled = settings.penalty === "none";
    linkText.hidden = true;
    if (!isLive) { start(); report("Settings changed."); return; }
    const before = run;
    run = createRun(settings);
    run.epoch = before.epoch;
    run.network.takeOver(before.network);
    diagram.build(run);
    selected = { ...selected };
    table.build(run, selected);
    show(true);
  }

  function epochs(count) {
    const until = performance.now() + Math.max(2, FRAME_MS - drawMs);
    let done = 0;
    while (done < count && (done === 0 || performance.now() < until)) {
      run.network.epoch(run.batches);
      run.epoch += 1;
      done += 1;
    }
    examples += done * run.cut;
    record();
  }

  function record() {
    run.trainLoss = run.network.loss(run.train);
    run.testLoss = run.network.loss(run.test);
    history.add(run.epoch, run.trainLoss, run.testLoss);
  }

  function frame(seconds) {
    due = Math.min(due + speed * seconds, speed === Infinity ? Infinity : speed);
    if (due < 1) return;
    const before = run.epoch;
    epochs(Math.floor(due));
    due = speed === Infinity ? 0 : Math.min(due - (run.epoch - before), 10);
    if (!Number.isFinite(run.trainLoss)) {
      training.stop();
      line.say("Training diverged: the loss is no longer a number. Choose a smaller learning rate, then Reset.");
    }
    // On a slow machine the pictures are drawn in every second frame.
    turn += 1;
    if (drawMs > 9 && turn % 2) return;
    const began = performance.now();
    show();
    drawMs += 0.1 * (performance.now() - began + 2 - drawMs);
  }

  // Pictures in every frame; words and charts at most five times a second, or `now`.
  function show(now = false) {
    const spot = preview || selected;
    pictures.compute(run.network);
    diagram.paint(selected);
    output.paint(run, spot, options);
    const time = performance.now();
    if (!now && time - lastLabels < 200) return;
    lastLabels = time;
    const facts = factsOf(run);
    const rate = training.running && time - since > 300 ? fmt(Math.round((1000 * examples) / (time - since) / 1000) * 1000) : null;
    metrics.show([fmt(run.epoch), fmt(facts.trainLoss, 4), fmt(facts.testLoss, 4),
      run.isRegression ? "\u2013" : `${(100 * facts.accuracy).toFixed(1)} %`, rate]);
    losses.set(...history.rows);
    losses.view.label = `Loss over ${run.epoch} epochs: training ${fmt(facts.trainLoss)}, test ${fmt(facts.testLoss)}.`;
    gradients.show(run.network.gradientSizes(run.train));
    diagram.label();
    output.label(run, spot);
    table.show(run);
    goals.test(facts);
    if (training.running) line.say(`Training, epoch ${fmt(Math.floor(run.epoch / 1000) * 1000)} and on.`);
  }

  function report(first) {
    if (!Number.isFinite(run.trainLoss)) return;
    const shape = [settings.features.length, ...settings.hidden, 1].join("\u2013");
    line.say(`${first} Network ${shape}, ${run.network.numWeights} weights. Epoch ${fmt(run.epoch)}: training loss ${fmt(run.trainLoss)}, test loss ${fmt(run.testLoss)}.`);
  }

  async function copy() {
    const text = inNotebook() ? toCall(settings) : `${location.href.split("#")[0]}#${toFragment(settings)}`;
    linkText.value = text;
    linkText.hidden = false;
    try {
      await navigator.clipboard.writeText(text);
      line.say("Copied. It restores data, network and settings, not the learned weights.");
    } catch {
      linkText.select();
      line.say("Copy the selected text: it restores data, network and settings.");
    }
  }

  life.on(window, "hashchange", () => {
    const found = isFirst && fromFragment(location.hash);
    if (found) change(found);
  });

  // ------------------------------------------------------------ layout
  const { data, noise, share, batch, ...knobs } = controls;
  root.append(el("div", { class: "fnd-stack" },
    el("div", { class: "fnd-row fnd-toolbar" },
      el("div", { class: "fnd-row" }, play.node, single.node, reset.node), pace.node, metrics.node),
    el("div", { class: "fnd-grid fnd-knobs" }, ...Object.values(knobs).map((control) => control.node)),
    el("div", { class: "fnd-areas" },
      el("section", { class: "fnd-stack fnd-area-data", "aria-label": "Data" },
        data.node, noise.node, share.node, batch.node, el("div", { class: "fnd-row" }, points.node)),
      el("section", { class: "fnd-stack fnd-area-net", "aria-label": "Network" },
        el("div", { class: "fnd-row fnd-depth" }, fewer.node, depth, more.node, weights.node), diagram.node, table.node),
      el("section", { class: "fnd-stack fnd-area-out", "aria-label": "Output" },
        output.node, el("div", { class: "fnd-row" }, test.node, discrete.node))),
    line.node,
    el("div", { class: "fnd-pair" }, losses.node, gradients.node),
    goals.node,
    el("div", { class: "fnd-row" }, link.node, linkText)));
  controls.rate.input.disabled = settings.penalty === "none";
  start();
  report(linked ? "Settings restored from the link." : "Ready.");
  if (linked) life.root.scrollIntoView({ block: "start" });
}

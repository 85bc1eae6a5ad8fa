// MemoryLab: a recurrent network reads a text, symbol by symbol; its memory and gates are drawn.

import { button, canvas, challenges, clamp, diverging, el, fmt, keys, loop, pointer, rng, segmented, select, slider, status, unpack } from "./kit.js";
import { MEMORY, PARTS, chances, distances, draw, encode, holds, isForgotten, logits, readAll } from "./memory_core.js";

const LIMIT = 24;
const LEFT = 30;
const HEAD = 22;
const SHOWN = 8;
const NEAR = 0.05; // the goal of the challenge of the lesson `rnns`
const KINDS = { rnn: "RNN", gru: "GRU", lstm: "LSTM" };
const INKS = ["blue", "orange", "green", "purple", "red"];
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [4, 2]];

// state: {models: [{name, kind, size, symbols, table, u, late, out, bias}], chars, text, other}
export function mount(root, state, life) {
  const { chars } = state;
  const models = state.models.map((model) => ({ ...model, ...Object.fromEntries(
    ["table", "u", "late", "out", "bias"].map((key) => [key, model[key] && unpack(model[key])])) }));
  const random = rng(1);
  let model = models[0];
  let text = encode(state.text, chars, LIMIT);
  let other = encode(state.other, chars, LIMIT);
  let symbols = [];
  let steps = [];
  let gaps = [];
  let at = 0;
  let unit = 0;
  let part = "h";
  let heat = 1;

  // ------------------------------------------------------------ what is computed

  const letters = (list) => list.map((symbol) => chars[symbol]).join("");
  const nameOf = (symbol) => (symbol ? chars[symbol].replace(" ", "␣") : "•");
  const parts = () => [["h", "state h", -1, 1], ...PARTS[model.kind]];
  const lines = () => parts().filter(([, name]) => !name.startsWith("candidate"));
  const values = (key) => steps.map((step) => step[key][unit]);

  function read() {
    symbols = [0, ...text];
    steps = readAll(model, symbols);
    gaps = text.length && other.length ? distances(steps, readAll(model, [0, ...other]), "h") : [];
    at = clamp(at, 0, steps.length - 1);
    unit = clamp(unit, 0, model.size - 1);
    if (!parts().some(([key]) => key === part)) part = "h";
    show();
  }

  // ------------------------------------------------------------ pictures

  const font = (context, size, align, color) => {
    context.font = `${size}px system-ui, sans-serif`;
    context.textAlign = align;
    context.textBaseline = "middle";
    context.fillStyle = color;
  };
  const columns = () => Math.max(symbols.length, 8);
  const left = (width, column) => LEFT + ((width - LEFT - 2) * column) / columns();

  // The symbols read, above a picture that has one column for each.
  function writeHead(context, width) {
    symbols.forEach((symbol, k) => {
      font(context, 15, "center", k === at ? life.colors.accent : life.colors.text);
      if (k === at) context.font = "700 16px system-ui, sans-serif";
      context.fillText(nameOf(symbol), (left(width, k) + left(width, k + 1)) / 2, HEAD / 2);
    });
  }

  function drawMap(context, width, height) {
    writeHead(context, width);
    const high = (height - HEAD) / model.size;
    const ratio = window.devicePixelRatio || 1;
    const sharp = (place) => Math.round(place * ratio) / ratio;
    steps.forEach((step, k) => {
      const [x0, x1] = [sharp(left(width, k)), sharp(left(width, k + 1))];
      step[part].forEach((value, j) => {
        const [y0, y1] = [sharp(HEAD + j * high), sharp(HEAD + (j + 1) * high)];
        context.fillStyle = diverging(value / heat, life.dark);
        context.fillRect(x0, y0, x1 - x0, y1 - y0);
      });
    });
    font(context, 12, "right", life.colors.muted);
    for (let j = 0; j < model.size; j += 8) context.fillText(j, LEFT - 7, HEAD + (j + 0.5) * high);
    const [x, wide] = [left(width, at), left(width, 1) - LEFT];
    for (const [color, thick] of [[life.colors.bg, 4], [life.colors.text, 2]]) {
      context.strokeStyle = color;
      context.lineWidth = thick;
      context.strokeRect(x + 1, HEAD + 1, wide - 2, height - HEAD - 2);
      context.strokeRect(LEFT + 1, HEAD + unit * high, left(width, steps.length) - LEFT - 2, high);
    }
  }

  // Lines across, with their values; gives the place of a value.
  function across(context, width, height, low, high, marks) {
    const y = (value) => height - 8 - ((value - low) / (high - low)) * (height - HEAD - 16);
    for (const value of marks) {
      context.fillStyle = life.colors.grid;
      context.fillRect(LEFT, Math.round(y(value)), width - LEFT - 2, 1);
      font(context, 12, "right", life.colors.muted);
      context.fillText(fmt(value, value === NEAR ? 2 : 1), LEFT - 3, y(value));
    }
    context.fillStyle = life.colors.surface;
    context.globalCompositeOperation = "destination-over";
    context.fillRect(left(width, at), HEAD, left(width, 1) - LEFT, height - HEAD);
    context.globalCompositeOperation = "source-over";
    return y;
  }

  // The chosen unit over time: its state and its gates.
  function drawUnit(context, width, height) {
    writeHead(context, width);
    const curves = lines().map(([key]) => values(key));
    const top = Math.max(1, ...curves.flat().map(Math.abs));
    const y = across(context, width, height, -top, top, [-1, 0, 1]);
    const x = (k) => (left(width, k) + left(width, k + 1)) / 2;
    curves.forEach((curve, which) => {
      context.beginPath();
      context.setLineDash(DASHES[which]);
      context.strokeStyle = life.colors[INKS[which]];
      context.lineWidth = which ? 1.8 : 2.8;
      curve.forEach((value, k) => context.lineTo(x(k), y(value)));
      if (curve.length === 1) context.lineTo(x(0) + 6, y(curve[0]));
      context.stroke();
      context.setLineDash([]);
    });
  }

  function best() {
    const probs = chances(logits(model, steps[at].h), heatOf.value);
    return probs.map((p, symbol) => [p, symbol]).sort((a, b) => b[0] - a[0]);
  }

  function drawBars(context, width, height) {
    const { colors } = life;
    const row = height / SHOWN;
    best().slice(0, SHOWN).forEach(([p, symbol], k) => {
      const y = (k + 0.5) * row;
      font(context, 14, "right", colors.text);
      context.fillText(symbol ? nameOf(symbol) : "end", 34, y);
      context.fillStyle = colors.blue;
      context.fillRect(42, y - row / 2 + 3, Math.max(1, p * (width - 100)), row - 6);
      font(context, 13, "left", colors.muted);
      context.fillText(`${(100 * p).toFixed(p < 0.0995 ? 1 : 0)} %`, 48 + p * (width - 100), y);
    });
  }

  // Both texts above the bars, the second one in orange, lined up at their ends.
  function drawGaps(context, width, height) {
    writeHead(context, width);
    const from = symbols.length - gaps.length;
    const y = across(context, width, height, 0, 1.45 * Math.max(0.1, ...gaps), [isGated ? 0 : NEAR]);
    [0, ...other].slice(-gaps.length).forEach((symbol, k) => {
      font(context, 14, "center", life.colors.orange);
      context.fillText(nameOf(symbol), (left(width, from + k) + left(width, from + k + 1)) / 2, HEAD * 1.35);
    });
    gaps.forEach((gap, k) => {
      const [x0, x1] = [left(width, from + k), left(width, from + k + 1)];
      context.fillStyle = life.colors.orange;
      context.fillRect(x0 + 3, y(gap), x1 - x0 - 6, y(0) - y(gap));
      font(context, 12, "center", life.colors.text);
      if (x1 - x0 > 28) context.fillText(gap.toFixed(2), (x0 + x1) / 2, y(gap) - 8);
    });
  }

  const map = canvas(life, { label: "", height: 20, focusable: true, draw: drawMap });
  const trace = canvas(life, { label: "", height: 150, draw: drawUnit });
  const bars = canvas(life, { label: "", height: 190, draw: drawBars });
  const gap = canvas(life, { label: "", height: 120, draw: drawGaps });

  // ------------------------------------------------------------ controls

  const line = status(life);
  const mapNote = el("p", { class: "fnd-note" });
  const unitNote = el("div", { class: "fnd-legend" });
  const gapNote = el("p", { class: "fnd-note" });
  const isGated = models.some(({ kind }) => kind !== "rnn");
  const goals = challenges(life, [isGated ? {
    name: "lstm_gru.hold",
    text: "In a GRU or an LSTM, choose a unit and a step where the memory (h of the GRU, c of the LSTM) is at least 0.5 in size and then stays within 0.1 of that value over the next 5 symbols, at least 4 of them different.",
    check: (facts) => facts.kind !== "rnn" && facts.size >= 0.5 && facts.held >= 5 && facts.variety >= 4,
  } : {
    name: "rnns.forget",
    text: "Two texts that begin with different symbols, of at most 12 symbols each, after which the states differ by less than 0.05.",
    check: (facts) => facts.text.length <= 12 && facts.other.length <= 12 && isForgotten(facts.text, facts.other, facts.gaps, NEAR),
  }]);

  function field(label, list, change) {
    const input = el("input", { type: "text", value: letters(list), maxlength: LIMIT, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-label": label });
    life.on(input, "input", () => { ride.stop(); change(encode(input.value, chars, LIMIT)); });
    return { input, node: el("label", { class: "fnd-field fnd-text" }, el("span", { class: "fnd-label", text: label }), input) };
  }
  const mine = field("The network reads", text, (list) => { text = list; at = list.length; read(); });
  const second = field("Compare with", other, (list) => { other = list; read(); });
  const choice = models.length > 1 ? segmented(life, {
    label: "Network", options: models.map((one) => [one, one.name]), value: model,
    onInput(value) { model = value; offer(); read(); },
  }) : null;
  const place = el("div", { class: "fnd-picture" });
  const heatOf = slider(life, { label: "Temperature", min: 0.2, max: 2, step: 0.1, value: 1, onInput: show });
  const ride = loop(life, (seconds) => {
    waited += seconds;
    if (waited < 0.6) return;
    waited = 0;
    if (at + 1 < steps.length) move(1);
    if (at + 1 >= steps.length) ride.stop();
  }, { onChange(running) { play.label = running ? "Pause" : "Play"; } });
  let waited = 0;
  const play = button(life, {
    label: "Play", title: "read one symbol after the other", primary: true,
    onClick() {
      if (!ride.running && at + 1 >= steps.length) { at = 0; show(); }
      ride.toggle();
    },
  });
  const back = button(life, { label: "←", title: "one symbol back", onClick() { ride.stop(); move(-1); } });
  const on = button(life, { label: "→", title: "one symbol further", onClick() { ride.stop(); move(1); } });
  const next = button(life, {
    label: "Draw the next", title: "let the network go on from the end of the text",
    onClick() {
      ride.stop();
      at = steps.length - 1;
      const symbol = draw(chances(logits(model, steps[at].h), heatOf.value), random());
      if (symbol && text.length < LIMIT) {
        text = [...text, symbol];
        mine.input.value = letters(text);
        at += 1;
        read();
      } else show(symbol ? " The text is full." : " The network drew the end.");
    },
  });

  // Which part is shown: a new control for a new kind of network.
  function offer() {
    const options = [["h", "state h"], ...PARTS[model.kind].map(([key, name]) => [key, name])];
    if (!options.some(([key]) => key === part)) part = "h";
    const pick = select(life, { label: "Picture", options, value: part, onInput(value) { part = value; show(); } });
    place.replaceChildren(pick.node);
    place.hidden = options.length < 2;
  }

  // ------------------------------------------------------------ moving and telling

  function move(by) {
    at = clamp(at + by, 0, steps.length - 1);
    show();
  }
  function choose(by) {
    unit = clamp(unit + by, 0, model.size - 1);
    show();
  }

  function show(more = "") {
    const step = steps[at];
    const [, name, low] = parts().find(([key]) => key === part);
    const all = steps.flatMap((one) => Array.from(one[part], Math.abs));
    heat = part === "c" ? Math.max(1, ...all) : 1;
    const memory = MEMORY[model.kind];
    const kept = values(memory);
    const held = holds(kept, at);
    const here = at ? `after "${letters(symbols.slice(1, at + 1))}"` : "at the start";
    const likely = best().slice(0, 3).map(([p, symbol]) => `${symbol ? nameOf(symbol) : "end"} ${(100 * p).toFixed(0)} %`);
    line.say(`${model.name}, ${here}: next ${likely.join(", ")}.${typeof more === "string" ? more : ""}`);
    map.node.style.height = `${HEAD + Math.max(200, Math.min(7 * model.size, 340))}px`;
    const scale = low ? `blue −${fmt(heat, 1)}, orange ${fmt(heat, 1)}` : "pale 0, orange 1";
    mapNote.textContent = `${name[0].toUpperCase()}${name.slice(1)}, one row for each of ${model.size} units (${scale}). Click, or use the arrow keys.`;
    map.label = `${name} of ${model.size} units over ${steps.length} steps. Step ${at}, unit ${unit}: ${fmt(step[part][unit], 2)}. Arrow keys move.`;
    unitNote.replaceChildren(el("span", { text: `Unit ${unit}:` }), ...lines().map(([key, title], which) => el("span", {},
      el("i", { class: which ? "fnd-key fnd-dash" : "fnd-key", style: `--key:var(--fnd-${INKS[which]})` }), `${title} ${fmt(step[key][unit], 2)}`)),
      el("span", { text: at + 1 < steps.length ? `(${memory} stays within 0.1 for ${held} more)` : "" }));
    trace.label = `Unit ${unit} over time. ${unitNote.textContent}`;
    bars.label = `Next symbol: ${likely.join(", ")}`;
    gap.node.hidden = !gaps.length;
    gapNote.textContent = gaps.length
      ? `How far apart the two states are (root of the mean square), under the text above and the one to compare with (orange), lined up at their ends. At the end: ${gaps[gaps.length - 1].toFixed(3)}.`
      : "Write a second text to see how far apart the two states are, step by step.";
    gap.label = `Distances: ${gaps.map((value) => value.toFixed(3)).join(", ")}`;
    back.node.disabled = !at;
    on.node.disabled = at === steps.length - 1;
    for (const view of [map, trace, bars, gap]) view.redraw();
    goals.test({ kind: model.kind, text, other, gaps, held, size: Math.abs(kept[at]), variety: new Set(symbols.slice(at + 1, at + 6)).size });
  }

  const touch = (x, y) => {
    ride.stop();
    const width = map.node.clientWidth;
    at = clamp(Math.floor(((x - LEFT) / (width - LEFT - 2)) * columns()), 0, steps.length - 1);
    if (y > HEAD) unit = clamp(Math.floor(((y - HEAD) / (map.node.clientHeight - HEAD)) * model.size), 0, model.size - 1);
    show();
  };
  pointer(life, map.node, { down: touch, move: touch });
  keys(life, map.node, {
    ArrowLeft() { move(-1); }, ArrowRight() { move(1); }, ArrowUp() { choose(-1); }, ArrowDown() { choose(1); },
    Home() { move(-LIMIT); }, End() { move(LIMIT); },
  });

  root.append(el("div", { class: "fnd-stack" },
    el("div", { class: "fnd-row" }, mine.node, choice && choice.node, place),
    el("div", { class: "fnd-split" },
      el("div", { class: "fnd-stack" }, el("div", {}, mapNote, map.node), el("div", {}, unitNote, trace.node)),
      el("div", { class: "fnd-stack" }, line.node,
        el("div", { class: "fnd-row" }, play.node, back.node, on.node),
        el("div", {}, el("p", { class: "fnd-note", text: "Next symbol" }), bars.node),
        heatOf.node, el("div", { class: "fnd-row" }, next.node))),
    el("div", { class: "fnd-row" }, second.node), el("div", {}, gapNote, gap.node), goals.node));
  at = text.length;
  offer();
  read();
}

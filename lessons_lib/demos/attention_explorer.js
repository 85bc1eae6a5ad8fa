// AttentionExplorer: who looks at whom, for hand-made words or for the weights of a model.

import { axes, button, canvas, challenges, clamp, el, keys, pointer, segmented, select, slider, status, toggle, unpack } from "./kit.js";
import { disc, num } from "./marks.js";
import { attend, findsThePast, largest, looksAtRiver, looksEverywhere, project, tableOf } from "./attention_core.js";

const MANY = 24;
const FONT = "system-ui, sans-serif";

// Spaces and line ends as signs that can be seen.
function seen(token) {
  const text = token.replace(/\n/g, "⏎").replace(/\t/g, "⇥");
  return text.trim() === "" ? text.replace(/ /g, "␣") || "∅" : text;
}

// state by hand: {features, words, heads, sentences, sentence, causal, scaled, temperature,
// temperatures, selected}; of a model: {tokens, weights, layer, head, selected}
export function mount(root, state, life) {
  const isHand = !state.weights;
  const flat = isHand ? null : unpack(state.weights);
  const shape = isHand ? null : state.weights.shape;
  const now = {
    sentence: state.sentence, selected: state.selected, layer: state.layer, head: isHand ? 0 : state.head,
    causal: state.causal, scaled: state.scaled, temperature: state.temperature,
  };
  let edits = new Map();
  let tokens = [];
  let words = [];
  let result = null;
  let buttons = [];

  const editKey = (index) => `${now.head} ${index}`;
  const row = () => result.weights[now.selected];
  const isHidden = (index) => isHand && now.causal && index > now.selected;
  const headName = () => (now.head < 0 ? "mean of the heads" : `head ${now.head + 1}`);
  const place = () => (isHand || shape[0] * shape[1] === 1 ? "" : `Layer ${now.layer + 1}, ${headName()}: `);

  function compute() {
    if (!isHand) {
      result = { weights: tableOf(flat, shape, now.layer, now.head) };
      return;
    }
    const x = tokens.map((token) => state.words[token]);
    const head = state.heads[now.head];
    const queries = x.map((features, i) => edits.get(editKey(i)) || project(features, head.query));
    const made = x.map((features) => project(features, head.key));
    const values = x.map((features) => project(features, head.value));
    result = { x, queries, values, ...attend(queries, made, values, now) };
  }

  // ------------------------------------------------------------ the words

  const strip = el("div", { class: "fnd-tokens", role: "group", "aria-label": "Words; arrow keys choose one" });

  function buildWords() {
    tokens = isHand ? new Map(state.sentences).get(now.sentence).split(" ") : state.tokens;
    words = tokens.map(seen);
    strip.classList.toggle("fnd-many", tokens.length > MANY);
    strip.classList.toggle("fnd-few", tokens.length <= 9);
    buttons = words.map((word, i) => {
      const node = el("button", { type: "button" }, el("span", { text: word }), tokens.length > MANY ? null : el("small"));
      life.on(node, "click", () => choose(i));
      return node;
    });
    strip.replaceChildren(...buttons);
  }

  function choose(index, withFocus = false) {
    now.selected = clamp(index, 0, tokens.length - 1);
    show();
    if (withFocus) buttons[now.selected].focus();
  }

  const by = (step) => () => choose(now.selected + step, true);
  keys(life, strip, {
    ArrowLeft: by(-1), ArrowRight: by(1), ArrowUp: by(-1), ArrowDown: by(1), Home: by(-1e4), End: by(1e4),
  });

  const arcs = canvas(life, { label: "", height: 76, draw: drawArcs });

  // Arcs need all words in one line.
  function placeArcs() {
    const top = buttons[0].offsetTop;
    arcs.node.hidden = tokens.length > MANY || buttons.some((node) => node.offsetTop !== top);
    arcs.redraw();
  }

  function drawArcs(context, width, height) {
    const left = arcs.node.getBoundingClientRect().left;
    const middle = (i) => {
      const box = buttons[i].getBoundingClientRect();
      return box.left + box.width / 2 - left;
    };
    const from = middle(now.selected);
    context.strokeStyle = life.colors.blue;
    context.lineCap = "round";
    row().forEach((weight, i) => {
      if (weight < 0.005) return;
      context.globalAlpha = 0.3 + 0.7 * weight;
      context.lineWidth = 1 + 9 * weight;
      context.beginPath();
      context.moveTo(from, height);
      if (i === now.selected) {
        context.bezierCurveTo(from - 22, height - 34, from + 22, height - 34, from, height);
      } else {
        const to = middle(i);
        const high = Math.min(height - 8, 20 + 0.3 * Math.abs(to - from));
        context.bezierCurveTo(from, height - 1.3 * high, to, height - 1.3 * high, to, height);
      }
      context.stroke();
    });
    context.globalAlpha = 1;
  }

  function shadeWords() {
    const high = isHand ? 1 : Math.max(...row(), 1e-6);
    buttons.forEach((node, i) => {
      const weight = row()[i];
      const share = Math.round((50 * weight) / high);
      node.style.background = `color-mix(in srgb, var(--fnd-blue) ${share}%, var(--fnd-bg))`;
      node.classList.toggle("fnd-out", isHidden(i));
      node.tabIndex = i === now.selected ? 0 : -1;
      node.setAttribute("aria-pressed", String(i === now.selected));
      const said = isHidden(i) ? "hidden" : weight.toFixed(2);
      node.setAttribute("aria-label", `${words[i]}, ${i === now.selected ? "chosen, its own weight" : "weight"} ${said}`);
      if (node.lastChild !== node.firstChild) node.lastChild.textContent = isHidden(i) ? "–" : weight.toFixed(2);
    });
    arcs.label = `Arcs from ${words[now.selected]} to the words it looks at, thick where the weight is large.`;
  }

  // ------------------------------------------------------------ the table of all weights

  const map = canvas(life, { label: "", aspect: 1, focusable: true, draw: drawMap });
  const frame = (width) => {
    const size = tokens.length;
    const named = size <= 12;
    const edge = named ? 58 : 20;
    return { edge, named, cell: (width - edge - 2) / size, size };
  };

  function drawMap(context, width) {
    const { colors } = life;
    const { edge, named, cell, size } = frame(width);
    context.fillStyle = colors.surface;
    context.fillRect(edge, edge, size * cell, size * cell);
    context.fillStyle = colors.blue;
    result.weights.forEach((weights, i) => weights.forEach((weight, j) => {
      context.globalAlpha = weight;
      context.fillRect(edge + j * cell, edge + i * cell, cell + 0.4, cell + 0.4);
    }));
    context.globalAlpha = 1;
    context.textBaseline = "middle";
    context.fillStyle = colors.muted;
    context.font = `${named ? 12.5 : 12}px ${FONT}`;
    for (let i = 0; i < (named ? size : 1); i += 1) {
      const at = edge + (named ? i + 0.5 : size / 2) * cell;
      context.textAlign = named ? "right" : "center";
      if (named) context.fillText(words[i], edge - 5, at, edge - 6);
      else context.fillText("looked at →", at, edge / 2);
      context.save();
      context.translate(named ? at : edge / 2, named ? edge - 5 : at);
      context.rotate(-Math.PI / 2);
      context.textAlign = named ? "left" : "center";
      context.fillText(named ? words[i] : "← looks", 0, 0, named ? edge - 6 : size * cell);
      context.restore();
    }
    if (cell >= 32) writeNumbers(context, edge, cell);
    const inset = Math.min(1.5, cell / 4);
    context.strokeStyle = colors.orange;
    context.lineWidth = 2 * inset;
    context.strokeRect(edge, edge + now.selected * cell, size * cell, cell);
  }

  function writeNumbers(context, edge, cell) {
    context.textAlign = "center";
    context.font = `12px ${FONT}`;
    result.weights.forEach((weights, i) => weights.forEach((weight, j) => {
      const isOut = isHand && now.causal && j > i;
      context.fillStyle = weight > (life.dark ? 0.5 : 0.85) ? life.colors.bg : life.colors.text;
      context.fillText(isOut ? "–" : weight.toFixed(2), edge + (j + 0.5) * cell, edge + (i + 0.5) * cell);
    }));
  }

  const toRow = (x, y) => {
    const { edge, cell } = frame(map.node.clientWidth);
    choose(Math.floor((y - edge) / cell));
  };
  pointer(life, map.node, { down: toRow, move: toRow });
  const step = (count) => () => choose(now.selected + count);
  keys(life, map.node, {
    ArrowUp: step(-1), ArrowDown: step(1), ArrowLeft: step(-1), ArrowRight: step(1), Home: step(-1e4), End: step(1e4),
  });

  // ------------------------------------------------------------ before and after, in the plane

  const plane = isHand && canvas(life, { label: "", aspect: 1.15, draw: drawPlane });

  function drawPlane(context, width, height) {
    const { colors } = life;
    const at = axes(context, colors, { width, height, x: [-0.15, 2.4], y: [-0.15, 2.4], xLabel: state.features[0], yLabel: state.features[1], left: 34 });
    const spots = new Map();
    result.x.forEach((features, i) => {
      const key = features.slice(0, 2).join();
      if (!spots.has(key)) spots.set(key, { features, names: new Set() });
      spots.get(key).names.add(words[i]);
    });
    context.font = `12.5px ${FONT}`;
    context.textBaseline = "bottom";
    context.textAlign = "left";
    for (const { features, names } of spots.values()) {
      disc(context, at.x(features[0]), at.y(features[1]), 4, colors.muted);
      const text = [...names].slice(0, 3).join(", ") + (names.size > 3 ? ", …" : "");
      const x = Math.min(at.x(features[0]) + 6, width - context.measureText(text).width - 4);
      context.fillStyle = colors.muted;
      context.fillText(text, x, at.y(features[1]) - 5);
    }
    const [before, after] = [result.x[now.selected], result.outputs[now.selected]].map(([a, b]) => [at.x(a), at.y(b)]);
    context.strokeStyle = colors.blue;
    context.lineWidth = 2.5;
    context.beginPath();
    context.moveTo(...before);
    context.lineTo(...after);
    context.stroke();
    disc(context, ...before, 7, colors.bg, colors.orange, 2.5);
    disc(context, ...after, 7, colors.blue, colors.bg, 1.5);
  }

  // ------------------------------------------------------------ numbers of the chosen word

  const body = el("tbody");
  const caption = el("caption");
  const heads = isHand ? ["q · k", "score", "weight", "value"] : ["weight"];
  const titles = heads.map((text) => el("th", { scope: "col", text }));
  const table = el("table", { class: "fnd-table" }, caption,
    el("thead", {}, el("tr", {}, el("th", { scope: "col", text: isHand ? "key" : "token" }), ...titles)), body);

  function line(index, top) {
    const weight = isHidden(index) ? "hidden" : row()[index].toFixed(isHand ? 2 : 3);
    const cells = isHand
      ? [num(result.dots[now.selected][index]), isHidden(index) ? "−∞" : num(result.scores[now.selected][index]), weight,
        `(${result.values[index].slice(0, 2).map((value) => num(value)).join(", ")})`]
      : [weight];
    const name = isHand ? words[index] : `${words[index]}  (${index + 1})`;
    return el("tr", { class: index === top ? "fnd-top" : null },
      el("th", { scope: "row", text: name }), ...cells.map((text) => el("td", { text })));
  }

  function writeTable() {
    const order = largest(row(), isHand ? tokens.length : 10);
    const shown = isHand ? tokens.map((_, i) => i) : order.map(({ index }) => index);
    body.replaceChildren(...shown.map((index) => line(index, order[0].index)));
    if (!isHand) {
      const rest = tokens.length - shown.length;
      caption.textContent = `${words[now.selected]} (token ${now.selected + 1}) looks at`;
      if (rest > 0) caption.textContent += `; ${rest} more share ${num(1 - order.reduce((sum, item) => sum + item.weight, 0))}`;
      return;
    }
    titles[1].textContent = result.divisor === 1 ? "score" : `÷ ${num(result.divisor)}`;
    caption.textContent = `Query of ${words[now.selected]}: (${result.queries[now.selected].map((value) => num(value)).join(", ")})`;
  }

  const line1 = status(life);

  function tell() {
    const named = largest(row(), Math.min(3, tokens.length)).filter(({ weight }) => weight > 0.004);
    const list = named.map(({ index, weight }) => `${words[index]} ${weight.toFixed(2)}`).join(", ");
    let text = `${place()}${words[now.selected]} looks most at ${list}`;
    if (isHand) {
      const [water, money] = result.outputs[now.selected];
      text += ` and becomes water ${num(water)}, money ${num(money)}`;
    }
    line1.say(`${text}.`);
  }

  // ------------------------------------------------------------ controls

  function setting(key) {
    return (value) => { now[key] = value; show(); };
  }

  const controls = [];
  let sliders = [];
  let undo = null;
  if (isHand) {
    controls.push(
      select(life, {
        label: "Sentence", options: state.sentences, value: now.sentence,
        onInput(value) {
          now.sentence = value;
          edits = new Map();
          buildWords();
          now.selected = tokens.indexOf("bank");
          show();
          placeArcs();
        },
      }),
      segmented(life, { label: "Head", options: state.heads.map(({ name }, i) => [i, name]), value: 0, onInput: setting("head") }),
      slider(life, { label: "Temperature", values: state.temperatures, value: now.temperature, onInput: setting("temperature") }),
      toggle(life, { label: `Scaled: ÷ √${state.features.length}`, value: now.scaled, onInput: setting("scaled") }),
      toggle(life, { label: "Causal mask", value: now.causal, onInput: setting("causal") }),
    );
    sliders = state.features.map((label, i) => slider(life, {
      label, min: -6, max: 6, step: 0.5, value: 0,
      onInput(value) {
        const query = [...result.queries[now.selected]];
        query[i] = value;
        edits.set(editKey(now.selected), query);
        show();
      },
    }));
    undo = button(life, { label: "Undo", title: "give this word its own query again", onClick() { edits.delete(editKey(now.selected)); show(); } });
  } else {
    const [layers, count] = shape;
    const numbers = (n) => Array.from({ length: n }, (_, i) => [i, String(i + 1)]);
    const choice = (label, options, key) => (options.length <= 9 ? segmented : select)(life, { label, options, value: now[key], onInput: setting(key) });
    if (layers > 1) controls.push(choice("Layer", numbers(layers), "layer"));
    if (count > 1) controls.push(choice("Head", [...numbers(count), [-1, "mean"]], "head"));
  }

  const goals = isHand && challenges(life, [
    {
      name: "attention.river",
      text: "In the sentence with river and money: make bank give more than 0.6 of its weight to river, by changing only its query (temperature 1, scaled, no mask).",
      check: looksAtRiver,
    },
    {
      name: "attention.uniform",
      text: "In a sentence with a river or money: make bank give the same weight to every word, by changing only its query (temperature 1, scaled, no mask).",
      check: looksEverywhere,
    },
    {
      name: "attention.past",
      text: "Causal mask on, queries as they were: find the sentence in which bank still gives more than half of its weight to river.",
      check: findsThePast,
    },
  ]);

  function show() {
    compute();
    shadeWords();
    writeTable();
    tell();
    const query = isHand ? result.queries[now.selected] : [];
    sliders.forEach((control, i) => { control.value = query[i]; });
    if (isHand) {
      undo.node.disabled = !edits.has(editKey(now.selected));
      legend.textContent = `Query of ${words[now.selected]}: what it looks for`;
      const [before, after] = [result.x[now.selected], result.outputs[now.selected]].map((pair) => pair.slice(0, 2).map((value) => num(value)).join(", "));
      plane.label = `Plane of water and money: ${words[now.selected]} moves from (${before}) to (${after}).`;
      plane.redraw();
      goals.test({ ...now, tokens, weights: result.weights, edited: [...edits.keys()] });
    }
    map.label = `Table of ${tokens.length} by ${tokens.length} weights, one row for each word that looks. Row ${now.selected + 1}, ${words[now.selected]}, is chosen; arrow keys choose another.`;
    map.redraw();
    arcs.redraw();
  }

  const legend = el("legend", { class: "fnd-label" });
  const note = (text) => el("p", { class: "fnd-note", text });
  const numbers = el("div", { class: "fnd-stack" },
    isHand ? el("fieldset", {}, legend, el("div", { class: "fnd-grid" }, ...sliders.map((control) => control.node), undo.node)) : null,
    el("div", { class: "fnd-scroll", tabindex: "0", role: "group", "aria-label": "Table, may be scrolled" }, table));
  root.append(el("div", { class: "fnd-stack" },
    controls.length ? el("div", { class: "fnd-row" }, ...controls.map((control) => control.node)) : null,
    el("div", {}, arcs.node, strip),
    line1.node,
    el("div", { class: "fnd-lab" },
      numbers, el("div", { class: "fnd-map" }, map.node, note("All weights: each row is one that looks; rows sum to 1."))),
    isHand ? el("div", { class: "fnd-lab fnd-goals" },
      el("div", { class: "fnd-map" }, plane.node, note("The chosen word before (ring) and after (disc).")), goals.node) : null));
  buildWords();
  show();
  life.onResize(strip, placeArcs);
}

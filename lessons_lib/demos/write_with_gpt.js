// WriteWithGPT: a GPT writes in the page, one character at a time; its choice is laid open.

import { button, challenges, clamp, el, keys, loop, rng, segmented, select, slider, status, stepper } from "./kit.js";
import { makeBars } from "./gpt_bars.js";
import { cutText, firstInView, GOALS, loadGpt, logitsAfter, mean, openText, pick, readToken, shapeNext, surprise } from "./gpt_core.js";
import { shadesOf } from "./gpt_shades.js";
import { many, percent, sign, spoken } from "./gpt_words.js";

const LIMIT = 2000;
const PROMPT_LIMIT = 500;
const A_SECOND = 30;
const FRAME_MS = 8;
const RECENT = 60;

// Every `step` from low to high, and the value that Python gave.
function grid(low, high, step, given) {
  const list = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => Number((low + i * step).toFixed(2)));
  return [...new Set([...list, given])].sort((a, b) => a - b);
}

// state: {net, sizes: {vocab, dim, heads, layers, context}, chars,
// settings: {prompt, temperature, topK, topP}}
export function mount(root, state, life) {
  const chars = Array.from(state.chars);
  const numbers = new Map(chars.map((char, token) => [char, token]));
  const model = loadGpt(state);
  const text = openText(model, LIMIT);
  const now = { ...state.settings, seed: 1, isFast: false, paint: "attention", layer: model.layers - 1, head: -1, at: null };
  let items = []; // of each character: {token, surprise, heat, isTop, byHand}
  let promptLength = 0;
  let isTyped = false;
  let next = null; // distribution after the place that is looked at

  const tokensOf = (string) => Array.from(string, (char) => numbers.get(char));
  const newest = () => text.length - 1;
  const place = () => now.at ?? newest();
  const written = () => items.slice(promptLength);
  const charAt = (index) => chars[items[index].token];

  // ------------------------------------------------------------ the text

  const caret = el("i", { class: "fnd-caret" });
  const sheet = el("div", { class: "fnd-sheet", tabindex: "0", role: "group", "aria-label": "Text" }, caret);
  let spans = [];
  let looks = []; // how each span is dressed now

  function append(token, more = {}) {
    const known = text.length ? surprise(logitsAfter(text, newest()), token) : null;
    readToken(text, token);
    items.push({ token, surprise: known, heat: null, isTop: false, byHand: true, ...more });
    const char = chars[token];
    const span = el("span", { text: char });
    caret.before(span);
    spans.push(span);
    looks.push("");
  }

  function drop(length) {
    cutText(text, length);
    items.length = length;
    for (const span of spans.splice(length)) span.remove();
    looks.length = length;
    if (now.at !== null && now.at >= length - 1) now.at = null;
  }

  // The prompt alone. What it shares with the text before need not be read again.
  function begin(tokens) {
    let same = 0;
    while (same < tokens.length && same < items.length && items[same].token === tokens[same]) same += 1;
    drop(same);
    for (const token of tokens.slice(same)) append(token);
    for (const item of items) Object.assign(item, { heat: null, isTop: false, byHand: true });
    promptLength = tokens.length;
    now.at = null;
  }

  // The same seed draws the same number for the same place, whatever was undone before.
  function writeOne() {
    const shaped = shapeNext(logitsAfter(text, newest()), now);
    const token = pick(shaped, rng(Math.imul(now.seed, 0x9e3779b1) + text.length)());
    append(token, { heat: now.temperature, isTop: token === shaped.order[0], byHand: false });
    goals.test(facts());
  }

  const isFull = () => text.length >= LIMIT;
  const full = `The page keeps ${many(LIMIT)}, and they are full. Go back, or start again.`;

  function facts() {
    const found = { written: written(), isTyped, promptLength, sure: 0, letter: "" };
    if (text.length > promptLength) return found;
    const { own, order } = shapeNext(logitsAfter(text, newest()), now);
    return { ...found, sure: own[order[0]], letter: chars[order[0]] };
  }

  // ------------------------------------------------------------ what is asked for

  const line = status(life);
  const { say } = line;
  const refused = el("p", { class: "fnd-refused", "aria-live": "polite" });
  const box = el("textarea", { rows: 2, maxlength: PROMPT_LIMIT, spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-label": "Prompt" });
  box.value = now.prompt;
  const size = el("span", { class: "fnd-value" });

  // The tokens in the box, or null with the reason beside it.
  function readBox() {
    const unknown = [...new Set(box.value)].filter((char) => !numbers.has(char));
    size.textContent = many(Array.from(box.value).length);
    let reason = "";
    if (unknown.length) reason = `The model does not know ${unknown.map(sign).join(" ")} and cannot read it. Your text stays here: take that out.`;
    else if (!box.value) reason = "The model needs at least one character to go on from.";
    else if (items.length > promptLength && box.value !== now.prompt) reason = "Press Start again to write on from this prompt.";
    refused.textContent = reason;
    box.setAttribute("aria-invalid", String(unknown.length > 0 || !box.value));
    return unknown.length || !box.value ? null : tokensOf(box.value);
  }

  life.on(box, "input", () => {
    const tokens = readBox();
    if (!tokens || items.length > promptLength) return;
    useBox(tokens);
    say(`${many(promptLength)} in the prompt.`);
  });

  function useBox(tokens) {
    isTyped = isTyped || box.value !== now.prompt;
    now.prompt = box.value;
    begin(tokens);
    refused.textContent = "";
    show();
    goals.test(facts());
  }

  function restart() {
    const tokens = readBox();
    if (!tokens) {
      say("The prompt cannot be read; the text is as it was.");
      return false;
    }
    useBox(tokens);
    return true;
  }

  // ------------------------------------------------------------ writing

  const ride = loop(life, (seconds) => {
    due += A_SECOND * seconds;
    // Who asked for less motion gets a line at a time.
    if (!now.isFast && (due < 1 || (life.reducedMotion && due < A_SECOND))) return;
    const until = performance.now() + FRAME_MS;
    while (!isFull() && (now.isFast ? performance.now() < until : due >= 1)) {
      writeOne();
      due -= 1;
    }
    if (now.isFast) due = 0;
    show();
    if (isFull()) ride.stop();
  }, {
    onChange(running) {
      write.label = running ? "Pause" : "Write";
      if (running) say("Writing.");
      else say(isFull() ? full : `Paused after ${many(written().length)}.${lastWords()}`);
    },
  });
  let due = 0;

  function lastWords() {
    const end = items.slice(-40).map(({ token }) => sign(chars[token]).replace("␣", " ")).join("");
    return ` It ends: ${end}`;
  }

  function stopped(change) {
    return () => { ride.stop(); change(); };
  }

  const write = button(life, {
    label: "Write", primary: true,
    onClick() {
      if (isFull()) { say(full); return; }
      now.at = null;
      due = 1;
      ride.toggle();
    },
  });
  const step = button(life, {
    label: "Step", title: "write one character",
    onClick: stopped(() => {
      if (isFull()) { say(full); return; }
      now.at = null;
      const before = shapeNext(logitsAfter(text, newest()), now);
      writeOne();
      show();
      const { token } = items[newest()];
      say(`${spoken(chars[token])} came: the model gave it ${percent(before.own[token])} %, it was drawn with ${percent(before.probs[token])} %.`);
    }),
  });
  const back = button(life, {
    label: "Back", title: "take the last character away",
    onClick: stopped(() => {
      const gone = charAt(newest());
      drop(newest());
      show();
      say(`${spoken(gone)} is taken back; ${many(written().length)} written.`);
    }),
  });
  const again = button(life, {
    label: "Start again", title: "back to the prompt",
    onClick: stopped(() => { if (restart()) say(`Back at the prompt, seed ${now.seed}: the same settings write the same text.`); }),
  });
  const other = button(life, {
    label: "Another", title: "next seed, from the prompt again",
    onClick: stopped(() => {
      if (!restart()) return;
      seed.value = now.seed = now.seed >= 9999 ? 1 : now.seed + 1;
      due = 1;
      ride.start();
    }),
  });
  const seed = stepper(life, {
    label: "Seed", min: 1, max: 9999, value: 1,
    onInput(value) {
      ride.stop();
      now.seed = value;
      if (restart()) say(`Seed ${value}, back at the prompt.`);
    },
  });
  const pace = segmented(life, { label: "Speed", options: [[false, "30 a second"], [true, "fast"]], value: false, onInput(value) { now.isFast = value; } });

  // ------------------------------------------------------------ settings of the choice

  function setting(key) {
    return (value) => {
      now[key] = value;
      show();
      const kept = next.probs.filter((p) => p > 0).length;
      if (!ride.running) say(`${many(kept)} of ${chars.length} may come next.`);
    };
  }
  const vocab = model.vocab;
  const heat = slider(life, {
    label: "Temperature", values: grid(0, 2, 0.05, now.temperature), value: now.temperature,
    format: (value) => (value ? value.toFixed(2) : "0: always the first"), onInput: setting("temperature"),
  });
  const topK = slider(life, {
    label: "Top-k", min: 1, max: vocab, step: 1, value: now.topK || vocab,
    format: (k) => (k === vocab ? "off" : k), onInput(k) { setting("topK")(k === vocab ? 0 : k); },
  });
  const topP = slider(life, {
    label: "Top-p", values: grid(0.05, 1, 0.05, now.topP), value: now.topP,
    format: (p) => (p === 1 ? "off" : p.toFixed(2)), onInput: setting("topP"),
  });

  // ------------------------------------------------------------ bars of the next character

  // The reader's own choice instead of a drawn character.
  const bars = makeBars(life, chars, (token) => {
    ride.stop();
    if (now.at !== null) { say("These are the chances at an earlier place. Choose the newest place to write on."); return; }
    if (isFull()) { say(full); return; }
    const p = next.own[token];
    append(token, { heat: now.temperature, isTop: token === next.order[0], byHand: true });
    show();
    say(`You chose ${spoken(chars[token])}; the model gave it ${percent(p)} %.`);
  });

  // ------------------------------------------------------------ shades of the text

  const paint = segmented(life, { label: "Shades show", options: [["attention", "attention"], ["surprise", "surprise"], ["none", "nothing"]], value: now.paint, onInput(value) { now.paint = value; show(); } });
  const numbered = (count) => Array.from({ length: count }, (_, i) => [i, String(i + 1)]);
  const choice = (label, options, key) => (options.length <= 9 ? segmented : select)(life, { label, options, value: now[key], onInput(value) { now[key] = value; show(); } });
  const layer = choice("Layer", numbered(model.layers), "layer");
  const head = choice("Head", [...numbered(model.heads), [-1, "mean"]], "head");
  const where = slider(life, {
    label: "Place that looks", min: 1, max: 2, step: 1, value: 2,
    format: (k) => (items.length ? `${k} of ${items.length}: ${sign(charAt(clamp(k, 1, items.length) - 1))}` : ""),
    onInput(k) { look(k - 1); },
  });
  const toNewest = button(life, { label: "Newest", title: "look from the last character again", onClick() { look(newest()); } });
  const legend = el("p", { class: "fnd-note" });
  const view = el("p", { class: "fnd-note" });

  function look(index) {
    ride.stop();
    const chosen = clamp(index, 0, newest());
    now.at = chosen === newest() ? null : chosen;
    show();
    const nats = items[chosen].surprise;
    const came = nats === null ? "" : ` came with a surprise of ${nats.toFixed(1)} nats`;
    say(`Place ${chosen + 1}: ${spoken(charAt(chosen))}${came}.`);
  }
  life.on(sheet, "click", (event) => {
    const index = spans.indexOf(event.target);
    if (index >= 0 && getSelection().isCollapsed) look(index);
  });
  keys(life, sheet, {
    ArrowLeft() { look(place() - 1); }, ArrowRight() { look(place() + 1); }, Home() { look(0); }, End() { look(newest()); },
  });

  function dress() {
    const t = place();
    const start = firstInView(model, t);
    const shades = shadesOf(text, chars, items, now, t);
    legend.textContent = shades.legend;
    shades.list.forEach(([share, isLoud], i) => {
      const isOut = now.paint !== "surprise" && (i < start || i > t);
      const classes = [i < promptLength && "fnd-prompt", charAt(i) === "\n" && "fnd-end", isLoud && "fnd-loud", isOut && "fnd-out", i === start && start > 0 && "fnd-first", now.at === i && "fnd-here"];
      const look = `${classes.filter(Boolean).join(" ")}|${Math.round(50 * share)}`;
      if (look === looks[i]) return;
      looks[i] = look;
      const [names, strength] = look.split("|");
      spans[i].className = names;
      spans[i].style.setProperty("--fnd-share", `${strength}%`);
    });
    sheet.classList.toggle("fnd-warm", now.paint === "surprise");
    const seen = t + 1 - start;
    view.textContent = start
      ? `In view: the last ${seen} of ${many(t + 1)}, from the bar on; older keys and values are dropped.`
      : `In view: ${many(seen)}, the first to ${now.at === null ? "the newest" : "the chosen one"}. The window holds ${model.context}.`;
  }

  // ------------------------------------------------------------ all of it

  const score = el("p", { class: "fnd-note" });

  function show() {
    next = shapeNext(logitsAfter(text, place()), now);
    if (now.at === null) bars.show("Next character", next, null);
    else bars.show(`After place ${now.at + 1}, ${spoken(charAt(now.at))}`, next, items[now.at + 1].token);
    dress();
    const own = written().map((item) => item.surprise);
    const last = own.length > RECENT ? `, of the last ${RECENT}: ${mean(own.slice(-RECENT)).toFixed(2)}` : "";
    score.textContent = own.length
      ? `Surprise so far: ${mean(own).toFixed(2)} nats for each of ${many(own.length)} written${last}. By chance alone: ${Math.log(vocab).toFixed(2)}.`
      : `Nothing written yet. Guessing among ${vocab} characters would surprise by ${Math.log(vocab).toFixed(2)} nats each.`;
    sheet.setAttribute("aria-label", `Text of ${many(items.length)}, ${own.length} written. Arrow left and right choose the place that looks.`);
    where.input.max = items.length;
    where.value = place() + 1;
    back.node.disabled = items.length <= promptLength;
    toNewest.node.disabled = now.at === null;
    for (const control of [layer, head]) control.node.hidden = now.paint !== "attention";
    if (now.at === null) sheet.scrollTop = sheet.scrollHeight;
    else keepInSight(spans[now.at]);
  }

  function keepInSight(span) {
    const top = span.offsetTop;
    if (top < sheet.scrollTop || top > sheet.scrollTop + sheet.clientHeight - 30) sheet.scrollTop = top - sheet.clientHeight / 2;
  }

  const goals = challenges(life, GOALS);

  root.append(el("div", { class: "fnd-split" },
    el("div", { class: "fnd-stack" },
      el("div", {}, el("label", { class: "fnd-field" }, el("span", { class: "fnd-label" }, el("span", { text: "Prompt" }), size), box), refused),
      el("div", { class: "fnd-row" }, write.node, step.node, back.node, again.node, other.node),
      el("div", {}, sheet, view, score), line.node,
      el("div", { class: "fnd-row" }, paint.node, layer.node, head.node),
      legend,
      el("div", { class: "fnd-row fnd-where" }, where.node, toNewest.node),
      el("div", { class: "fnd-row" }, pace.node, seed.node)),
    el("div", { class: "fnd-stack" },
      bars.node, heat.node, topK.node, topP.node)),
  el("div", { class: "fnd-below" }, goals.node));
  readBox();
  begin(tokensOf(now.prompt));
  show();
  say("Press Write, or choose a character from the bars.");
}

// The GPT of the lesson `tiny_gpt`, forward only, one token at a time with the keys and values of
// all earlier ones kept. Pure: no DOM. tests/test_demo_write_with_gpt_core.py compares it with PyTorch.

import { softmax, unpackRows } from "./kit.js";

// ---------------------------------------------------------------- the model

// sizes: {vocab, dim, heads, layers, context}; net: what Python's `pack_rows` made.
export function loadGpt({ sizes, net }) {
  const found = unpackRows(net);
  const part = (name) => ({ weight: found[`${name}.weight`].values, bias: found[`${name}.bias`].values });
  const names = ["norm1", "attention.query", "attention.key", "attention.value", "attention.out", "norm2", "mlp.0", "mlp.2"];
  const blocks = Array.from({ length: sizes.layers }, (_, l) => {
    const [norm1, query, key, value, out, norm2, wide, narrow] = names.map((name) => part(`blocks.${l}.${name}`));
    return { norm1, query, key, value, out, norm2, wide, narrow };
  });
  const size = sizes.dim / sizes.heads;
  const turns = Float64Array.from({ length: size / 2 }, (_, i) => 10000 ** (-2 * i / size));
  return { ...sizes, size, turns, embed: found["embed.weight"].values, blocks, norm: part("norm"), head: part("head") };
}

// A text of at most `places` tokens as the model reads it: for each layer the queries, keys and
// values of all places (queries and keys already turned), and the logits after each place.
export function openText(model, places) {
  const { dim, vocab, context, layers } = model;
  const table = () => Array.from({ length: layers }, () => new Float32Array(places * dim));
  return {
    model, places, length: 0, tokens: new Uint16Array(places),
    q: table(), k: table(), v: table(), logits: new Float32Array(places * vocab),
    x: new Float32Array(dim), normed: new Float32Array(dim), mixed: new Float32Array(dim),
    added: new Float32Array(dim), wide: new Float32Array(4 * dim), weights: new Float32Array(context),
    cos: new Float64Array(model.turns.length), sin: new Float64Array(model.turns.length),
  };
}

// Back to the first `length` tokens: what was computed for them stays right.
export function cutText(text, length) {
  text.length = length;
}

// to[at + j] = bias[j] + row j of the weights times x. Four rows together: they share what is
// read of x, and no sum waits for another.
function linear({ weight, bias }, x, to, at) {
  const inputs = x.length;
  const outputs = bias.length;
  let j = 0;
  for (; j + 3 < outputs; j += 4) {
    let a = bias[j], b = bias[j + 1], c = bias[j + 2], d = bias[j + 3];
    for (let i = 0, r = j * inputs, s = r + inputs, t = s + inputs, u = t + inputs; i < inputs; i += 1, r += 1, s += 1, t += 1, u += 1) {
      const value = x[i];
      a += weight[r] * value;
      b += weight[s] * value;
      c += weight[t] * value;
      d += weight[u] * value;
    }
    to[at + j] = a;
    to[at + j + 1] = b;
    to[at + j + 2] = c;
    to[at + j + 3] = d;
  }
  for (; j < outputs; j += 1) {
    let sum = bias[j];
    for (let i = 0, r = j * inputs; i < inputs; i += 1, r += 1) sum += weight[r] * x[i];
    to[at + j] = sum;
  }
}

// As nn.LayerNorm: mean 0 and variance 1, then a factor and a term for each entry.
function layerNorm({ weight, bias }, x, to) {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < x.length; i += 1) sum += x[i];
  const mean = sum / x.length;
  for (let i = 0; i < x.length; i += 1) squares += (x[i] - mean) * (x[i] - mean);
  const factor = 1 / Math.sqrt(squares / x.length + 1e-5);
  for (let i = 0; i < x.length; i += 1) to[i] = (x[i] - mean) * factor * weight[i] + bias[i];
}

// x Φ(x), with the error function within 1.5e-7: Abramowitz and Stegun 1964, formula 7.1.26.
export function gelu(x) {
  const z = Math.abs(x) * Math.SQRT1_2;
  const t = 1 / (1 + 0.3275911 * z);
  const tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-z * z);
  return 0.5 * x * (x < 0 ? tail : 2 - tail);
}

// Turns each pair of neighbours, in every head, by the angle of the place (rotary positions).
function turn({ model, cos, sin }, row, at) {
  const half = cos.length;
  for (let i = 0; i < model.dim / 2; i += 1) {
    const place = at + 2 * i;
    const c = cos[i % half];
    const s = sin[i % half];
    const a = row[place];
    const b = row[place + 1];
    row[place] = a * c - b * s;
    row[place + 1] = a * s + b * c;
  }
}

// First place that place t still looks at: the window slides.
export function firstInView({ context }, t) {
  return Math.max(0, t + 1 - context);
}

// How much place t looks at each place in view, for one head: to[0] is the first in view.
function weigh({ model, q, k }, layer, head, t, to) {
  const { dim, size } = model;
  const [queries, keys] = [q[layer], k[layer]];
  const start = firstInView(model, t);
  const scale = 1 / Math.sqrt(size);
  const from = t * dim + head * size;
  let high = -Infinity;
  for (let s = start, at = start * dim + head * size; s <= t; s += 1, at += dim) {
    let score = 0;
    for (let i = 0; i < size; i += 1) score += queries[from + i] * keys[at + i];
    score *= scale;
    to[s - start] = score;
    if (score > high) high = score;
  }
  let sum = 0;
  for (let i = 0; i <= t - start; i += 1) {
    to[i] = Math.exp(to[i] - high);
    sum += to[i];
  }
  for (let i = 0; i <= t - start; i += 1) to[i] /= sum;
}

function attend(text, layer, t) {
  const { model, weights, mixed } = text;
  const { dim, size, heads } = model;
  const values = text.v[layer];
  const start = firstInView(model, t);
  mixed.fill(0);
  for (let head = 0; head < heads; head += 1) {
    weigh(text, layer, head, t, weights);
    for (let s = start; s <= t; s += 1) {
      const weight = weights[s - start];
      for (let i = head * size, at = s * dim + i, end = i + size; i < end; i += 1, at += 1) mixed[i] += weight * values[at];
    }
  }
}

function add(x, more) {
  for (let i = 0; i < x.length; i += 1) x[i] += more[i];
}

// Reads one more token; the logits of the next one then stand at `logitsAfter(text, its place)`.
export function readToken(text, token) {
  const { model, x, normed, mixed, added, wide } = text;
  const { dim } = model;
  const t = text.length;
  if (t >= text.places) throw new Error(`the text must have at most ${text.places} tokens`);
  for (let i = 0; i < dim; i += 1) x[i] = model.embed[token * dim + i];
  for (let i = 0; i < text.cos.length; i += 1) {
    text.cos[i] = Math.cos(t * model.turns[i]);
    text.sin[i] = Math.sin(t * model.turns[i]);
  }
  for (let layer = 0; layer < model.layers; layer += 1) {
    const block = model.blocks[layer];
    layerNorm(block.norm1, x, normed);
    linear(block.query, normed, text.q[layer], t * dim);
    linear(block.key, normed, text.k[layer], t * dim);
    linear(block.value, normed, text.v[layer], t * dim);
    turn(text, text.q[layer], t * dim);
    turn(text, text.k[layer], t * dim);
    attend(text, layer, t);
    linear(block.out, mixed, added, 0);
    add(x, added);
    layerNorm(block.norm2, x, normed);
    linear(block.wide, normed, wide, 0);
    for (let i = 0; i < wide.length; i += 1) wide[i] = gelu(wide[i]);
    linear(block.narrow, wide, added, 0);
    add(x, added);
  }
  layerNorm(model.norm, x, normed);
  linear(model.head, normed, text.logits, t * model.vocab);
  text.tokens[t] = token;
  text.length = t + 1;
}

export function logitsAfter({ model, logits }, t) {
  return logits.subarray(t * model.vocab, (t + 1) * model.vocab);
}

// {start, weights}: how much place t looks at the places from `start` to t; head -1: the mean.
export function attentionOf(text, layer, head, t) {
  const { model } = text;
  const start = firstInView(model, t);
  const weights = new Float32Array(t + 1 - start);
  const one = new Float32Array(t + 1 - start);
  const chosen = head < 0 ? Array.from({ length: model.heads }, (_, h) => h) : [head];
  for (const h of chosen) {
    weigh(text, layer, h, t, one);
    for (let i = 0; i < one.length; i += 1) weights[i] += one[i] / chosen.length;
  }
  return { start, weights };
}

// Tokens that are read in a second, with a full window.
export function readingSpeed(model, count = 500) {
  const text = openText(model, model.context + count);
  for (let i = 0; i < model.context; i += 1) readToken(text, i % model.vocab);
  const began = performance.now();
  for (let i = 0; i < count; i += 1) readToken(text, i % model.vocab);
  return (1000 * count) / (performance.now() - began);
}

// ---------------------------------------------------------------- choosing the next token

// own: what the model says; probs: after temperature, top-k and top-p, in this order, 0 where cut
// off; order: tokens, most probable first. Temperature 0: always the most probable.
export function shapeNext(logits, { temperature, topK, topP }) {
  const own = softmax(logits);
  const order = Array.from(own.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
  const probs = new Float64Array(own.length);
  const high = logits[order[0]];
  const some = order.slice(0, temperature ? topK || own.length : 1);
  const parts = some.map((token) => (temperature ? Math.exp((logits[token] - high) / temperature) : 1));
  const sum = parts.reduce((a, b) => a + b, 0);
  let before = 0;
  let kept = 0;
  some.forEach((token, i) => {
    if (topP < 1 && before >= topP) return;
    probs[token] = parts[i] / sum;
    kept += probs[token];
    before += probs[token];
  });
  for (const token of some) probs[token] /= kept;
  return { own, probs, order };
}

// The token at which the probabilities, added up in `order`, pass `number` (0 to 1).
export function pick({ probs, order }, number) {
  let sum = 0;
  let last = order[0];
  for (const token of order) {
    if (!probs[token]) continue;
    last = token;
    sum += probs[token];
    if (number < sum) break;
  }
  return last;
}

// In nats: how unsure a distribution is.
export function entropy(probs) {
  return probs.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}

// In nats: how surprising a token was to the model, -log of its own probability.
export function surprise(logits, token) {
  const high = Math.max(...logits);
  let sum = 0;
  for (let i = 0; i < logits.length; i += 1) sum += Math.exp(logits[i] - high);
  return Math.log(sum) + high - logits[token];
}

export function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

// ---------------------------------------------------------------- challenges
// written: [{token, surprise, heat: the temperature, isTop: the model's first choice, byHand}]

// The longest run at the end that `test` holds for, and that no choice by hand interrupts.
function tail(written, test) {
  let start = written.length;
  while (start > 0 && !written[start - 1].byHand && test(written[start - 1])) start -= 1;
  return written.slice(start);
}

// Temperature 0: do the last `count` tokens stand in the text twice?
export function isLoop(written, count = 30) {
  const tokens = tail(written, ({ heat }) => heat === 0).map(({ token }) => token);
  const end = tokens.slice(-count);
  for (let at = tokens.length - count - 1; at >= 0; at -= 1) {
    if (end.every((token, i) => tokens[at + i] === token)) return true;
  }
  return false;
}

// Hot and still sensible: `count` tokens drawn at 1.5 or more that surprise the model little,
// though `others` of them were not its first choice.
export function isTame(written, { count = 60, others = 15, nats = 1.1 } = {}) {
  const last = tail(written, ({ heat }) => heat >= 1.5).slice(-count);
  return last.length === count && last.filter(({ isTop }) => !isTop).length >= others
    && mean(last.map((item) => item.surprise)) < nats;
}

// What the page asks for. found: {written, isTyped, promptLength, sure: the largest chance of the next
// character after the bare prompt, letter: that character}
export const GOALS = [
  {
    name: "tiny_gpt.sure",
    text: "Type a prompt of your own, of at most 12 characters, after which the model is at least 99 % sure that a certain letter comes next.",
    check: (found) => found.isTyped && found.promptLength <= 12 && found.sure >= 0.99 && /[a-z]/i.test(found.letter),
  },
  {
    name: "tiny_gpt.loop",
    text: "With temperature 0, let the model write until it repeats itself: its last 30 characters stand in what it wrote a second time.",
    check: (found) => isLoop(found.written),
  },
  {
    name: "tiny_gpt.tame",
    text: "At a temperature of 1.5 or more, 60 characters in a row with a mean surprise below 1.1 nats, though at least 15 of them were not the model's first choice.",
    check: (found) => isTame(found.written),
  },
];

// Training and pictures of one network as WebAssembly, generated for exactly its shape: each
// weight has a fixed address, each neuron its own variables, and four examples lie side by
// side in the lanes of a vector. Pure module; network.js falls back to kernels.js without it.

import { above, add, both, div, get, instantiate, integer, least, load, loopWhile, most, mul, pick, plus, set, spread, sqrt, store, sub } from "./wasm.js";

// 64 KB each. Room for the largest network of the Playground and 500 examples in batches of 1.
const PAGES = 4;

// ---------------------------------------------------------------- activations

const within = (z, limit) => most(least(z, limit), -limit);

// Lambert's continued fraction, tanh u = u (105 + 10 u^2) / (105 + 45 u^2 + u^4), for u = z / 4,
// then twice tanh 2u = 2 n d / (d^2 + n^2) for tanh u = n / d. The error is below 3e-7.
function tanh(z, keep) {
  const u = keep(mul(0.25, within(z, 9)));
  const s = keep(mul(u, u));
  let n = keep(mul(u, add(105, mul(10, s))));
  let d = keep(add(105, mul(s, add(45, s))));
  for (let k = 0; k < 2; k += 1) [n, d] = [keep(mul(add(n, n), d)), keep(add(mul(d, d), mul(n, n)))];
  return keep(div(n, d));
}

const sigmoid = (z, keep) => keep(add(0.5, mul(0.5, tanh(mul(0.5, z), keep))));

// The normal distribution function is 0.5 + 0.5 tanh(x (c0 + c1 x^2 + c2 x^4 ...)); coefficients
// by least maximum error (7e-8) for |x| < 5.6, where it is within 1e-8 of 0 and 1.
const NORMAL = [0.797884268, 0.0363341492, -3.30267485e-5, -5.52733723e-5, 3.97406876e-6, -1.33783074e-7, 1.81392443e-9];
const polynomial = (s, factors) => factors.reduceRight((sum, factor) => add(factor, mul(s, sum)));

// Each gives the value and its derivative; `keep` puts a vector that is used twice into a variable.
const ACTIVATIONS = {
  tanh(z, keep) {
    const a = tanh(z, keep);
    return [a, sub(1, mul(a, a))];
  },
  relu: (z) => [most(z, 0), both(above(z, 0), 1)],
  sigmoid(z, keep) {
    const a = sigmoid(z, keep);
    return [a, mul(a, sub(1, a))];
  },
  linear: (z) => [z, 1],
  gelu(z, keep) {
    const x = keep(within(z, 5.6));
    const s = keep(mul(x, x));
    const t = tanh(mul(x, polynomial(s, NORMAL)), keep);
    const share = keep(add(0.5, mul(0.5, t)));
    const steepness = polynomial(s, NORMAL.map((factor, k) => (2 * k + 1) * factor));
    const density = mul(sub(0.5, mul(0.5, mul(t, t))), steepness);
    return [mul(z, share), add(share, mul(x, density))];
  },
  silu(z, keep) {
    const s = sigmoid(z, keep);
    return [mul(z, s), mul(s, add(1, mul(z, sub(1, s))))];
  },
  // 2 sigmoid(z) - 1. Its slope cancels against that of cross-entropy, all but one half.
  chance: (z, keep) => [tanh(mul(0.5, z), keep), 0.5],
};

// ---------------------------------------------------------------- code of one network

// What is subtracted from the parameters with gradient g. first and second replace an average
// by a new value and give that; `reached` says how much of Adam's averages is filled.
const OPTIMIZERS = {
  sgd: ({ g, lr }) => mul(lr, g),
  momentum: ({ g, lr, first }) => mul(lr, first((old) => add(mul(0.9, old), g))),
  adam({ g, lr, first, second, reached }) {
    const mean = first((old) => add(old, mul(0.1, sub(g, old))));
    const square = second((old) => add(old, mul(0.001, sub(mul(g, g), old))));
    return div(mul(div(lr, reached[0]), mean), add(sqrt(div(square, reached[1])), 1e-8));
  },
};

// Where everything lies in memory, in bytes.
function places(sizes, count, block) {
  let end = 0;
  const take = (floats) => { end += 4 * floats; return end - 4 * floats; };
  const padded = 4 * Math.ceil(count / 4);
  const group = 16 * (sizes[0] + 2);
  return {
    group, paramBytes: 4 * padded,
    lr: take(4), rate: take(4), reached: [take(4), take(4)],
    params: take(padded), first: take(padded), second: take(padded),
    isWeight: take(padded), // 1 for weights, 0 for biases
    sums: take(4 * padded), // gradients, four lanes each
    rows: take(block * sizes.slice(1).reduce((sum, size) => sum + size)), // values of all neurons
    // Examples in groups of four: inputs, targets, shares in the mean.
    block: take((block * group) / 16), data: end,
  };
}

// The code of a function with so many integer variables.
function draft(integers) {
  const lines = [];
  let count = integers;
  return {
    lines,
    run(code) { lines.push(code); },
    keep(value) { lines.push(set(count, value)); count += 1; return get(count - 1); },
    get vectors() { return count - integers; },
  };
}

// Places of the weight from i to j in front of layer l, and of the bias of j.
const weightAt = ({ at, sizes }, l, j, i) => at[l - 1] + j * sizes[l - 1] + i;
const biasAt = ({ at, sizes }, l, j) => at[l - 1] + sizes[l] * sizes[l - 1] + j;

// Values and slopes of all neurons for the group of examples at address `base` + place.
function forward(network, { params }, place, base, { keep }) {
  const { sizes, names } = network;
  const values = [Array.from({ length: sizes[0] }, (_, i) => keep(load(place + 16 * i, base)))];
  const slopes = [[]];
  for (let l = 1; l < sizes.length; l += 1) {
    const neurons = Array.from({ length: sizes[l] }, (_, j) => {
      const z = values[l - 1].reduce((sum, x, i) => add(sum, mul(spread(params + 4 * weightAt(network, l, j, i)), x)),
        spread(params + 4 * biasAt(network, l, j)));
      const [value, slope] = ACTIVATIONS[names[l]](keep(z), keep);
      return [keep(value), slope];
    });
    values.push(neurons.map(([value]) => value));
    slopes.push(neurons.map(([, slope]) => slope));
  }
  return { values, slopes };
}

// Adds the gradients of this group to the sums.
function backward(network, plan, base, { values, slopes }, { keep, run }) {
  const { sizes } = network;
  const collect = (index, value) => {
    const place = plan.sums + 16 * index;
    run(store(place, add(load(place), value)));
  };
  const inputs = sizes[0], last = sizes.length - 1;
  const target = load(plan.data + 16 * inputs, base), share = load(plan.data + 16 * inputs + 16, base);
  let errors = [keep(mul(mul(sub(values[last][0], target), slopes[last][0]), share))];
  for (let l = last; l > 0; l -= 1) {
    errors.forEach((e, j) => {
      values[l - 1].forEach((x, i) => collect(weightAt(network, l, j, i), mul(e, x)));
      collect(biasAt(network, l, j), e);
    });
    errors = slopes[l - 1].map((slope, i) => keep(mul(slope, errors
      .map((e, j) => mul(spread(plan.params + 4 * weightAt(network, l, j, i)), e)).reduce((sum, part) => add(sum, part)))));
  }
}

// One step for the four parameters at address k: adds up the lanes of their sums and clears these.
function update({ optimizer, penalty }, plan, k, { keep, run }) {
  const k4 = plus(plus(k, k), plus(k, k));
  const sums = [0, 16, 32, 48].map((part) => plan.sums + part);
  const [a, b, c, d] = sums.map((place) => keep(load(place, k4)));
  const ab = keep(add(pick(a, b, [0, 4, 1, 5]), pick(a, b, [2, 6, 3, 7])));
  const cd = keep(add(pick(c, d, [0, 4, 1, 5]), pick(c, d, [2, 6, 3, 7])));
  let g = keep(add(pick(ab, cd, [0, 1, 4, 5]), pick(ab, cd, [2, 3, 6, 7])));
  for (const place of sums) run(store(place, 0, k4));
  const old = keep(load(plan.params, k));
  const lr = load(plan.lr);
  const strength = mul(load(plan.rate), load(plan.isWeight, k));
  if (penalty === "l2") g = keep(add(g, mul(strength, old)));
  const average = (place) => (next) => {
    const value = keep(next(load(place, k)));
    run(store(place, value, k));
    return value;
  };
  let p = keep(sub(old, OPTIMIZERS[optimizer]({ g, lr, first: average(plan.first),
    second: average(plan.second), reached: plan.reached.map((place) => load(place)) })));
  if (penalty === "l1") {
    const shift = keep(mul(lr, strength));
    p = sub(p, most(least(p, shift), sub(0, shift)));
  }
  run(store(plan.params, p, k));
}

// Trains on the batches of `bytes` each from address here to end (counted from plan.data).
function training(network, plan) {
  const [HERE, END, BYTES, STOP, K] = [0, 1, 2, 3, 4];
  const code = draft(5);
  // The lines that `write` adds, taken out again: bodies of loops share the variables.
  const part = (write) => { const from = code.lines.length; write(); return code.lines.splice(from); };
  const group = part(() => backward(network, plan, get(HERE), forward(network, plan, plan.data, get(HERE), code), code));
  const step = part(() => update(network, plan, get(K), code));
  const fill = (place, rate) => store(place, add(load(place), mul(rate, sub(1, load(place)))));
  const fills = network.optimizer === "adam" ? [fill(plan.reached[0], 0.1), fill(plan.reached[1], 0.001)] : [];
  return {
    inputs: 3, integers: 2, vectors: code.vectors,
    code: loopWhile(get(HERE), get(END),
      set(STOP, plus(get(HERE), get(BYTES))),
      loopWhile(get(HERE), get(STOP), group, set(HERE, plus(get(HERE), integer(plan.group)))),
      fills, set(K, integer(0)),
      loopWhile(get(K), integer(plan.paramBytes), step, set(K, plus(get(K), integer(16))))),
  };
}

// Values of all neurons, for the groups from address here to end, into rows from address `out`.
function showing(network, plan, block) {
  const [HERE, END, OUT] = [0, 1, 2];
  const code = draft(3);
  const { values } = forward(network, plan, plan.block, get(HERE), code);
  values.slice(1).flat().forEach((value, j) => code.run(store(plan.rows + 4 * block * j, value, get(OUT))));
  return {
    inputs: 2, integers: 1, vectors: code.vectors,
    code: loopWhile(get(HERE), get(END), code.lines,
      set(HERE, plus(get(HERE), integer(plan.group))), set(OUT, plus(get(OUT), integer(16)))),
  };
}

// ---------------------------------------------------------------- the network in use

// Copy a batch to a place in memory, in groups of four; missing examples have share 0.
// Gives the bytes it takes.
function pack(floats, { group }, { x, y, m }, place) {
  const inputs = x.length / m;
  const size = group * Math.ceil(m / 4);
  floats.fill(0, place / 4, (place + size) / 4);
  for (let b = 0; b < m; b += 1) {
    const at = (place + group * (b >> 2)) / 4 + (b & 3);
    for (let i = 0; i < inputs; i += 1) floats[at + 4 * i] = x[i * m + b];
    floats[at + 4 * inputs] = y[b];
    floats[at + 4 * inputs + 4] = 1 / m;
  }
  return size;
}

// Pack all batches. Gives the arguments of one call for each run of batches of equal size.
function packAll(floats, plan, batches) {
  const calls = [];
  let end = 0;
  for (const batch of batches) {
    const size = pack(floats, plan, batch, plan.data + end);
    const call = calls[calls.length - 1];
    end += size;
    if (call && call[2] === size) call[1] = end;
    else calls.push([end - size, end, size]);
  }
  return calls;
}

// The arrays params, first and second of `count` numbers in WebAssembly's memory, and what
// works on them; null where WebAssembly or its vectors are missing or forbidden.
// block: the most examples for pictures().
export function compile(network, count, block) {
  const plan = places(network.sizes, count, block);
  let wasm;
  try {
    wasm = instantiate({ train: training(network, plan), show: showing(network, plan, block) }, PAGES);
  } catch (error) {
    console.info(`The network is computed without WebAssembly: ${error.message}`);
    return null;
  }
  const floats = new Float32Array(wasm.memory.buffer);
  const row = (place, length) => floats.subarray(place / 4, place / 4 + length);
  const isWeight = row(plan.isWeight, count);
  network.at.forEach((at, l) => isWeight.fill(1, at, biasAt(network, l + 1, 0)));
  let packed = null;
  let calls = [];
  return {
    params: row(plan.params, count), first: row(plan.first, count), second: row(plan.second, count),
    // Whether there is room for the batches.
    holds(batches) {
      const groups = batches.reduce((sum, { m }) => sum + Math.ceil(m / 4), 0);
      return plan.data + plan.group * groups <= floats.byteLength;
    },
    // One step for each batch, after so many before. Batches must not change while in use.
    train(batches, steps) {
      if (packed !== batches) calls = packAll(floats, plan, batches);
      packed = batches;
      row(plan.lr, 4).fill(network.lr);
      row(plan.rate, 4).fill(network.rate);
      row(plan.reached[0], 4).fill(1 - 0.9 ** steps);
      row(plan.reached[1], 4).fill(1 - 0.999 ** steps);
      for (const call of calls) wasm.train(...call);
    },
    // Values of all neurons for a batch, to index `start` of into[layer][neuron].
    pictures(batch, into, start) {
      wasm.show(0, pack(floats, plan, batch, plan.block));
      into.slice(1).flat().forEach((picture, j) => picture.set(row(plan.rows + 4 * block * j, batch.m), start));
    },
  };
}

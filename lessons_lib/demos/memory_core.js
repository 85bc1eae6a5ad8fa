// Arithmetic of MemoryLab: one recurrent layer reads symbols, one after the other.

// What can be looked at, beside the state h: [key, name, low, high].
export const PARTS = {
  rnn: [],
  gru: [["z", "update gate z", 0, 1], ["r", "reset gate r", 0, 1], ["n", "candidate n", -1, 1]],
  lstm: [["c", "cell state c", -1, 1], ["f", "forget gate f", 0, 1], ["i", "input gate i", 0, 1], ["o", "output gate o", 0, 1], ["g", "candidate g", -1, 1]],
};

// What carries the memory from step to step: the cell state of an LSTM, else h.
export const MEMORY = { rnn: "h", gru: "h", lstm: "c" };

export function sigmoid(z) {
  return 1 / (1 + Math.exp(-z));
}

// matrix (rows x columns, flat) times vector
function times(matrix, vector) {
  const columns = vector.length;
  return Float64Array.from({ length: matrix.length / columns }, (_, row) => {
    let sum = 0;
    for (let k = 0; k < columns; k += 1) sum += matrix[row * columns + k] * vector[k];
    return sum;
  });
}

// One step. model: {kind, size, table (symbols x gates*size: what a symbol adds to each sum, biases
// included), u (gates*size x size), late (size; the bias inside the reset gate of a GRU)}.
export function advance(model, symbol, before) {
  const { kind, size } = model;
  const width = model.table.length / model.symbols;
  const x = model.table.subarray(symbol * width, (symbol + 1) * width);
  const v = times(model.u, before.h);
  const each = (make) => Float64Array.from({ length: size }, (_, j) => make(j));
  const sum = (gate) => (j) => x[gate * size + j] + v[gate * size + j];
  if (kind === "rnn") return { h: each((j) => Math.tanh(sum(0)(j))) };
  const gate = (which) => each((j) => sigmoid(sum(which)(j)));
  if (kind === "gru") {
    const [r, z] = [gate(0), gate(1)];
    const n = each((j) => Math.tanh(x[2 * size + j] + r[j] * (v[2 * size + j] + model.late[j])));
    return { r, z, n, h: each((j) => (1 - z[j]) * n[j] + z[j] * before.h[j]) };
  }
  const [i, f, o] = [gate(0), gate(1), gate(3)];
  const g = each((j) => Math.tanh(sum(2)(j)));
  const c = each((j) => f[j] * before.c[j] + i[j] * g[j]);
  return { i, f, g, o, c, h: each((j) => o[j] * Math.tanh(c[j])) };
}

// The states after each symbol, from a memory of zeros.
export function readAll(model, symbols) {
  const zeros = new Float64Array(model.size);
  let state = { h: zeros, c: zeros };
  return symbols.map((symbol) => { state = advance(model, symbol, state); return state; });
}

export function logits(model, h) {
  return times(model.out, h).map((sum, k) => sum + model.bias[k]);
}

// softmax of logits / temperature
export function chances(values, temperature = 1) {
  const high = Math.max(...values);
  const powers = Array.from(values, (value) => Math.exp((value - high) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

// The symbol whose slice of [0, 1) holds `point`.
export function draw(probs, point) {
  let sum = 0;
  for (let k = 0; k < probs.length; k += 1) {
    sum += probs[k];
    if (point < sum) return k;
  }
  return probs.length - 1;
}

// Text to symbols: small letters, without what the model does not know; symbol 0 marks start and end.
export function encode(text, chars, limit) {
  const known = [...text].map((letter) => (chars.includes(letter) ? letter : letter.toLowerCase()));
  return known.map((letter) => chars.indexOf(letter)).filter((symbol) => symbol > 0).slice(0, limit);
}

// How different two memories are: root of the mean square over the units.
export function distance(one, two) {
  let sum = 0;
  for (let j = 0; j < one.length; j += 1) sum += (one[j] - two[j]) ** 2;
  return Math.sqrt(sum / one.length);
}

// Distances of two readings, step by step, aligned at their ends.
export function distances(first, second, key) {
  const steps = Math.min(first.length, second.length);
  return Array.from({ length: steps }, (_, k) =>
    distance(first[first.length - steps + k][key], second[second.length - steps + k][key]));
}

// Two beginnings, one memory: other first symbols, and at the end less than `limit` apart.
export function isForgotten(first, second, gaps, limit = 0.05) {
  return first.length > 1 && second.length > 1 && first[0] !== second[0] && gaps[gaps.length - 1] < limit;
}

// Over how many further steps `values[from]` keeps its value within `play`.
export function holds(values, from, play = 0.1) {
  let steps = 0;
  while (from + steps + 1 < values.length && Math.abs(values[from + steps + 1] - values[from]) <= play) steps += 1;
  return steps;
}

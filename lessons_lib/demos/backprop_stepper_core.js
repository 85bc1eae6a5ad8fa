// Computation graphs for the BackpropStepper: values, local slopes, and the events of a
// backward pass in the right order and in two wrong ones. Pure: no DOM.
// tests/test_demo_backprop_stepper.py compares every graph with PyTorch's autograd.

// Each operation: text(names, k), value(numbers, k), slopes(numbers, k, result) and what
// the slopes are called.
export const OPS = {
  add: { text: ([a, b]) => a + " + " + b, value: ([a, b]) => a + b, slopes: () => [1, 1], names: () => ["1", "1"] },
  sub: { text: ([a, b]) => a + " \u2212 " + b, value: ([a, b]) => a - b, slopes: () => [1, -1], names: () => ["1", "\u22121"] },
  mul: { text: ([a, b]) => a + " \u00b7 " + b, value: ([a, b]) => a * b, slopes: ([a, b]) => [b, a], names: ([a, b]) => [b, a] },
  scale: { text: ([a], k) => k + " \u00b7 " + a, value: ([a], k) => k * a, slopes: (_, k) => [k], names: (_, k) => [String(k)] },
  shift: { text: ([a], k) => k + " + " + a, value: ([a], k) => k + a, slopes: () => [1], names: () => ["1"] },
  square: { text: ([a]) => a + "\u00b2", value: ([a]) => a * a, slopes: ([a]) => [2 * a], names: ([a]) => ["2" + a] },
  tanh: { text: ([a]) => "tanh " + a, value: ([a]) => Math.tanh(a), slopes: (_, k, y) => [1 - y * y], names: (_, k, y) => ["1 \u2212 " + y + "\u00b2"] },
  relu: { text: ([a]) => "relu " + a, value: ([a]) => Math.max(0, a), slopes: ([a]) => [a > 0 ? 1 : 0], names: ([a]) => ["1 if " + a + " > 0, else 0"] },
  exp: { text: ([a]) => "exp " + a, value: ([a]) => Math.exp(a), slopes: (_, k, y) => [y], names: (_, k, y) => [y] },
  log: { text: ([a]) => "log " + a, value: ([a]) => Math.log(a), slopes: ([a]) => [1 / a], names: ([a]) => ["1/" + a] },
};

const leaf = (name, value, column, row) => ({ name, value, column, row, from: [] });
const node = (name, op, from, column, row, k) => ({ name, op, from: from.split(" "), column, row, k });

// Nodes stand after their parents; the last one is the root. column and row place the box.
export const GRAPHS = {
  weight: { title: "One weight: L = (w\u00b7x + b \u2212 t)\u00b2", nodes: [
    leaf("w", 3, 0, 0), leaf("x", 2, 0, 1), node("m", "mul", "w x", 1, 0.5), leaf("b", -4, 1, 1.5),
    node("z", "add", "m b", 2, 1), leaf("t", 5, 2, 2), node("e", "sub", "z t", 3, 1.5), node("L", "square", "e", 4, 1.5)] },
  twice: { title: "Used twice: c = a + a", nodes: [leaf("a", 3, 0, 0), node("c", "add", "a a", 1, 0)] },
  reuse: { title: "Used twice, later: b = 3a, c = b + b", nodes: [
    leaf("a", 1, 0, 0), node("b", "scale", "a", 1, 0, 3), node("c", "add", "b b", 2, 0)] },
  order: { title: "Order matters: b = 3a, d = 2b, c = b + d", nodes: [
    leaf("a", 1, 0, 1), node("b", "scale", "a", 1, 1, 3), node("d", "scale", "b", 2, 0, 2), node("c", "add", "b d", 3, 1)] },
  tanh: { title: "A tanh neuron: o = tanh(u\u00b7x + v\u00b7y + b)", nodes: [
    leaf("u", 1, 0, 0), leaf("x", 0.5, 0, 1), leaf("v", -0.5, 0, 2), leaf("y", 2, 0, 3),
    node("m", "mul", "u x", 1, 0.5), node("n", "mul", "v y", 1, 2.5), leaf("b", 1, 2, 2.7),
    node("s", "add", "m n", 2, 1.5), node("z", "add", "s b", 3, 2), node("o", "tanh", "z", 4, 2)] },
  relu: { title: "A ReLU and its loss: L = (relu(w\u00b7x) \u2212 t)\u00b2", nodes: [
    leaf("w", 0.5, 0, 0), leaf("x", 2, 0, 1), node("z", "mul", "w x", 1, 0.5), node("a", "relu", "z", 2, 0.5),
    leaf("t", 3, 2, 1.5), node("e", "sub", "a t", 3, 1), node("L", "square", "e", 4, 1)] },
  entropy: { title: "Cross-entropy: L = log(1 + exp z) \u2212 t\u00b7z", nodes: [
    leaf("w", 0.5, 0, 0), leaf("x", 2, 0, 1), leaf("t", 1, 1, 2), node("z", "mul", "w x", 1, 0.5),
    node("u", "exp", "z", 2, 0), node("s", "shift", "u", 3, 0, 1), node("l", "log", "s", 4, 0),
    node("m", "mul", "t z", 3, 1.4), node("L", "sub", "l m", 5, 0.7)] },
};

export function startLeaves({ nodes }) {
  return Object.fromEntries(nodes.filter((item) => !item.op).map(({ name, value }) => [name, value]));
}

// Forward pass: {values: {name: number}, slopes: {name: [local slope for each parent]}}.
export function forward({ nodes }, leaves) {
  const values = {};
  const slopes = {};
  for (const { name, op, from, k } of nodes) {
    if (!op) { values[name] = leaves[name]; continue; }
    const inputs = from.map((parent) => values[parent]);
    values[name] = OPS[op].value(inputs, k);
    slopes[name] = OPS[op].slopes(inputs, k, values[name]);
  }
  return { values, slopes };
}

// Who hands on, and when: [{name, arrows: [index of parent, ...]}, ...].
// "right": after everyone computed from it has reported; "met": once, in the order in which
// the boxes are met from the root; "once": at once, whenever something arrives.
export function handOns({ nodes }, order) {
  const byName = Object.fromEntries(nodes.map((item) => [item.name, item]));
  const root = nodes[nodes.length - 1].name;
  const all = ({ name, from }) => ({ name, arrows: from.map((_, i) => i) });
  if (order === "right") return nodes.filter(({ op }) => op).reverse().map(all);
  if (order === "met") {
    const met = [root];
    for (const name of met) for (const parent of byName[name].from) if (!met.includes(parent)) met.push(parent);
    return met.map((name) => byName[name]).filter(({ op }) => op).map(all);
  }
  const events = [];
  const visit = (name) => byName[name].from.forEach((parent, i) => {
    events.push({ name, arrows: [i] });
    visit(parent);
  });
  visit(root);
  return events;
}

// Backward pass up to `count` events (0: only the root's own 1). `lines` tells what the last
// event did: {parent, slope, above, product, before, after}.
export function backward(graph, run, events, count, adds = true) {
  const { nodes } = graph;
  const grads = Object.fromEntries(nodes.map(({ name }) => [name, 0]));
  grads[nodes[nodes.length - 1].name] = 1;
  let lines = [];
  for (const { name, arrows } of events.slice(0, count)) {
    const { from } = nodes.find((item) => item.name === name);
    const above = grads[name];
    lines = arrows.map((i) => {
      const parent = from[i];
      const slope = run.slopes[name][i];
      const before = grads[parent];
      const product = slope * above;
      grads[parent] = adds ? before + product : product;
      return { parent, arrow: i, slope, above, product, before, after: grads[parent] };
    });
  }
  return { grads, lines };
}

// Slope of the root for a nudge of each leaf to both sides: {leaf: number}.
export function measure(graph, leaves, h = 1e-5) {
  const root = graph.nodes[graph.nodes.length - 1].name;
  const at = (name, value) => forward(graph, { ...leaves, [name]: value }).values[root];
  return Object.fromEntries(Object.keys(leaves).map((name) =>
    [name, (at(name, leaves[name] + h) - at(name, leaves[name] - h)) / (2 * h)]));
}

// A nudge of a leaf at a kink measures half a slope, and rounding leaves about 1e-9.
export function agrees(grad, measured) {
  return Math.abs(grad - measured) <= 1e-5 * Math.max(1, Math.abs(grad), Math.abs(measured));
}

// Speed of the Playground's core: node benchmarks/playground_core.mjs
//
// Training examples per second (tanh, batch 10, 250 examples), as a ratio to a core with one
// object per neuron and per weight, which is how TensorFlow's Playground computes; and the time
// of one 100 x 100 decision boundary with the picture of every neuron.
// TensorFlow Playground's own core was measured on two shared cores of such a machine
// at 112,000 (2-8-8-8-1) and 580,000 (2-4-2-1) examples per second, and 59 ms for the boundary.

import { Network, toBatches, BLOCK } from "../lessons_lib/demos/network.js";
import { featureRows, makePoints } from "../lessons_lib/demos/points.js";

const MEASURED = { "2-8-8-8-1": 112000, "2-4-2-1": 580000 };

// Examples per second: the best of several rounds, since other processes only slow it down.
function speed(work, examples, rounds = 7, ms = 400) {
  let best = 0;
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < ms) { work(); count += examples; }
    best = Math.max(best, (count / (performance.now() - start)) * 1000);
  }
  return best;
}

// One object per neuron and weight, one example at a time.
function objectNetwork(sizes) {
  const layers = sizes.map((size) => Array.from({ length: size }, () => ({ bias: 0.1, inputs: [], outputs: [], sum: 0 })));
  for (let l = 1; l < layers.length; l += 1) {
    for (const to of layers[l]) {
      for (const from of layers[l - 1]) {
        const link = { from, to, weight: Math.random() - 0.5, sum: 0 };
        from.outputs.push(link);
        to.inputs.push(link);
      }
    }
  }
  const slope = (neuron) => 1 - Math.tanh(neuron.z) ** 2;
  function forward(x) {
    layers[0].forEach((neuron, i) => { neuron.value = x[i]; });
    for (const layer of layers.slice(1)) {
      for (const neuron of layer) {
        neuron.z = neuron.bias;
        for (const link of neuron.inputs) neuron.z += link.weight * link.from.value;
        neuron.value = Math.tanh(neuron.z);
      }
    }
    return layers[layers.length - 1][0];
  }
  function backward(output, target) {
    output.error = (output.value - target) * slope(output);
    for (let l = layers.length - 1; l > 0; l -= 1) {
      for (const neuron of layers[l]) {
        if (l < layers.length - 1) {
          neuron.error = 0;
          for (const link of neuron.outputs) neuron.error += link.weight * link.to.error;
          neuron.error *= slope(neuron);
        }
        neuron.sum += neuron.error;
        for (const link of neuron.inputs) link.sum += neuron.error * link.from.value;
      }
    }
  }
  function update(lr, count) {
    for (const layer of layers.slice(1)) {
      for (const neuron of layer) {
        neuron.bias -= (lr * neuron.sum) / count;
        neuron.sum = 0;
        for (const link of neuron.inputs) { link.weight -= (lr * link.sum) / count; link.sum = 0; }
      }
    }
  }
  return { forward, backward, update };
}

const points = makePoints("spirals", 250, 10, 1);
const rows = featureRows(["x1", "x2"], points.x1, points.x2);
const batches = toBatches(rows, points.targets, 10);
const examples = Array.from(points.targets, (target, i) => [[rows[0][i], rows[1][i]], target]);
const side = Float64Array.from({ length: 10000 }, (_, i) => ((i % 100) / 99) * 12 - 6);
const up = Float64Array.from({ length: 10000 }, (_, i) => (Math.floor(i / 100) / 99) * 12 - 6);
const grid = toBatches([side, up], new Float64Array(10000), BLOCK);

for (const sizes of [[2, 8, 8, 8, 1], [2, 4, 2, 1]]) {
  const name = sizes.join("-");
  const network = new Network({ sizes });
  const fast = speed(() => network.epoch(batches), 250);
  const slow = objectNetwork(sizes);
  const base = speed(() => {
    examples.forEach(([x, target], i) => {
      slow.backward(slow.forward(x), target);
      if (i % 10 === 9) slow.update(0.03, 10);
    });
  }, 250);
  const pictures = sizes.map((size) => Array.from({ length: size }, () => new Float32Array(10000)));
  const boundary = 1000 / speed(() => network.pictures(grid, pictures), 1);
  console.log(`${name}: ${Math.round(fast).toLocaleString("en")} examples/s, `
    + `${(fast / base).toFixed(1)} x one object per neuron (${Math.round(base).toLocaleString("en")} here), `
    + `${(fast / MEASURED[name]).toFixed(1)} x TensorFlow Playground as measured; `
    + `100 x 100 boundary with all neurons ${boundary.toFixed(2)} ms`);
}

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

// Calls per second.
function speed(work, ms = 10) {
  const start = performance.now();
  let count = 0;
  do { work(); count += 1; } while (performance.now() - start < ms);
  return (1000 * count) / (performance.now() - start);
}

// Median calls per second of two works, and of their ratio, in short rounds that take turns:
// other processes then slow both down alike.
function race(first, second, rounds = 101) {
  const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
  speed(first, 300);
  speed(second, 300);
  const pairs = Array.from({ length: rounds }, () => [speed(first), speed(second)]);
  return [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b)), median(pairs.map(([a, b]) => a / b))];
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
  function slope(neuron) {
    const a = Math.tanh(neuron.z);
    return 1 - a * a;
  }
  // Loops by index and a * a: with for-of and ** 2 this core would be a quarter slower.
  function forward(x) {
    for (let i = 0; i < x.length; i += 1) layers[0][i].value = x[i];
    for (let l = 1; l < layers.length; l += 1) {
      for (let j = 0; j < layers[l].length; j += 1) {
        const neuron = layers[l][j];
        neuron.z = neuron.bias;
        for (let i = 0; i < neuron.inputs.length; i += 1) neuron.z += neuron.inputs[i].weight * neuron.inputs[i].from.value;
        neuron.value = Math.tanh(neuron.z);
      }
    }
    return layers[layers.length - 1][0];
  }
  function backward(output, target) {
    output.error = (output.value - target) * slope(output);
    for (let l = layers.length - 1; l > 0; l -= 1) {
      for (let j = 0; j < layers[l].length; j += 1) {
        const neuron = layers[l][j];
        if (l < layers.length - 1) {
          neuron.error = 0;
          for (let i = 0; i < neuron.outputs.length; i += 1) neuron.error += neuron.outputs[i].weight * neuron.outputs[i].to.error;
          neuron.error *= slope(neuron);
        }
        neuron.sum += neuron.error;
        for (let i = 0; i < neuron.inputs.length; i += 1) neuron.inputs[i].sum += neuron.error * neuron.inputs[i].from.value;
      }
    }
  }
  function update(lr, count) {
    for (let l = 1; l < layers.length; l += 1) {
      for (let j = 0; j < layers[l].length; j += 1) {
        const neuron = layers[l][j];
        neuron.bias -= (lr * neuron.sum) / count;
        neuron.sum = 0;
        for (let i = 0; i < neuron.inputs.length; i += 1) {
          neuron.inputs[i].weight -= (lr * neuron.inputs[i].sum) / count;
          neuron.inputs[i].sum = 0;
        }
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
  const slow = objectNetwork(sizes);
  const [fast, base, ratio] = race(() => network.epoch(batches), () => {
    examples.forEach(([x, target], i) => {
      slow.backward(slow.forward(x), target);
      if (i % 10 === 9) slow.update(0.03, 10);
    });
  });
  const pictures = sizes.map((size) => Array.from({ length: size }, () => new Float32Array(10000)));
  const show = () => network.pictures(grid, pictures);
  const [boundary] = race(show, show, 21);
  const count = (perSecond) => Math.round(250 * perSecond).toLocaleString("en");
  console.log(`${name}: ${count(fast)} examples/s, ${ratio.toFixed(1)} x one object per neuron (${count(base)} here), `
    + `${((250 * fast) / MEASURED[name]).toFixed(1)} x TensorFlow Playground as measured; `
    + `100 x 100 boundary with all neurons ${(1000 / boundary).toFixed(2)} ms`);
}

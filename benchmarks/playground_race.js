// The Playground's core against one object per neuron and weight, which is how TensorFlow's
// Playground computes. Both compute in turn, in short rounds: other processes then slow both
// down alike. Runs in Chromium and in Node; benchmarks/demos.py calls it.

import { Network, toBatches, BLOCK } from "./network.js";
import { featureRows, makePoints } from "./points.js";

const SIDE = 100;

// Milliseconds of one call.
function time(work, atLeast) {
  const start = performance.now();
  let count = 0;
  do { work(); count += 1; } while (performance.now() - start < atLeast);
  return (performance.now() - start) / count;
}

// Milliseconds of both works in each round: [[ours, theirs], ...].
function race(ours, theirs, rounds, atLeast) {
  time(ours, 200);
  time(theirs, 200);
  return Array.from({ length: rounds }, (_, i) => {
    if (i % 2 === 0) return [time(ours, atLeast), time(theirs, atLeast)];
    const second = time(theirs, atLeast);
    return [time(ours, atLeast), second];
  });
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
  // The value of every neuron, written into its picture.
  function paint(x, pictures, place) {
    forward(x);
    for (let l = 0; l < layers.length; l += 1) {
      for (let j = 0; j < layers[l].length; j += 1) pictures[l][j][place] = layers[l][j].value;
    }
  }
  return { forward, backward, update, paint };
}

// One epoch of 250 points in batches of 10.
export function training(sizes, rounds) {
  const points = makePoints("spirals", 250, 10, 1);
  const rows = featureRows(["x1", "x2"], points.x1, points.x2);
  const batches = toBatches(rows, points.targets, 10);
  const examples = Array.from(points.targets, (target, i) => [[rows[0][i], rows[1][i]], target]);
  const network = new Network({ sizes });
  const slow = objectNetwork(sizes);
  return race(() => network.epoch(batches), () => {
    for (let i = 0; i < examples.length; i += 1) {
      slow.backward(slow.forward(examples[i][0]), examples[i][1]);
      if (i % 10 === 9) slow.update(0.03, 10);
    }
  }, rounds, 10);
}

// The pictures of all neurons on 100 x 100 places.
export function boundary(sizes, rounds) {
  const side = Float64Array.from({ length: SIDE * SIDE }, (_, i) => ((i % SIDE) / (SIDE - 1)) * 12 - 6);
  const up = Float64Array.from({ length: SIDE * SIDE }, (_, i) => (Math.floor(i / SIDE) / (SIDE - 1)) * 12 - 6);
  const grid = toBatches([side, up], new Float64Array(SIDE * SIDE), BLOCK);
  const pictures = sizes.map((size) => Array.from({ length: size }, () => new Float32Array(SIDE * SIDE)));
  const network = new Network({ sizes });
  const slow = objectNetwork(sizes);
  return race(() => network.pictures(grid, pictures), () => {
    for (let i = 0; i < SIDE * SIDE; i += 1) slow.paint([side[i], up[i]], pictures, i);
  }, rounds, 20);
}

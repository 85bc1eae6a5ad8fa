// A small fully connected network on typed arrays: the numeric core of the Playground.
// Pure ES module without DOM; tests/test_network_js.py compares it with PyTorch.
// All parameters lie in one array; layer l has its weights from at[l] on, then its biases.
// Training and pictures run in WebAssembly where the browser has it (network_wasm.js); the
// loops of kernels.js do the rest, and everything where it has not.

import { ACTIVATIONS, affine, back, outer } from "./kernels.js";
import { rng } from "./kit.js";
import { compile } from "./network_wasm.js";

// Examples that are evaluated at once: 8 rows of 400 doubles stay in the cache.
export const BLOCK = 400;

// ---------------------------------------------------------------- optimizers

// One step each, with the constants and the order of operations of torch.optim.
const OPTIMIZERS = {
  sgd({ params, grads, lr }) {
    for (let k = 0; k < params.length; k += 1) params[k] -= lr * grads[k];
  },
  momentum({ params, grads, lr, first }) {
    for (let k = 0; k < params.length; k += 1) {
      first[k] = 0.9 * first[k] + grads[k];
      params[k] -= lr * first[k];
    }
  },
  adam({ params, grads, lr, first, second, steps }) {
    const rate = lr / (1 - 0.9 ** steps);
    const root = 1 / Math.sqrt(1 - 0.999 ** steps);
    for (let k = 0; k < params.length; k += 1) {
      const g = grads[k];
      first[k] += 0.1 * (g - first[k]);
      second[k] = 0.999 * second[k] + 0.001 * g * g;
      params[k] -= (rate * first[k]) / (Math.sqrt(second[k]) * root + 1e-8);
    }
  },
};

// ---------------------------------------------------------------- network

// sizes: [inputs, hidden..., 1]. loss: "squared" (half the squared error, as TensorFlow's
// Playground) or "cross-entropy" (targets -1 and 1). output: "tanh" or "linear" for squared.
// penalty: "none", "l1" or "l2" with strength `rate`, on weights and not on biases.
export class Network {
  constructor({ sizes, activation = "tanh", output = "tanh", loss = "squared", optimizer = "sgd",
    lr = 0.03, penalty = "none", rate = 0, seed = 1 }) {
    Object.assign(this, { sizes, optimizer, lr, penalty, rate, steps: 0, crossEntropy: loss === "cross-entropy" });
    this.at = [];
    let total = 0;
    for (let l = 1; l < sizes.length; l += 1) {
      this.at.push(total);
      total += (sizes[l - 1] + 1) * sizes[l];
    }
    const outputName = this.crossEntropy ? "chance" : output;
    this.names = sizes.map((_, l) => (l === sizes.length - 1 ? outputName : activation));
    this.activate = this.names.map((name) => ACTIVATIONS[name]);
    this.compiled = compile(this, total, BLOCK);
    for (const name of ["params", "first", "second"]) this[name] = this.compiled?.[name] ?? new Float64Array(total);
    this.grads = new Float64Array(total);
    for (const name of ["values", "slopes", "errors"]) {
      this[name] = sizes.map((size) => new Float64Array(size * BLOCK));
    }
    this.reset(seed);
  }

  // Start as nn.Linear does: uniform within 1 / sqrt(inputs), weights and biases.
  reset(seed) {
    const random = rng(seed);
    this.steps = 0;
    this.first.fill(0);
    this.second.fill(0);
    this.at.forEach((at, l) => {
      const reach = 1 / Math.sqrt(this.sizes[l]);
      const end = at + (this.sizes[l] + 1) * this.sizes[l + 1];
      for (let k = at; k < end; k += 1) this.params[k] = (2 * random() - 1) * reach;
    });
  }

  // Go on with the parameters and the optimizer's memory of a network of the same sizes.
  takeOver({ params, first, second, steps, optimizer }) {
    this.params.set(params);
    if (optimizer !== this.optimizer) return;
    this.first.set(first);
    this.second.set(second);
    this.steps = steps;
  }

  weight(layer, to, from) { return this.params[this.at[layer] + to * this.sizes[layer] + from]; }

  bias(layer, to) { return this.params[this.at[layer] + this.sizes[layer] * this.sizes[layer + 1] + to]; }

  get numWeights() { return this.sizes.slice(1).reduce((sum, size, l) => sum + size * this.sizes[l], 0); }

  // x: inputs of m <= BLOCK examples, row by row; gives the row of outputs (valid until the next call).
  forward(x, m) {
    const { sizes, params, at, values, slopes } = this;
    let input = x;
    for (let l = 1; l < sizes.length; l += 1) {
      const z = values[l];
      affine(params, at[l - 1], sizes[l - 1], sizes[l], input, z, m);
      this.activate[l](z, slopes[l], sizes[l] * m);
      input = z;
    }
    return input;
  }

  // Gradient of the mean loss over the batch that forward() saw, into `grads`.
  backward(x, y, m) {
    const { sizes, params, grads, at, values, slopes, errors } = this;
    const last = sizes.length - 1;
    const a = values[last], d = slopes[last], e = errors[last];
    if (this.crossEntropy) for (let b = 0; b < m; b += 1) e[b] = 0.5 * (a[b] - y[b]);
    else for (let b = 0; b < m; b += 1) e[b] = (a[b] - y[b]) * d[b];
    for (let l = last; l > 0; l -= 1) {
      const n = sizes[l - 1], o = sizes[l];
      outer(grads, at[l - 1], n, o, l > 1 ? values[l - 1] : x, errors[l], m);
      if (l > 1) back(params, at[l - 1], n, o, errors[l], slopes[l - 1], errors[l - 1], m);
    }
    if (this.penalty === "l2") this.eachWeight((k) => { grads[k] += this.rate * params[k]; });
  }

  eachWeight(visit) {
    this.at.forEach((at, l) => {
      for (let k = at; k < at + this.sizes[l] * this.sizes[l + 1]; k += 1) visit(k);
    });
  }

  // One optimizer step. L1 moves each weight towards zero by lr * rate and stops there (the
  // proximal step, as in ISTA), so that weights become exactly zero.
  update() {
    this.steps += 1;
    OPTIMIZERS[this.optimizer](this);
    if (this.penalty !== "l1") return;
    const { params } = this;
    const shift = this.lr * this.rate;
    this.eachWeight((k) => {
      const w = params[k];
      params[k] = w > shift ? w - shift : w < -shift ? w + shift : w - w;
    });
  }

  // One pass over batches made by toBatches.
  epoch(batches) {
    if (this.compiled?.holds(batches)) {
      this.compiled.train(batches, this.steps);
      this.steps += batches.length;
      return;
    }
    for (let k = 0; k < batches.length; k += 1) {
      const { x, y, m } = batches[k];
      this.forward(x, m);
      this.backward(x, y, m);
      this.update();
    }
  }

  // Mean loss without penalty.
  loss(batches) {
    let [sum, count] = [0, 0];
    for (const { x, y, m } of batches) {
      const a = this.forward(x, m);
      for (let b = 0; b < m; b += 1) {
        sum += this.crossEntropy ? -Math.log(Math.max(0.5 + 0.5 * a[b] * y[b], 1e-12)) : 0.5 * (a[b] - y[b]) ** 2;
      }
      count += m;
    }
    return count ? sum / count : NaN;
  }

  // Share of examples whose output has the sign of the target.
  accuracy(batches) {
    let [right, count] = [0, 0];
    for (const { x, y, m } of batches) {
      const a = this.forward(x, m);
      for (let b = 0; b < m; b += 1) right += a[b] * y[b] > 0 ? 1 : 0;
      count += m;
    }
    return count ? right / count : NaN;
  }

  // Root mean square of the gradient over all weights of each layer, for the first batch given.
  gradientSizes([{ x, y, m }]) {
    this.forward(x, m);
    this.backward(x, y, m);
    return this.at.map((at, l) => {
      const count = this.sizes[l] * this.sizes[l + 1];
      let sum = 0;
      for (let k = at; k < at + count; k += 1) sum += this.grads[k] ** 2;
      return Math.sqrt(sum / count);
    });
  }

  // Outputs of every neuron for many inputs: into[layer][neuron] is a Float32Array.
  pictures(batches, into) {
    const { compiled, sizes, values } = this;
    let start = 0;
    for (const batch of batches) {
      const { x, m } = batch;
      if (compiled) compiled.pictures(batch, into, start);
      else {
        this.forward(x, m);
        for (let l = 1; l < sizes.length; l += 1) {
          into[l].forEach((picture, j) => picture.set(values[l].subarray(j * m, j * m + m), start));
        }
      }
      start += m;
    }
  }
}

// Cut examples into batches {x, y, m} in the layout of the kernels. rows: one array per input.
export function toBatches(rows, targets, size) {
  const batches = [];
  for (let start = 0; start < targets.length; start += size) {
    const m = Math.min(size, targets.length - start);
    const x = new Float64Array(rows.length * m);
    rows.forEach((row, i) => { for (let b = 0; b < m; b += 1) x[i * m + b] = row[start + b]; });
    batches.push({ x, y: Float64Array.from(targets.slice(start, start + m)), m });
  }
  return batches;
}

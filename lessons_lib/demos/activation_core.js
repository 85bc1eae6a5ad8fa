// Activation functions with their slopes, and the gradient that is left after many layers.
// Pure ES module without DOM.

import { rng } from "./kit.js";

const PEAK = 1 / Math.sqrt(2 * Math.PI);

// Normal density and distribution function. The series has only positive terms.
function density(x) {
  return PEAK * Math.exp(-0.5 * x * x);
}

export function normal(x) {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 && n < 200; n += 1) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

function sigmoid(x) {
  return 1 / (1 + Math.exp(-x));
}

function softplus(x) {
  return x > 30 ? x : Math.log1p(Math.exp(x));
}

// value and slope; `formula` in words. ReLU and leaky ReLU take the left slope at 0, as PyTorch does.
export const ACTIVATIONS = {
  sigmoid: {
    text: "sigmoid", formula: "1 / (1 + e⁻ᶻ)", value: sigmoid,
    slope: (x) => sigmoid(x) * (1 - sigmoid(x)),
  },
  tanh: {
    text: "tanh", formula: "tanh z = 2 sigmoid(2z) − 1", value: Math.tanh,
    slope: (x) => 1 - Math.tanh(x) ** 2,
  },
  relu: {
    text: "ReLU", formula: "max(0, z)", value: (x) => (x > 0 ? x : 0),
    slope: (x) => (x > 0 ? 1 : 0),
  },
  leaky: {
    text: "leaky ReLU", formula: "z if z > 0, else 0.01 z", value: (x) => (x > 0 ? x : 0.01 * x),
    slope: (x) => (x > 0 ? 1 : 0.01),
  },
  elu: {
    text: "ELU", formula: "z if z > 0, else eᶻ − 1", value: (x) => (x > 0 ? x : Math.expm1(x)),
    slope: (x) => (x > 0 ? 1 : Math.exp(x)),
  },
  gelu: {
    text: "GELU", formula: "z Φ(z), Φ: normal distribution function", value: (x) => x * normal(x),
    slope: (x) => normal(x) + x * density(x),
  },
  silu: {
    text: "SiLU", formula: "z sigmoid(z)", value: (x) => x * sigmoid(x),
    slope: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  },
  mish: {
    text: "Mish", formula: "z tanh(log(1 + eᶻ))", value: (x) => x * Math.tanh(softplus(x)),
    slope: (x) => {
      const t = Math.tanh(softplus(x));
      return t + x * (1 - t * t) * sigmoid(x);
    },
  },
};

const kept = {};

// Root of the mean square of the slope over normal pre-activations with standard deviation `spread`.
export function typicalSlope(name, spread = 1) {
  const key = `${name} ${spread}`;
  return kept[key] ??= rootMeanSquare(name, spread);
}

function rootMeanSquare(name, spread) {
  const { slope } = ACTIVATIONS[name];
  const [step, reach] = [1 / 256, 8];
  let sum = 0;
  let weight = 0;
  for (let z = -reach + step / 2; z < reach; z += step) {
    const p = density(z);
    sum += p * slope(spread * z) ** 2;
    weight += p;
  }
  return Math.sqrt(sum / weight);
}

export function steepest(name) {
  return kept[name] ??= largest(name);
}

function largest(name) {
  let most = 0;
  for (let x = -8; x <= 8; x += 1 / 64) most = Math.max(most, Math.abs(ACTIVATIONS[name].slope(x)));
  return most;
}

// Pre-activations of one chain of layers.
export function chain(seed, depth, spread = 1) {
  const random = rng(seed);
  return Array.from({ length: depth }, () => spread * random.normal());
}

// log10 of the gradient that is left after 0, 1, ... depth layers. mode: "typical", "chain" (with
// its pre-activations zs) or "steepest". Each layer multiplies by gain times a slope.
export function left(name, depth, mode, { gain = 1, spread = 1, zs = [] } = {}) {
  const { slope } = ACTIVATIONS[name];
  const same = mode === "typical" ? typicalSlope(name, spread) : mode === "steepest" ? steepest(name) : 0;
  const logs = [0];
  for (let i = 0; i < depth; i += 1) {
    const one = mode === "chain" ? Math.abs(slope(zs[i])) : same;
    logs.push(logs[i] + Math.log10(gain * one));
  }
  return logs;
}

// Challenges.
export function isSteep(name, x) {
  return ACTIVATIONS[name].slope(x) > 1.1;
}

export function isAlive({ name, mode, depth, gain, spread }) {
  if (name !== "sigmoid" || mode !== "typical" || depth < 30) return false;
  return Math.abs(left(name, depth, mode, { gain, spread })[depth]) <= 1;
}

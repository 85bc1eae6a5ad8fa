// Settings, links and challenges of the Playground. Pure ES module without DOM.

import { Network, toBatches, BLOCK } from "./network.js";
import { FEATURES, KINDS, REGRESSION, featureRows, makePoints } from "./points.js";

export const LEARNING_RATES = [0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
export const RATES = [0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];
export const BATCHES = [1, 2, 5, 10, 20, 30, 50, 100, 200];
export const MAX_LAYERS = 6;
export const MAX_NEURONS = 8;

const DEFAULTS = {
  data: "circles", noise: 10, share: 50, features: ["x1", "x2"], hidden: [4, 2], activation: "tanh",
  loss: "squared", optimizer: "sgd", lr: 0.03, penalty: "none", rate: 0, batch: 10, seed: 1, dataSeed: 1,
};

const whole = (low, high) => (value) => Number.isInteger(value) && value >= low && value <= high;

// What each setting may be. Settings come from links, so everything else is dropped.
const ALLOWED = {
  data: (value) => Object.keys(KINDS).includes(value),
  noise: whole(0, 50),
  share: whole(10, 90),
  features: (value) => Array.isArray(value) && value.length > 0 && new Set(value).size === value.length
    && value.every((name) => Object.keys(FEATURES).includes(name)),
  hidden: (value) => Array.isArray(value) && value.length <= MAX_LAYERS && value.every(whole(1, MAX_NEURONS)),
  activation: (value) => ["tanh", "relu", "sigmoid", "linear", "gelu", "silu"].includes(value),
  loss: (value) => ["squared", "cross-entropy"].includes(value),
  optimizer: (value) => ["sgd", "momentum", "adam"].includes(value),
  lr: (value) => LEARNING_RATES.includes(value),
  penalty: (value) => ["none", "l1", "l2"].includes(value),
  rate: (value) => RATES.includes(value),
  batch: (value) => BATCHES.includes(value),
  seed: whole(1, 1e6),
  dataSeed: whole(1, 1e6),
};

// Default settings with the valid ones of `wanted` on top.
export function settingsFrom(wanted) {
  const settings = structuredClone(DEFAULTS);
  for (const [name, isAllowed] of Object.entries(ALLOWED)) {
    if (wanted && Object.hasOwn(wanted, name) && isAllowed(wanted[name])) settings[name] = structuredClone(wanted[name]);
  }
  return settings;
}

// Settings that differ from the default: what a link carries.
export function changed(settings) {
  return Object.fromEntries(Object.keys(DEFAULTS)
    .filter((name) => JSON.stringify(settings[name]) !== JSON.stringify(DEFAULTS[name]))
    .map((name) => [name, settings[name]]));
}

// Fragment of a link: "playground=" and the settings as JSON, percent-encoded.
export function toFragment(settings) {
  return `playground=${encodeURIComponent(JSON.stringify(changed(settings)))}`;
}

// Settings of a fragment, or null when it is not ours or broken.
export function fromFragment(fragment) {
  const found = /^#?playground=(.*)$/.exec(fragment);
  try {
    return found ? settingsFrom(JSON.parse(decodeURIComponent(found[1]))) : null;
  } catch {
    return null;
  }
}

// The same as a call in a notebook: playground(data="xor", hidden=[3])
export function toCall(settings) {
  const items = Object.entries(changed(settings)).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `playground(${items.join(", ")})`;
}

// Everything that one run needs: data in batches, the network, and what was reached so far.
export function createRun(settings) {
  const isRegression = REGRESSION.includes(settings.data);
  const points = makePoints(settings.data, 500, settings.noise, settings.dataSeed);
  const rows = featureRows(settings.features, points.x1, points.x2);
  const cut = Math.round(5 * settings.share);
  const part = (from, to, size) => toBatches(rows.map((row) => row.slice(from, to)), points.targets.slice(from, to), size);
  return {
    settings, points, cut, isRegression, epoch: 0,
    batches: part(0, cut, settings.batch),
    train: part(0, cut, BLOCK),
    test: part(cut, 500, BLOCK),
    network: new Network({
      ...settings,
      sizes: [settings.features.length, ...settings.hidden, 1],
      loss: isRegression ? "squared" : settings.loss,
      output: isRegression ? "linear" : "tanh",
    }),
  };
}

// What challenges and the reader look at.
export function factsOf(run) {
  const { network, settings } = run;
  return {
    ...settings,
    epoch: run.epoch,
    trainLoss: network.loss(run.train),
    testLoss: network.loss(run.test),
    accuracy: run.isRegression ? NaN : network.accuracy(run.test),
    weights: network.numWeights,
    neurons: settings.hidden.reduce((sum, size) => sum + size, 0),
  };
}

const isRaw = ({ features }) => features.every((name) => name === "x1" || name === "x2");
const isSquared = ({ loss }) => loss === "squared";

// tests/test_network_js.py solves each of them through the core.
export const CHALLENGES = [
  {
    name: "networks.circles",
    text: "Circles, inputs x\u2081 and x\u2082 only, one hidden layer of at most 3 neurons, squared error: test loss below 0.06.",
    check: (f) => f.data === "circles" && isRaw(f) && isSquared(f) && f.hidden.length === 1 && f.neurons <= 3 && f.testLoss < 0.06,
  },
  {
    name: "networks.xor",
    text: "XOR, inputs x\u2081 and x\u2082 only, at most 3 hidden neurons, squared error: test loss below 0.1.",
    check: (f) => f.data === "xor" && isRaw(f) && isSquared(f) && f.neurons <= 3 && f.testLoss < 0.1,
  },
  {
    name: "networks.spirals",
    text: "Spirals, inputs x\u2081 and x\u2082 only, at most 60 weights, squared error: test loss below 0.1.",
    check: (f) => f.data === "spirals" && isRaw(f) && isSquared(f) && f.weights <= 60 && f.testLoss < 0.1,
  },
  {
    name: "networks.overfit",
    text: "Overfit on purpose: training loss below 0.05 while the test loss is above 0.15.",
    check: (f) => f.trainLoss < 0.05 && f.testLoss > 0.15,
  },
];

// Points of the plane: data as many small normal spots, the exact answer that a perfectly
// trained network would give, and three samplers. Pure: no DOM.

import { rng } from "./kit.js";

export const STEPS = 1000;
// Standard deviation of each small spot that the data are made of.
export const SPREAD = 0.09;
const CENTRES = 96;

// 1 - beta added up as a product: the linear schedule of Ho, Jain and Abbeel 2020.
export const ALPHA_BAR = makeSchedule();

function makeSchedule() {
  const values = new Float64Array(STEPS + 1);
  values[0] = 1;
  for (let t = 1; t <= STEPS; t += 1) values[t] = values[t - 1] * (1 - (1e-4 + ((0.02 - 1e-4) * (t - 1)) / (STEPS - 1)));
  return values;
}

// Centre i of n, from which class; a shape fills about the square from -2 to 2.
const SHAPES = {
  moons(share, label) {
    const [x, y] = [Math.cos(Math.PI * share) - 0.5, Math.sin(Math.PI * share) - 0.25];
    return label ? [-1.35 * x, -1.35 * y] : [1.35 * x, 1.35 * y];
  },
  ring(share, label) {
    const angle = (Math.PI / 4) * (2 * Math.floor(share * 4) + label);
    return [1.7 * Math.cos(angle), 1.7 * Math.sin(angle)];
  },
  spirals(share, label) {
    const turn = 0.12 + 0.88 * Math.sqrt(share);
    const angle = 3 * Math.PI * turn + (label ? Math.PI : 0);
    return [2 * turn * Math.cos(angle), 2 * turn * Math.sin(angle)];
  },
};
export const NAMES = Object.keys(SHAPES);

// Class 0 first, then class 1, each with CENTRES centres: {x, y, labels}.
export function makeData(name) {
  const centres = [0, 1].flatMap((label) => Array.from({ length: CENTRES }, (_, i) => [...SHAPES[name]((i + 0.5) / CENTRES, label), label]));
  const pick = (k) => Float64Array.from(centres, (centre) => centre[k]);
  return { x: pick(0), y: pick(1), labels: pick(2) };
}

// `count` points of the data: spots by turns, a normal step from each. label null: both classes.
export function drawData(data, count, label, seed) {
  const random = rng(seed);
  const allowed = [...data.x.keys()].filter((i) => label === null || data.labels[i] === label);
  return Array.from({ length: count }, () => {
    const i = allowed[random.integer(allowed.length)];
    return [data.x[i] + SPREAD * random.normal(), data.y[i] + SPREAD * random.normal()];
  });
}

// Mean of the clean points that could have led to `point` = a clean + b noise: first for both
// classes, then for class `label` alone. Each spot counts as much as it makes the point probable.
export function cleanMeans(data, [px, py], a, b, label) {
  const variance = a * a * SPREAD * SPREAD + b * b;
  const pull = (a * SPREAD * SPREAD) / variance;
  const { x, y, labels } = data;
  let nearest = Infinity;
  let nearestOwn = Infinity;
  for (let i = 0; i < x.length; i += 1) {
    const distance = (px - a * x[i]) ** 2 + (py - a * y[i]) ** 2;
    if (distance < nearest) nearest = distance;
    if (labels[i] === label && distance < nearestOwn) nearestOwn = distance;
  }
  const sums = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < x.length; i += 1) {
    const distance = (px - a * x[i]) ** 2 + (py - a * y[i]) ** 2;
    const [mx, my] = [x[i] + pull * (px - a * x[i]), y[i] + pull * (py - a * y[i])];
    const weight = Math.exp((nearest - distance) / (2 * variance));
    sums[0] += weight;
    sums[1] += weight * mx;
    sums[2] += weight * my;
    if (labels[i] !== label) continue;
    const own = Math.exp((nearestOwn - distance) / (2 * variance));
    sums[3] += own;
    sums[4] += own * mx;
    sums[5] += own * my;
  }
  const all = [sums[1] / sums[0], sums[2] / sums[0]];
  return { all, own: label === null ? all : [sums[4] / sums[3], sums[5] / sums[3]] };
}

// The clean point that a guided model believes in. `scale` times what the label adds.
function believed(data, point, a, b, label, scale) {
  const { all, own } = cleanMeans(data, point, a, b, label);
  return label === null ? all : [all[0] + scale * (own[0] - all[0]), all[1] + scale * (own[1] - all[1])];
}

// Times of a sampler with `count` steps, from noise to data.
export function times(sampler, count) {
  if (sampler === "flow") return Array.from({ length: count + 1 }, (_, k) => k / count);
  return Array.from({ length: count + 1 }, (_, k) => Math.round((STEPS * (count - k)) / count));
}

// One step of one point. DDPM draws new noise, DDIM none, flow walks straight.
export function samplerStep(sampler, data, point, t, next, label, scale, noise = [0, 0]) {
  if (sampler === "flow") {
    // At time t the point is t clean + (1 - t) noise; its velocity is clean - noise.
    const clean = believed(data, point, t, 1 - t, label, scale);
    return point.map((value, k) => value + ((next - t) * (clean[k] - value)) / (1 - t));
  }
  const [bar, barNext] = [ALPHA_BAR[t], ALPHA_BAR[next]];
  const clean = believed(data, point, Math.sqrt(bar), Math.sqrt(1 - bar), label, scale);
  const variance = sampler === "ddpm" ? ((1 - barNext) / (1 - bar)) * (1 - bar / barNext) : 0;
  return point.map((value, k) => {
    const guess = (value - Math.sqrt(bar) * clean[k]) / Math.sqrt(1 - bar);
    return Math.sqrt(barNext) * clean[k] + Math.sqrt(Math.max(0, 1 - barNext - variance)) * guess + Math.sqrt(variance) * noise[k];
  });
}

// All points at all times: [[[x, y], ...] at time 0, ...]; first the noise, last the samples.
export function sample({ sampler, data, count, steps, label, scale, seed }) {
  const random = rng(seed);
  const pair = () => [random.normal(), random.normal()];
  const path = [Array.from({ length: count }, pair)];
  const moments = times(sampler, steps);
  for (let k = 0; k < steps; k += 1) {
    path.push(path[k].map((point) => samplerStep(sampler, data, point, moments[k], moments[k + 1], label, scale, sampler === "ddpm" ? pair() : undefined)));
  }
  return path;
}

// The way there: the same points with more and more noise, in closed form.
export function noised(points, seed, frames) {
  const random = rng(seed);
  const noise = points.map(() => [random.normal(), random.normal()]);
  return Array.from({ length: frames + 1 }, (_, k) => {
    const bar = ALPHA_BAR[Math.round((STEPS * k) / frames)];
    return points.map((point, i) => point.map((value, d) => Math.sqrt(bar) * value + Math.sqrt(1 - bar) * noise[i][d]));
  });
}

function meanDistance(a, b) {
  let sum = 0;
  for (const [x, y] of a) for (const [u, v] of b) sum += Math.hypot(x - u, y - v);
  return sum / (a.length * b.length);
}

// Energy distance of two sets of points: 0 in the mean if they come from the same data.
export function energyDistance(a, b) {
  const within = (set) => (meanDistance(set, set) * set.length) / (set.length - 1);
  return 2 * meanDistance(a, b) - within(a) - within(b);
}

// Root of the mean squared distance from the centre.
export function spread(points) {
  const mean = [0, 1].map((k) => points.reduce((sum, point) => sum + point[k], 0) / points.length);
  return Math.sqrt(points.reduce((sum, [x, y]) => sum + (x - mean[0]) ** 2 + (y - mean[1]) ** 2, 0) / points.length);
}

// Data sets and input features of the Playground, on the square from -6 to 6; seeded.
// Pure ES module without DOM.

import { rng } from "./kit.js";

// What a network may get as inputs: name, text, function of the two coordinates.
export const FEATURES = {
  x1: ["x\u2081", (a) => a],
  x2: ["x\u2082", (a, b) => b],
  x1sq: ["x\u2081\u00b2", (a) => a * a],
  x2sq: ["x\u2082\u00b2", (a, b) => b * b],
  x1x2: ["x\u2081x\u2082", (a, b) => a * b],
  sin1: ["sin x\u2081", (a) => Math.sin(a)],
  sin2: ["sin x\u2082", (a, b) => Math.sin(b)],
};

const HILLS = [[-4, 2.5, 1], [0, 2.5, -1], [4, 2.5, 1], [-4, -2.5, -1], [0, -2.5, 1], [4, -2.5, -1]];

// Each gives example number i of n as [x1, x2, target]; `noise` from 0 to 0.5.
export const KINDS = {
  circles(random, i, n, noise) {
    const inside = i % 2 === 0;
    const radius = inside ? 2.5 * random() : 3.5 + 1.5 * random();
    const angle = 2 * Math.PI * random();
    const [a, b] = [radius * Math.cos(angle), radius * Math.sin(angle)];
    const shifted = Math.hypot(a + 5 * noise * (2 * random() - 1), b + 5 * noise * (2 * random() - 1));
    return [a, b, shifted < 2.5 ? 1 : -1];
  },
  xor(random, i, n, noise) {
    const away = (v) => v + (v > 0 ? 0.3 : -0.3);
    const [a, b] = [away(10 * random() - 5), away(10 * random() - 5)];
    const sign = (a + 5 * noise * (2 * random() - 1)) * (b + 5 * noise * (2 * random() - 1));
    return [a, b, sign >= 0 ? 1 : -1];
  },
  blobs(random, i, n, noise) {
    const side = i % 2 ? -1 : 1;
    const spread = Math.sqrt(0.5 + 7 * noise);
    return [2 * side + spread * random.normal(), 2 * side + spread * random.normal(), side];
  },
  spirals(random, i, n, noise) {
    const side = i % 2 ? -1 : 1;
    const at = 0.04 + (0.96 * Math.floor(i / 2)) / (n / 2);
    const angle = 3.5 * Math.PI * at + (side > 0 ? 0 : Math.PI);
    return [5 * at * Math.sin(angle) + noise * (2 * random() - 1), 5 * at * Math.cos(angle) + noise * (2 * random() - 1), side];
  },
  moons(random, i, n, noise) {
    const upper = i % 2 === 0;
    const angle = Math.PI * random();
    const [a, b] = upper ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    return [3 * (a - 0.5) + 2 * noise * random.normal(), 3 * (b - 0.25) + 2 * noise * random.normal(), upper ? 1 : -1];
  },
  plane(random, i, n, noise) {
    const [a, b] = [12 * random() - 6, 12 * random() - 6];
    return [a, b, (a + b) / 10 + 1.2 * noise * (2 * random() - 1)];
  },
  hills(random, i, n, noise) {
    const [a, b] = [12 * random() - 6, 12 * random() - 6];
    const [c, d] = [a + 6 * noise * (2 * random() - 1), b + 6 * noise * (2 * random() - 1)];
    let best = 0;
    for (const [x, y, sign] of HILLS) {
      const height = sign * Math.max(0, 1 - Math.hypot(c - x, d - y) / 2);
      if (Math.abs(height) > Math.abs(best)) best = height;
    }
    return [a, b, best];
  },
};

export const REGRESSION = ["plane", "hills"];

// {x1, x2, targets} in random order; `noise` in per cent, from 0 to 50.
export function makePoints(kind, count, noise, seed) {
  const random = rng(seed * 7919 + 17);
  const points = Array.from({ length: count }, (_, i) => KINDS[kind](random, i, count, noise / 100));
  random.shuffle(points);
  const column = (at) => Float64Array.from(points, (point) => point[at]);
  return { x1: column(0), x2: column(1), targets: column(2) };
}

// One row of numbers per chosen feature.
export function featureRows(names, x1, x2) {
  return names.map((name) => Float64Array.from(x1, (a, i) => FEATURES[name][1](a, x2[i])));
}

// Rosenblatt's learning rule in the plane, with its bound. Pure ES module without DOM.

import { rng } from "./kit.js";

export const EDGE = 2;
export const MOST = 40;

const GATES = { and: [0, 0, 0, 1], or: [0, 1, 1, 1], xor: [0, 1, 1, 0] };

// Coordinates are multiples of 0.1, and so are all weights: no rounding, and cycles repeat exactly.
export function tenth(value) {
  return Math.round(value * 10) / 10 || 0;
}

// Points [x1, x2, target], target +1 or -1. `seed` counts only for the clouds.
export function preset(name, seed = 1) {
  if (GATES[name]) return GATES[name].map((yes, i) => [i >> 1, i & 1, yes ? 1 : -1]);
  if (name === "none") return [];
  const random = rng(seed);
  const inside = (value) => tenth(Math.max(-1.9, Math.min(1.9, value)));
  const apart = name === "separable";
  for (;;) {
    const angle = 2 * Math.PI * random();
    const away = apart ? 0.9 : 0.5;
    const shift = apart ? 0.4 : 0;
    const points = Array.from({ length: 20 }, (_, i) => {
      const target = i % 2 ? -1 : 1;
      return [
        inside(shift + target * away * Math.cos(angle) + 0.42 * random.normal()),
        inside(target * away * Math.sin(angle) + 0.42 * random.normal()), target,
      ];
    });
    const places = new Set(points.map(([x1, x2]) => `${x1},${x2}`));
    const found = bound(points);
    if (places.size === points.length && (apart ? found.gamma > 0.15 : !found.separable)) return points;
  }
}

export function create() {
  return { w: [0, 0], b: 0, at: 0, passes: 0, looks: 0, mistakes: 0, inPass: 0, perPass: [], seen: { "0,0,0": 0 }, cycle: 0, done: false, last: null, path: [[0, 0]] };
}

// Looks at one example and corrects w and b if the sign is wrong (or zero). `order` lists the
// indices of this pass. Afterwards state.last says what happened.
export function learn(state, points, order = points.map((_, i) => i), ordered = true) {
  if (state.done || !points.length) return state;
  const index = order[state.at];
  const [x1, x2, target] = points[index];
  const before = { w: [...state.w], b: state.b };
  const z = state.w[0] * x1 + state.w[1] * x2 + state.b;
  const wrong = target * z <= 1e-9;
  if (wrong) {
    state.w = [tenth(state.w[0] + target * x1), tenth(state.w[1] + target * x2)];
    state.b = tenth(state.b + target);
    state.mistakes += 1;
    state.inPass += 1;
    state.path.push([...state.w]);
  }
  state.looks += 1;
  state.at += 1;
  state.last = { index, x1, x2, target, z, wrong, before };
  if (state.at === points.length) endPass(state, ordered);
  return state;
}

function endPass(state, ordered) {
  state.at = 0;
  state.passes += 1;
  state.perPass.push(state.inPass);
  state.done = state.inPass === 0;
  state.inPass = 0;
  const key = `${state.w},${state.b}`;
  if (ordered && !state.done && !state.cycle && key in state.seen) state.cycle = state.passes - state.seen[key];
  state.seen[key] = state.passes;
}

// Trains in the given order until a pass without mistakes, a cycle or `most` passes.
export function train(points, most = 1000) {
  const state = create();
  while (points.length && !state.done && !state.cycle && state.passes < most) learn(state, points);
  return state;
}

// How many points are on the wrong side now (or on the line).
export function wrongNow({ w, b }, points) {
  return points.filter(([x1, x2, target]) => target * (w[0] * x1 + w[1] * x2 + b) <= 1e-9).length;
}

// Novikoff's bound. Every point is extended by a constant 1 (for the bias) and multiplied by its
// target: v. gamma is the largest margin, max over unit vectors u of min u.v, which is the distance
// of the origin from the convex hull of all v. The nearest point of the hull lies on a corner, an
// edge or a triangle, so trying all of them is exact. R is the length of the longest v.
export function bound(points) {
  const vs = points.map(([x1, x2, target]) => [target * x1, target * x2, target]);
  const R = Math.sqrt(Math.max(0, ...vs.map((v) => dot(v, v))));
  let best = null;
  let least = Infinity;
  const take = (p) => {
    const size = p ? dot(p, p) : Infinity;
    if (size < least) { least = size; best = p; }
  };
  for (let i = 0; i < vs.length; i += 1) {
    take(vs[i]);
    for (let j = 0; j < i; j += 1) {
      take(nearest(vs[i], [minus(vs[j], vs[i])]));
      for (let k = 0; k < j; k += 1) take(nearest(vs[i], [minus(vs[j], vs[i]), minus(vs[k], vs[i])]));
    }
  }
  const separable = Boolean(best) && least > 1e-9 && vs.every((v) => dot(best, v) >= least * (1 - 1e-7));
  if (!separable) return { separable, R, gamma: 0, most: Infinity, u: null };
  const gamma = Math.sqrt(least);
  return { separable, R, gamma, most: Math.floor((R / gamma) ** 2 + 1e-9), u: best.map((value) => value / gamma) };
}

function dot(a, b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function minus(a, b) {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

// The point a + s d1 (+ t d2) nearest to the origin, if it lies inside the edge or triangle.
function nearest(a, [d1, d2]) {
  const [g11, h1] = [dot(d1, d1), -dot(a, d1)];
  let s;
  let t = 0;
  if (d2) {
    const [g12, g22, h2] = [dot(d1, d2), dot(d2, d2), -dot(a, d2)];
    const det = g11 * g22 - g12 * g12;
    if (det < 1e-12) return null;
    s = (h1 * g22 - h2 * g12) / det;
    t = (h2 * g11 - h1 * g12) / det;
  } else {
    if (g11 < 1e-12) return null;
    s = h1 / g11;
  }
  if (s < 0 || t < 0 || s + t > 1) return null;
  return a.map((value, i) => value + s * d1[i] + (d2 ? t * d2[i] : 0));
}

export function hasBoth(points) {
  return [1, -1].every((target) => points.some((point) => point[2] === target));
}

// Challenges.
export function isHardButSeparable(state, points) {
  return points.length <= 6 && hasBoth(points) && state.done && state.mistakes >= 20;
}

export function isThreeInseparable(points) {
  return points.length === 3 && !bound(points).separable;
}

// Landscapes and gradient descent with momentum, as torch.optim.SGD steps. Pure: no DOM.
// tests/test_demo_descent.py compares paths with PyTorch's, and gradients with autograd.

// Each landscape: f(point), gradient(point), the part that is shown, a start, and for
// quadratics `sharpness` L, the largest curvature: plain descent is stable below 2/L.
export const LANDSCAPES = {
  parabola: {
    title: "Parabola (1 number)", formula: "f(x) = x\u00b2", x: [-3, 3], y: [-0.5, 9], start: [2.5], sharpness: 2,
    f: ([x]) => x * x, gradient: ([x]) => [2 * x],
  },
  valleys: {
    title: "Two valleys (1 number)", formula: "f(x) = x\u2074/4 \u2212 x\u00b2 + 0.3x + 1.5", x: [-2.6, 2.6], y: [-0.2, 4], start: [2.2], deep: (x) => x < 0,
    f: ([x]) => x ** 4 / 4 - x * x + 0.3 * x + 1.5, gradient: ([x]) => [x ** 3 - 2 * x + 0.3],
  },
  bowl: {
    title: "Bowl", formula: "f(x, y) = (x\u00b2 + y\u00b2)/2", x: [-4, 4], y: [-3, 3], start: [-3, 2], sharpness: 1,
    f: ([x, y]) => (x * x + y * y) / 2, gradient: ([x, y]) => [x, y],
  },
  ravine: {
    title: "Ravine", formula: "f(x, y) = (x\u00b2 + 50y\u00b2)/4", x: [-4, 4], y: [-3, 3], start: [-3.5, 1], sharpness: 25,
    f: ([x, y]) => (x * x + 50 * y * y) / 4, gradient: ([x, y]) => [x / 2, 25 * y],
  },
  saddle: {
    title: "Saddle", formula: "f(x, y) = x\u00b2/2 \u2212 y\u00b2/2 + y\u2074/8", x: [-4, 4], y: [-3, 3], start: [-3, 0.1],
    f: ([x, y]) => x * x / 2 - y * y / 2 + y ** 4 / 8, gradient: ([x, y]) => [x, -y + y ** 3 / 2],
  },
  noisy: {
    title: "Noisy gradient", formula: "f(x, y) = (x\u00b2 + 4y\u00b2)/2, gradient + noise", x: [-4, 4], y: [-3, 3], start: [-3, 2], sharpness: 4, noise: 2,
    f: ([x, y]) => (x * x + 4 * y * y) / 2, gradient: ([x, y]) => [x, 4 * y],
  },
};

// Learning rates of the slider: ten to a decade, 0.001 to 5.
export const RATES = Array.from({ length: 38 }, (_, i) => Number((10 ** (i / 10 - 3)).toPrecision(2)));

const length = (vector) => Math.hypot(...vector);

// A run: {path: [point, ...], losses, velocity, momentum}.
export function begin(landscape, point) {
  return { path: [point], losses: [landscape.f(point)], velocity: null };
}

// One step, as in torch.optim.SGD: v = momentum * v + g (the first time v = g), x = x - lr * v.
export function step(landscape, run, lr, momentum, random = null) {
  const last = run.path[run.path.length - 1];
  const gradient = landscape.gradient(last).map((value) => (landscape.noise && random ? value + landscape.noise * random.normal() : value));
  run.velocity = gradient.map((value, i) => (run.velocity ? momentum * run.velocity[i] + value : value));
  const next = last.map((value, i) => value - lr * run.velocity[i]);
  run.momentum = momentum;
  run.path.push(next);
  run.losses.push(landscape.f(next));
  return run;
}

// Above this learning rate a quadratic diverges: 2/L, and 2(1 + momentum)/L with momentum.
export function critical({ sharpness }, momentum) {
  return sharpness ? (2 * (1 + momentum)) / sharpness : null;
}

// What the run does: {kind, text}. kinds: start, diverges, saddle, settled, noisy, oscillates, falls.
export function verdict(landscape, { path, losses, momentum = 0 }) {
  const last = path[path.length - 1];
  const loss = losses[losses.length - 1];
  const size = length(last);
  if (path.length < 2) return { kind: "start", text: "Ready." };
  if (!Number.isFinite(loss) || size > 1e3) return { kind: "diverges", text: "It diverges: each step lands higher than the last." };
  if (!landscape.noise && length(landscape.gradient(last)) < 1e-3
    && (!momentum || length(last.map((value, i) => value - path[path.length - 2][i])) < 1e-3)) {
    return isValley(landscape, last) ? { kind: "settled", text: "It converges: the slope is 0 at the bottom of a valley." }
      : { kind: "saddle", text: "It stands still, but not in a valley: the slope is 0 on a ridge." };
  }
  const jumps = path.slice(-9).map((point, i, all) => (i ? point.map((value, k) => value - all[i - 1][k]) : null)).slice(1);
  const turns = jumps.filter((jump, i) => i && jump.reduce((sum, value, k) => sum + value * jumps[i - 1][k], 0) < 0).length;
  if (landscape.noise) return path.length > 40 ? { kind: "noisy", text: "It wanders: the noise keeps it from settling; a smaller learning rate wanders less." } : { kind: "falls", text: "It goes down, shaken by the noise." };
  if (jumps.length >= 3 && turns >= jumps.length - 2) {
    const before = losses[Math.max(0, losses.length - 5)];
    if (loss > before * (1 + 1e-6) + 1e-9) return { kind: "diverges", text: "It diverges: each step lands higher than the last." };
    if (loss > before * (1 - 1e-6) - 1e-12) return { kind: "oscillates", text: "It oscillates: it jumps to and fro and comes no closer." };
    return { kind: "oscillates", text: "It oscillates, but comes closer: each step jumps across the valley." };
  }
  return loss <= losses[losses.length - 2] ? { kind: "falls", text: "The loss falls." } : { kind: "falls", text: "This step went uphill." };
}

// Every small move from the point goes up.
function isValley({ f }, point) {
  const here = f(point);
  return [0, 1, 2, 3, 4, 5, 6, 7].every((turn) => {
    const move = [Math.cos(turn * Math.PI / 4), Math.sin(turn * Math.PI / 4)];
    return f(point.map((value, i) => value + 0.05 * (point.length === 1 ? Math.sign(move[0]) || 1 : move[i]))) > here;
  });
}

// Values on a grid, row by row from the top: for the map of a landscape of two numbers.
export function survey({ f, x, y }, columns, rows) {
  return Float64Array.from({ length: columns * rows }, (_, i) => f([
    x[0] + ((i % columns) / (columns - 1)) * (x[1] - x[0]), y[1] - (Math.floor(i / columns) / (rows - 1)) * (y[1] - y[0])]));
}

// Lines of equal height, by marching squares: [[x1, y1, x2, y2], ...] in cells of the grid.
export function contour(values, columns, rows, level) {
  const lines = [];
  for (let r = 0; r < rows - 1; r += 1) {
    for (let c = 0; c < columns - 1; c += 1) {
      const corner = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]];
      const high = corner.map(([x, y]) => values[y * columns + x] - level);
      const cuts = [];
      for (let k = 0; k < 4; k += 1) {
        const [a, b] = [high[k], high[(k + 1) % 4]];
        if ((a > 0) === (b > 0)) continue;
        const along = a / (a - b);
        const [from, to] = [corner[k], corner[(k + 1) % 4]];
        cuts.push(from[0] + along * (to[0] - from[0]), from[1] + along * (to[1] - from[1]));
      }
      for (let k = 0; k + 3 < cuts.length; k += 4) lines.push(cuts.slice(k, k + 4));
    }
  }
  return lines;
}

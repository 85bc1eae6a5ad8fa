// Losses for numbers and for classes, with their gradients. Pure ES module without DOM.

export const LOSSES = {
  mse: { text: "squared, MSE", value: (r) => r * r, slope: (r) => 2 * r },
  mae: { text: "absolute, MAE", value: (r) => Math.abs(r), slope: (r) => Math.sign(r) },
  huber: {
    text: "Huber",
    value: (r, delta) => (Math.abs(r) <= delta ? 0.5 * r * r : delta * (Math.abs(r) - 0.5 * delta)),
    slope: (r, delta) => Math.max(-delta, Math.min(delta, r)),
  },
};

export function meanLoss(name, points, [a, b], delta) {
  const { value } = LOSSES[name];
  return points.reduce((sum, [x, y]) => sum + value(a + b * x - y, delta), 0) / points.length;
}

// Weighted least squares: [a, b] of a + b x; b = 0 where only a constant is allowed.
function leastSquares(points, weights, line) {
  let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
  points.forEach(([x, y], i) => {
    const w = weights[i];
    n += w; sx += w * x; sy += w * y; sxx += w * x * x; sxy += w * x * y;
  });
  const b = line ? (n * sxy - sx * sy) / (n * sxx - sx * sx) : 0;
  return [(sy - b * sx) / n, b];
}

// A best line for the absolute loss passes through two of the points, a best constant through one.
function leastAbsolute(points, line) {
  if (!line) {
    const ys = points.map(([, y]) => y).sort((p, q) => p - q);
    const half = (ys.length - 1) / 2;
    return [(ys[Math.floor(half)] + ys[Math.ceil(half)]) / 2, 0];
  }
  let [best, least] = [null, Infinity];
  points.forEach(([x0, y0], i) => points.slice(i + 1).forEach(([x1, y1]) => {
    const b = (y1 - y0) / (x1 - x0);
    const fit = [y0 - b * x0, b];
    const loss = meanLoss("mae", points, fit);
    if (loss < least - 1e-12) [best, least] = [fit, loss];
  }));
  return best;
}

// Huber: least squares again and again, where a residual above delta weighs delta / |residual|.
function leastHuber(points, line, delta) {
  let fit = leastSquares(points, points.map(() => 1), line);
  for (let i = 0; i < 2000; i += 1) {
    const [a, b] = fit;
    const weights = points.map(([x, y]) => Math.min(1, delta / Math.max(Math.abs(a + b * x - y), 1e-12)));
    fit = leastSquares(points, weights, line);
    if (Math.abs(fit[0] - a) + Math.abs(fit[1] - b) < 1e-11) break;
  }
  return fit;
}

// Best constant or line [a, b] for a loss.
export function bestFit(name, points, line, delta = 1) {
  if (name === "mse") return leastSquares(points, points.map(() => 1), line);
  return name === "mae" ? leastAbsolute(points, line) : leastHuber(points, line, delta);
}

export function sigmoid(z) {
  return 1 / (1 + Math.exp(-z));
}

// Target 0 or 1 after label smoothing over two classes.
export function smooth(target, epsilon) {
  return target * (1 - epsilon) + epsilon / 2;
}

// Cross-entropy from the logit (does not overflow) and squared error of the probability, both with
// their derivative with respect to the logit.
export function classLoss(z, target) {
  const p = sigmoid(z);
  return {
    p,
    crossEntropy: Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z))),
    crossSlope: p - target,
    squared: (p - target) ** 2,
    squaredSlope: 2 * (p - target) * p * (1 - p),
  };
}

// Mean cross-entropy of the right tokens in nats, and its exponential.
export function perplexity(probs) {
  const nats = probs.reduce((sum, p) => sum - Math.log(p), 0) / probs.length;
  return { nats, bits: nats / Math.LN2, perplexity: Math.exp(nats) };
}

// Challenges.
export function isMisled(points, start) {
  const moved = points.filter(([, y], i) => Math.abs(y - start[i][1]) > 1e-9).length;
  return moved === 1 && bestFit("mse", points, true)[1] < 0 && bestFit("mae", points, true)[1] > 0.5;
}

export function isDeaf(z, target) {
  const { crossSlope, squaredSlope } = classLoss(z, target);
  return Math.abs(crossSlope) > 0.95 && Math.abs(squaredSlope) < 0.05;
}

export function isTen(probs) {
  return Math.abs(perplexity(probs).perplexity - 10) <= 0.5 && Math.min(...probs) < 0.01;
}

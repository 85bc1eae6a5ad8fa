// Activations and the three matrix loops of the Playground's network, on typed arrays.
//
// Layout. Values of a layer are stored neuron by neuron: row j holds neuron j for all m
// examples of the batch, so the inner loops run along the batch over contiguous numbers.
// Weights lie output by output, as in nn.Linear, followed by the biases. The loops take two
// outputs and up to four inputs at a time: eight weights then stay in registers.

// ---------------------------------------------------------------- activations

// tanh by a table with step 1/128 and a Taylor step of second order from the nearest entry;
// the error is at most (1/256)^3 * 2/6 = 2e-8. Beyond |x| = 8.9 it is 1 within 4e-8.
const TANH = Float64Array.from({ length: 2305 }, (_, i) => Math.tanh(i / 128 - 9));

function tanh(x) {
  if (x * x < 80) {
    const i = (x * 128 + 1152.5) | 0;
    const y = TANH[i];
    const h = x + 9 - i * 0.0078125;
    return y + (1 - y * y) * h * (1 - h * y);
  }
  return x > 0 ? 1 : x < 0 ? -1 : x;
}

// Normal density, and its integral by Simpson's rule in steps of 1/128 from -9.
function density(x) {
  return Math.exp(-0.5 * x * x) * 0.3989422804014327;
}

function integrate() {
  const values = new Float64Array(2305);
  for (let i = 1; i < values.length; i += 1) {
    const x = (i - 1) / 128 - 9;
    values[i] = values[i - 1] + (density(x) + 4 * density(x + 1 / 256) + density(x + 1 / 128)) / 768;
  }
  return values;
}

const NORMAL = integrate();
const DENSITY = Float64Array.from({ length: 2305 }, (_, i) => density(i / 128 - 9));

// Each turns z into the activation in place and writes the derivative into d.
export const ACTIVATIONS = {
  tanh(z, d, count) {
    for (let k = 0; k < count; k += 1) {
      const a = tanh(z[k]);
      z[k] = a;
      d[k] = 1 - a * a;
    }
  },
  relu(z, d, count) {
    for (let k = 0; k < count; k += 1) {
      const x = z[k];
      if (x <= 0) z[k] = 0;
      d[k] = x <= 0 ? 0 : 1;
    }
  },
  sigmoid(z, d, count) {
    for (let k = 0; k < count; k += 1) {
      const a = 0.5 + 0.5 * tanh(0.5 * z[k]);
      z[k] = a;
      d[k] = a * (1 - a);
    }
  },
  linear(z, d, count) {
    d.fill(1, 0, count);
  },
  // x times the normal distribution function (Hendrycks and Gimpel 2016), exact form.
  gelu(z, d, count) {
    for (let k = 0; k < count; k += 1) {
      const x = z[k];
      if (x * x < 80) {
        const i = (x * 128 + 1152.5) | 0;
        const h = x + 9 - i * 0.0078125;
        const x0 = x - h;
        const f = DENSITY[i];
        const share = NORMAL[i] + f * h * (1 - 0.5 * h * x0);
        z[k] = x * share;
        d[k] = share + x * f * (1 - h * (x0 - 0.5 * h * (x0 * x0 - 1)));
      } else {
        z[k] = x > 0 ? x : x < 0 ? 0 : x;
        d[k] = x > 0 ? 1 : 0;
      }
    }
  },
  silu(z, d, count) {
    for (let k = 0; k < count; k += 1) {
      const x = z[k];
      const s = 0.5 + 0.5 * tanh(0.5 * x);
      z[k] = x * s;
      d[k] = s * (1 + x * (1 - s));
    }
  },
  // Output of a classifier with cross-entropy: 2 sigmoid(z) - 1, so that it spans -1 to 1.
  chance(z, d, count) {
    for (let k = 0; k < count; k += 1) z[k] = tanh(0.5 * z[k]);
  },
};

// ---------------------------------------------------------------- kernels

// z[j] = bias[j] + sum over i of w[j][i] * x[i], for m examples, n inputs, o outputs.
// Where o is odd, the last output is computed twice into the same row: a = 0 below.
export function affine(p, at, n, o, x, z, m) {
  for (let j = 0; j < o; j += 2) {
    const a = j + 1 < o ? 1 : 0;
    const r = j * m;
    const s = r + a * m;
    let k = at + j * n;
    let q = k + a * n;
    const c = p[at + n * o + j];
    const e = p[at + n * o + j + a];
    let i = 0;
    if (n > 3) {
      const w0 = p[k], w1 = p[k + 1], w2 = p[k + 2], w3 = p[k + 3];
      const v0 = p[q], v1 = p[q + 1], v2 = p[q + 2], v3 = p[q + 3];
      const m2 = m + m, m3 = m2 + m;
      for (let b = 0; b < m; b += 1) {
        const x0 = x[b], x1 = x[m + b], x2 = x[m2 + b], x3 = x[m3 + b];
        z[r + b] = c + w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3;
        z[s + b] = e + v0 * x0 + v1 * x1 + v2 * x2 + v3 * x3;
      }
      i = 4;
    } else if (n > 1) {
      const w0 = p[k], w1 = p[k + 1], v0 = p[q], v1 = p[q + 1];
      for (let b = 0; b < m; b += 1) {
        const x0 = x[b], x1 = x[m + b];
        z[r + b] = c + w0 * x0 + w1 * x1;
        z[s + b] = e + v0 * x0 + v1 * x1;
      }
      i = 2;
    } else {
      z.fill(c, r, r + m);
      z.fill(e, s, s + m);
    }
    k += i;
    q += i;
    if (n > 7) {
      const w0 = p[k], w1 = p[k + 1], w2 = p[k + 2], w3 = p[k + 3];
      const v0 = p[q], v1 = p[q + 1], v2 = p[q + 2], v3 = p[q + 3];
      const m4 = 4 * m, m5 = m4 + m, m6 = m5 + m, m7 = m6 + m;
      for (let b = 0; b < m; b += 1) {
        const x0 = x[m4 + b], x1 = x[m5 + b], x2 = x[m6 + b], x3 = x[m7 + b];
        const old = z[s + b];
        z[r + b] += w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3;
        z[s + b] = old + v0 * x0 + v1 * x1 + v2 * x2 + v3 * x3;
      }
      continue;
    }
    for (; i < n; i += 1, k += 1, q += 1) {
      const w0 = p[k], v0 = p[q], t = i * m;
      for (let b = 0; b < m; b += 1) {
        const x0 = x[t + b];
        const old = z[s + b];
        z[r + b] += w0 * x0;
        z[s + b] = old + v0 * x0;
      }
    }
  }
}

// g = gradient of weights and biases: mean over the batch of e[j] * x[i], and of e[j].
export function outer(g, at, n, o, x, e, m) {
  const scale = 1 / m;
  for (let j = 0; j < o; j += 2) {
    const a = j + 1 < o ? 1 : 0;
    const r = j * m, s = r + a * m;
    const k = at + j * n, q = k + a * n;
    let c0 = 0, c1 = 0;
    let i = 0;
    for (; i + 3 < n; i += 4) {
      const t0 = i * m, t1 = t0 + m, t2 = t1 + m, t3 = t2 + m;
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      c0 = 0;
      c1 = 0;
      for (let b = 0; b < m; b += 1) {
        const e0 = e[r + b], e1 = e[s + b];
        const x0 = x[t0 + b], x1 = x[t1 + b], x2 = x[t2 + b], x3 = x[t3 + b];
        a0 += e0 * x0; a1 += e0 * x1; a2 += e0 * x2; a3 += e0 * x3; c0 += e0;
        b0 += e1 * x0; b1 += e1 * x1; b2 += e1 * x2; b3 += e1 * x3; c1 += e1;
      }
      g[k + i] = a0 * scale; g[k + i + 1] = a1 * scale; g[k + i + 2] = a2 * scale; g[k + i + 3] = a3 * scale;
      g[q + i] = b0 * scale; g[q + i + 1] = b1 * scale; g[q + i + 2] = b2 * scale; g[q + i + 3] = b3 * scale;
    }
    for (; i < n; i += 2) {
      const c = i + 1 < n ? 1 : 0;
      const t0 = i * m, t1 = t0 + c * m;
      let a0 = 0, a1 = 0, b0 = 0, b1 = 0;
      c0 = 0;
      c1 = 0;
      for (let b = 0; b < m; b += 1) {
        const e0 = e[r + b], e1 = e[s + b], x0 = x[t0 + b], x1 = x[t1 + b];
        a0 += e0 * x0; a1 += e0 * x1; c0 += e0;
        b0 += e1 * x0; b1 += e1 * x1; c1 += e1;
      }
      g[k + i] = a0 * scale; g[k + i + c] = a1 * scale;
      g[q + i] = b0 * scale; g[q + i + c] = b1 * scale;
    }
    g[at + n * o + j] = c0 * scale;
    g[at + n * o + j + a] = c1 * scale;
  }
}

// f[i] = d[i] * sum over j of w[j][i] * e[j]: the error of the layer before.
export function back(p, at, n, o, e, d, f, m) {
  for (let i = 0; i < n; i += 2) {
    const c = i + 1 < n ? 1 : 0;
    const r = i * m, s = r + c * m;
    let j = 0;
    // The slope d multiplies in the last round; f holds the sum so far.
    while (j < o) {
      const k = at + i + j * n, q = k + c;
      const t0 = j * m;
      if (j + 3 < o) {
        const w0 = p[k], w1 = p[k + n], w2 = p[k + 2 * n], w3 = p[k + 3 * n];
        const v0 = p[q], v1 = p[q + n], v2 = p[q + 2 * n], v3 = p[q + 3 * n];
        const t1 = t0 + m, t2 = t1 + m, t3 = t2 + m;
        if (o === 4) {
          for (let b = 0; b < m; b += 1) {
            const e0 = e[t0 + b], e1 = e[t1 + b], e2 = e[t2 + b], e3 = e[t3 + b];
            f[r + b] = d[r + b] * (w0 * e0 + w1 * e1 + w2 * e2 + w3 * e3);
            f[s + b] = d[s + b] * (v0 * e0 + v1 * e1 + v2 * e2 + v3 * e3);
          }
        } else if (j === 0) {
          for (let b = 0; b < m; b += 1) {
            const e0 = e[t0 + b], e1 = e[t1 + b], e2 = e[t2 + b], e3 = e[t3 + b];
            f[r + b] = w0 * e0 + w1 * e1 + w2 * e2 + w3 * e3;
            f[s + b] = v0 * e0 + v1 * e1 + v2 * e2 + v3 * e3;
          }
        } else {
          for (let b = 0; b < m; b += 1) {
            const e0 = e[t0 + b], e1 = e[t1 + b], e2 = e[t2 + b], e3 = e[t3 + b];
            const old = f[s + b];
            f[r + b] = d[r + b] * (f[r + b] + w0 * e0 + w1 * e1 + w2 * e2 + w3 * e3);
            f[s + b] = d[s + b] * (old + v0 * e0 + v1 * e1 + v2 * e2 + v3 * e3);
          }
        }
        j += 4;
      } else {
        // One or two outputs at a time; a single one is paired with itself at weight 0.
        const two = j + 1 < o;
        const w0 = p[k], v0 = p[q], w1 = two ? p[k + n] : 0, v1 = two ? p[q + n] : 0;
        const t1 = two ? t0 + m : t0;
        j += 2;
        if (o < 3) {
          for (let b = 0; b < m; b += 1) {
            const e0 = e[t0 + b], e1 = e[t1 + b];
            f[r + b] = d[r + b] * (w0 * e0 + w1 * e1);
            f[s + b] = d[s + b] * (v0 * e0 + v1 * e1);
          }
        } else {
          const first = j === 2, last = j >= o;
          for (let b = 0; b < m; b += 1) {
            const e0 = e[t0 + b], e1 = e[t1 + b];
            const sum = (first ? 0 : f[r + b]) + w0 * e0 + w1 * e1;
            const other = (first ? 0 : f[s + b]) + v0 * e0 + v1 * e1;
            f[r + b] = last ? d[r + b] * sum : sum;
            f[s + b] = last ? d[s + b] * other : other;
          }
        }
      }
    }
  }
}

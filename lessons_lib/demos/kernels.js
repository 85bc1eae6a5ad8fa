// Activations and the three matrix loops of the Playground's network, on typed arrays.
//
// Layout. Values of a layer are stored neuron by neuron: row j holds neuron j for all m
// examples of the batch. Weights lie output by output, as in nn.Linear, followed by the biases.
// network_wasm.js does the same, many times as fast, where the browser allows it.

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
export function affine(p, at, n, o, x, z, m) {
  for (let j = 0; j < o; j += 1) {
    const k = at + j * n, bias = p[at + n * o + j];
    for (let b = 0; b < m; b += 1) {
      let sum = bias;
      for (let i = 0; i < n; i += 1) sum += p[k + i] * x[i * m + b];
      z[j * m + b] = sum;
    }
  }
}

// g = gradient of weights and biases: mean over the batch of e[j] * x[i], and of e[j].
export function outer(g, at, n, o, x, e, m) {
  for (let j = 0; j < o; j += 1) {
    for (let i = 0; i < n; i += 1) {
      let sum = 0;
      for (let b = 0; b < m; b += 1) sum += e[j * m + b] * x[i * m + b];
      g[at + j * n + i] = sum / m;
    }
    let sum = 0;
    for (let b = 0; b < m; b += 1) sum += e[j * m + b];
    g[at + n * o + j] = sum / m;
  }
}

// f[i] = d[i] * sum over j of w[j][i] * e[j]: the error of the layer before.
export function back(p, at, n, o, e, d, f, m) {
  for (let i = 0; i < n; i += 1) {
    for (let b = 0; b < m; b += 1) {
      let sum = 0;
      for (let j = 0; j < o; j += 1) sum += p[at + j * n + i] * e[j * m + b];
      f[i * m + b] = d[i * m + b] * sum;
    }
  }
}

// The U-Net of the lesson `diffusion`, forward only, on typed arrays. Pure: no DOM.
// A picture is {values, depth, side}: channel by channel, row by row.
// tests/test_demo_diffusion_lab.py compares it with PyTorch.

import { unpackRows } from "./kit.js";

// What Python's `export_unet` made -> {name: {values, shape}}.
export const loadUnet = (net) => unpackRows(net);

export function silu(values) {
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i += 1) out[i] = values[i] / (1 + Math.exp(-values[i]));
  return out;
}

export function linear(net, name, values) {
  const weight = net[`${name}.weight`];
  const bias = net[`${name}.bias`].values;
  const [outputs, inputs] = weight.shape;
  const out = new Float32Array(outputs);
  for (let j = 0; j < outputs; j += 1) {
    let sum = bias[j];
    for (let i = 0, at = j * inputs; i < inputs; i += 1, at += 1) sum += weight.values[at] * values[i];
    out[j] = sum;
  }
  return out;
}

// Kernel 1x1, or 3x3 with a border of zeros; stride 1 or 2.
export function conv(net, name, { values, depth, side }, stride = 1) {
  const weight = net[`${name}.weight`];
  const outputs = weight.shape[0];
  const bias = net[`${name}.bias`].values;
  const area = side * side;
  if (weight.shape[2] === 1) {
    const out = new Float32Array(outputs * area);
    for (let o = 0; o < outputs; o += 1) {
      out.fill(bias[o], o * area, (o + 1) * area);
      for (let d = 0; d < depth; d += 1) {
        const factor = weight.values[o * depth + d];
        for (let k = 0, to = o * area, from = d * area; k < area; k += 1, to += 1, from += 1) out[to] += factor * values[from];
      }
    }
    return { values: out, depth: outputs, side };
  }
  return convolve3(weight.values, bias, outputs, values, depth, side, stride);
}

// Rows with their border lie end to end, so that the inner loop runs over a whole picture: the
// two numbers between two rows are computed for nothing and left out at the end.
function convolve3(weights, bias, outputs, values, depth, side, stride) {
  const wide = side + 2;
  const plane = wide * wide;
  const padded = new Float32Array(depth * plane + 2);
  for (let d = 0; d < depth; d += 1) {
    for (let row = 0; row < side; row += 1) {
      const from = (d * side + row) * side;
      padded.set(values.subarray(from, from + side), d * plane + (row + 1) * wide + 1);
    }
  }
  const length = side * wide;
  const sums = new Float32Array(length);
  const half = Math.ceil(side / stride);
  const out = new Float32Array(outputs * half * half);
  for (let o = 0; o < outputs; o += 1) {
    sums.fill(bias[o]);
    for (let d = 0; d < depth; d += 1) addPlane(sums, length, padded, d * plane, wide, weights, (o * depth + d) * 9);
    for (let row = 0, to = o * half * half; row < side; row += stride) {
      for (let column = 0; column < side; column += stride, to += 1) out[to] = sums[row * wide + column];
    }
  }
  return { values: out, depth: outputs, side: half };
}

function addPlane(sums, length, x, start, wide, w, at) {
  const w0 = w[at], w1 = w[at + 1], w2 = w[at + 2], w3 = w[at + 3], w4 = w[at + 4];
  const w5 = w[at + 5], w6 = w[at + 6], w7 = w[at + 7], w8 = w[at + 8];
  for (let k = 0, i = start, j = start + wide, l = start + 2 * wide; k < length; k += 1, i += 1, j += 1, l += 1) {
    sums[k] += w0 * x[i] + w1 * x[i + 1] + w2 * x[i + 2] + w3 * x[j] + w4 * x[j + 1] + w5 * x[j + 2] + w6 * x[l] + w7 * x[l + 1] + w8 * x[l + 2];
  }
}

// Four groups of channels, each with mean 0 and variance 1, then a factor and a term for each
// channel; as nn.GroupNorm(4, depth).
export function groupNorm(net, name, { values, depth, side }) {
  const weight = net[`${name}.weight`].values;
  const bias = net[`${name}.bias`].values;
  const area = side * side;
  const size = (depth / 4) * area;
  const out = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += size) {
    let sum = 0;
    let squares = 0;
    for (let i = start; i < start + size; i += 1) sum += values[i];
    const mean = sum / size;
    for (let i = start; i < start + size; i += 1) squares += (values[i] - mean) * (values[i] - mean);
    const factor = 1 / Math.sqrt(squares / size + 1e-5);
    for (let i = start; i < start + size; i += 1) {
      const channel = Math.floor(i / area);
      out[i] = (values[i] - mean) * factor * weight[channel] + bias[channel];
    }
  }
  return { values: out, depth, side };
}

function active(net, name, x) {
  const normed = groupNorm(net, name, x);
  return { ...normed, values: silu(normed.values) };
}

function residual(net, name, x, embed) {
  const h = conv(net, `${name}.conv1`, active(net, `${name}.norm1`, x));
  const told = linear(net, `${name}.tell`, embed);
  const area = h.side * h.side;
  for (let i = 0; i < h.values.length; i += 1) h.values[i] += told[Math.floor(i / area)];
  const out = conv(net, `${name}.conv2`, active(net, `${name}.norm2`, h));
  const past = net[`${name}.shortcut.weight`] ? conv(net, `${name}.shortcut`, x) : x;
  for (let i = 0; i < out.values.length; i += 1) out.values[i] += past.values[i];
  return out;
}

function bottom(net, x, embed) {
  const thin = conv(net, "bottom.squeeze", x);
  const told = linear(net, "bottom.tell", embed);
  const h = linear(net, "bottom.read", thin.values).map((value, i) => value + told[i]);
  const thought = linear(net, "bottom.think", silu(h));
  const written = linear(net, "bottom.write", silu(h.map((value, i) => value + thought[i])));
  const out = conv(net, "bottom.widen", { ...thin, values: written });
  for (let i = 0; i < out.values.length; i += 1) out.values[i] += x.values[i];
  return out;
}

// Each square of 2x2 pixels becomes four channels (pixel_unshuffle), and back.
export function fold({ values, depth, side }) {
  const half = side / 2;
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i += 1) {
    const column = i % half;
    const row = Math.floor(i / half) % half;
    const channel = Math.floor(i / (half * half));
    const [d, part] = [Math.floor(channel / 4), channel % 4];
    out[i] = values[(d * side + 2 * row + (part >> 1)) * side + 2 * column + (part & 1)];
  }
  return { values: out, depth: 4 * depth, side: half };
}

export function unfold({ values, depth, side }) {
  const wide = 2 * side;
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i += 1) {
    const column = i % side;
    const row = Math.floor(i / side) % side;
    const channel = Math.floor(i / (side * side));
    const [d, part] = [Math.floor(channel / 4), channel % 4];
    out[(d * wide + 2 * row + (part >> 1)) * wide + 2 * column + (part & 1)] = values[i];
  }
  return { values: out, depth: depth / 4, side: wide };
}

function twice({ values, depth, side }) {
  const wide = 2 * side;
  const out = new Float32Array(4 * values.length);
  for (let i = 0; i < out.length; i += 1) {
    const row = Math.floor(i / wide);
    out[i] = values[(Math.floor(row / wide) * side + ((row % wide) >> 1)) * side + ((i % wide) >> 1)];
  }
  return { values: out, depth, side: wide };
}

export function embedTime(t) {
  const angles = Array.from({ length: 8 }, (_, i) => t * 50 ** (i / 7));
  return Float32Array.from([...angles.map(Math.sin), ...angles.map(Math.cos)]);
}

// Velocity of each pixel of a picture (side x side numbers) at time t; label 10: none.
export function velocity(net, pixels, t, label) {
  const dim = net["label.weight"].shape[1];
  const chosen = net["label.weight"].values.subarray(label * dim, (label + 1) * dim);
  const embed = silu(linear(net, "time", embedTime(t)).map((value, i) => value + chosen[i]));
  let x = conv(net, "enter", fold({ values: pixels, depth: 1, side: Math.sqrt(pixels.length) }));
  const seen = [];
  for (let i = 0; net[`down.${i}.norm1.weight`]; i += 1) {
    if (i) x = conv(net, `halve.${i - 1}`, x, 2);
    x = residual(net, `down.${i}`, x, embed);
    seen.push(x);
  }
  x = bottom(net, x, embed);
  for (let i = seen.length - 1; i >= 0; i -= 1) {
    if (x.side !== seen[i].side) x = twice(x);
    const values = new Float32Array(x.values.length + seen[i].values.length);
    values.set(x.values);
    values.set(seen[i].values, x.values.length);
    x = residual(net, `up.${i}`, { values, depth: x.depth + seen[i].depth, side: x.side }, embed);
  }
  return unfold(conv(net, "leave", active(net, "norm", x))).values;
}

// Classifier-free guidance: without the label, plus `scale` times what the label adds.
export function guided(net, pixels, t, label, scale) {
  if (scale === 1) return velocity(net, pixels, t, label);
  const without = velocity(net, pixels, t, 10);
  if (scale === 0) return without;
  const answer = velocity(net, pixels, t, label);
  return answer.map((value, i) => without[i] + scale * (value - without[i]));
}

// One Euler step from t to `next`; also the picture to which the answer points.
export function eulerStep(net, pixels, t, next, label, scale) {
  const answer = guided(net, pixels, t, label, scale);
  return {
    pixels: pixels.map((value, i) => value + (next - t) * answer[i]),
    target: pixels.map((value, i) => value + (1 - t) * answer[i]),
  };
}

// Noise again: the straight line at time t between noise and a finished picture.
export function backTo(picture, t, noise) {
  return picture.map((value, i) => (1 - t) * noise[i] + t * value);
}

// Which of two labels explains a picture better? Noise is added and the network asked for the
// velocity, once with each label: the smaller error wins (Li and others 2023). `noises`: a list.
export function prefers(net, picture, label, other, noises, t = 0.2) {
  const error = (chosen) => noises.reduce((sum, noise) => {
    const answer = velocity(net, backTo(picture, t, noise), t, chosen);
    return sum + answer.reduce((part, value, i) => part + (value - (picture[i] - noise[i])) ** 2, 0);
  }, 0);
  return error(label) < error(other);
}

// How alike two pictures are: correlation of their pixels, -1 to 1.
export function likeness(a, b) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sums = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    sums[0] += (a[i] - ma) * (b[i] - mb);
    sums[1] += (a[i] - ma) ** 2;
    sums[2] += (b[i] - mb) ** 2;
  }
  return sums[0] / Math.sqrt(sums[1] * sums[2] || 1);
}

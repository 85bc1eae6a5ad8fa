// The pen, the preparation of a drawing, and a forward pass through an exported network.
// Pure: no DOM. tests/test_demo_draw_a_digit.py compares it with PyTorch.

import { unpack } from "./kit.js";

export const SIDE = 28;
// Half the width of the pen and of its soft edge, and the box that a digit is scaled into,
// in pixels of the field: like the digits of MNIST.
export const STYLE = { pen: 1.2, edge: 0.75, box: 20 };

// Ink of strokes on the field: strokes = [[[x, y], ...], ...] in pixels, result 0..1.
// `base` is a picture under the strokes.
export function ink(strokes, base = null, { pen, edge } = STYLE) {
  const field = base ? Float32Array.from(base) : new Float32Array(SIDE * SIDE);
  const reach = pen + edge;
  for (const stroke of strokes) {
    for (let i = 0; i < stroke.length; i += 1) {
      const [x1, y1] = stroke[Math.max(0, i - 1)];
      const [x2, y2] = stroke[i];
      if (i === 0 && stroke.length > 1) continue;
      const [dx, dy] = [x2 - x1, y2 - y1];
      const size = dx * dx + dy * dy;
      const top = Math.max(0, Math.floor(Math.min(y1, y2) - reach - 0.5));
      const bottom = Math.min(SIDE - 1, Math.ceil(Math.max(y1, y2) + reach));
      const left = Math.max(0, Math.floor(Math.min(x1, x2) - reach - 0.5));
      const right = Math.min(SIDE - 1, Math.ceil(Math.max(x1, x2) + reach));
      for (let row = top; row <= bottom; row += 1) {
        for (let column = left; column <= right; column += 1) {
          const px = column + 0.5 - x1;
          const py = row + 0.5 - y1;
          const along = size ? Math.min(1, Math.max(0, (px * dx + py * dy) / size)) : 0;
          const away = Math.hypot(px - along * dx, py - along * dy);
          const value = Math.min(1, (reach - away) / (2 * edge));
          const at = row * SIDE + column;
          if (value > field[at]) field[at] = value;
        }
      }
    }
  }
  return field;
}

function move(strokes, scale, dx, dy) {
  return strokes.map((stroke) => stroke.map(([x, y]) => [x * scale + dx, y * scale + dy]));
}

// As MNIST was made: the drawing is scaled into a box of 20 x 20 pixels, keeping its shape,
// and moved so that its centre of mass is the centre of the field. The pen keeps its width.
export function prepare(strokes, style = STYLE) {
  const points = strokes.flat();
  if (!points.length) return new Float32Array(SIDE * SIDE);
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const size = Math.max(Math.max(...xs) - left, Math.max(...ys) - top);
  const scale = size < 2 ? 1 : (style.box - 2 * style.pen) / size;
  const middle = SIDE / 2;
  const moved = move(strokes, scale, middle - scale * (left + (Math.max(...xs) - left) / 2),
    middle - scale * (top + (Math.max(...ys) - top) / 2));
  const field = ink(moved, null, style);
  let [sum, x, y] = [0, 0, 0];
  field.forEach((value, i) => { sum += value; x += value * (i % SIDE); y += value * Math.floor(i / SIDE); });
  return ink(move(moved, 1, middle - x / sum, middle - y / sum), null, style);
}

// ---------------------------------------------------------------- network

const ERF = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];

// Error function, within 1.5e-7: Abramowitz and Stegun 1964, formula 7.1.26.
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail = ERF.reduceRight((sum, factor) => (sum + factor) * t, 0) * Math.exp(-x * x);
  return x < 0 ? tail - 1 : 1 - tail;
}

const ACTIVATIONS = {
  relu: (x) => (x > 0 ? x : 0),
  leaky: (x, { slope }) => (x > 0 ? x : slope * x),
  silu: (x) => x / (1 + Math.exp(-x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: (x) => Math.tanh(x),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  gelu_tanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};
export const NAMES = { relu: "ReLU", leaky: "leaky ReLU", silu: "SiLU", sigmoid: "sigmoid", tanh: "tanh", gelu: "GELU", gelu_tanh: "GELU" };

// Decodes the weights: what Python's export_model made -> layers for `run`.
export function load(layers) {
  return layers.map((layer) => {
    if (!layer.weight) return layer;
    const weight = unpack(layer.weight);
    if (layer.scale) {
      const scale = unpack(layer.scale);
      const width = weight.length / scale.length;
      for (let i = 0; i < weight.length; i += 1) weight[i] *= scale[Math.floor(i / width)];
    }
    return { ...layer, weight, shape: layer.weight.shape, bias: layer.bias ? unpack(layer.bias) : null };
  });
}

const KINDS = {
  flatten: ({ shape, values }) => ({ shape: [values.length], values, from: shape }),
  linear({ values }, { weight, bias, shape: [outputs, inputs] }) {
    const out = new Float32Array(outputs);
    for (let j = 0; j < outputs; j += 1) {
      let sum = bias ? bias[j] : 0;
      for (let i = 0, at = j * inputs; i < inputs; i += 1, at += 1) sum += weight[at] * values[i];
      out[j] = sum;
    }
    return { shape: [outputs], values: out };
  },
  conv({ shape: [, height, width], values }, { weight, bias, shape: [outputs, depth, kh, kw], stride, padding, groups }) {
    const rows = Math.floor((height + 2 * padding[0] - kh) / stride[0]) + 1;
    const columns = Math.floor((width + 2 * padding[1] - kw) / stride[1]) + 1;
    const out = new Float32Array(outputs * rows * columns);
    for (let o = 0, to = 0; o < outputs; o += 1) {
      const first = Math.floor(o / (outputs / groups)) * depth;
      for (let r = 0; r < rows; r += 1) {
        for (let c = 0; c < columns; c += 1, to += 1) {
          let sum = bias ? bias[o] : 0;
          for (let d = 0; d < depth; d += 1) {
            for (let i = 0; i < kh; i += 1) {
              const row = r * stride[0] - padding[0] + i;
              if (row < 0 || row >= height) continue;
              const start = ((first + d) * height + row) * width + c * stride[1] - padding[1];
              const at = ((o * depth + d) * kh + i) * kw;
              const low = Math.max(0, padding[1] - c * stride[1]);
              const high = Math.min(kw, width + padding[1] - c * stride[1]);
              for (let j = low; j < high; j += 1) sum += weight[at + j] * values[start + j];
            }
          }
          out[to] = sum;
        }
      }
    }
    return { shape: [outputs, rows, columns], values: out };
  },
  affine({ shape, values }, { weight, bias }) {
    const area = values.length / shape[0];
    return { shape, values: values.map((value, i) => value * weight[Math.floor(i / area)] + bias[Math.floor(i / area)]) };
  },
  max: (input, layer) => pool(input, layer, -Infinity, Math.max, (value) => value),
  mean: (input, layer) => pool(input, layer, 0, (a, b) => a + b, (value, count) => value / count),
};

function pool({ shape: [depth, height, width], values }, { size, stride, padding }, start, join, finish) {
  const [kh, kw] = size || [height, width];
  const [sh, sw] = stride || [1, 1];
  const [ph, pw] = padding || [0, 0];
  const rows = Math.floor((height + 2 * ph - kh) / sh) + 1;
  const columns = Math.floor((width + 2 * pw - kw) / sw) + 1;
  const out = new Float32Array(depth * rows * columns);
  for (let to = 0; to < out.length; to += 1) {
    const c = to % columns;
    const r = Math.floor(to / columns) % rows;
    const plane = Math.floor(to / columns / rows) * height;
    let value = start;
    for (let i = Math.max(0, r * sh - ph); i < Math.min(height, r * sh - ph + kh); i += 1) {
      for (let j = Math.max(0, c * sw - pw); j < Math.min(width, c * sw - pw + kw); j += 1) value = join(value, values[(plane + i) * width + j]);
    }
    out[to] = finish(value, kh * kw);
  }
  return { shape: [depth, rows, columns], values: out };
}

// Output of every layer for one image of numbers: [{kind, shape, values}, ...].
export function run(layers, image) {
  let current = { shape: [1, SIDE, SIDE], values: image };
  return layers.map((layer) => {
    const plain = ACTIVATIONS[layer.kind];
    current = plain ? { shape: current.shape, values: current.values.map((value) => plain(value, layer)) } : KINDS[layer.kind](current, layer);
    return { kind: layer.kind, ...current };
  });
}

// What to show: after each weighted or pooling layer, its numbers once the activation that
// follows it has worked (`at`: its place among the layers). The last one, the logits, is shown as bars instead.
export function stages(layers, outputs) {
  const found = [];
  outputs.forEach(({ kind, shape, values }, i) => {
    if (["linear", "conv", "max", "mean"].includes(kind)) found.push({ kind, shape, values, layer: layers[i], at: i, after: "" });
    else if (found.length && kind !== "flatten") Object.assign(found[found.length - 1], { values, after: NAMES[kind] || found[found.length - 1].after });
  });
  return found.slice(0, -1);
}

// What a page needs to explain a convolutional network: moving a picture, the pixels that
// one number of a layer looked at, and the kernels of a channel.
// Pure: no DOM. tests/test_demo_draw_a_digit_cnn.py compares it with PyTorch.

// Moves a square picture by whole pixels; what comes in is 0.
export function translate(values, side, dx, dy) {
  if (!dx && !dy) return values;
  const out = new Float32Array(side * side);
  for (let row = Math.max(0, dy); row < Math.min(side, side + dy); row += 1) {
    for (let column = Math.max(0, dx); column < Math.min(side, side + dx); column += 1) {
      out[row * side + column] = values[(row - dy) * side + column - dx];
    }
  }
  return out;
}

// Receptive field: the pixels [top, left, bottom, right] (the last two included) that the
// number at (row, column) of layer `index` depends on, within the picture.
// Source: V. Dumoulin, F. Visin, arXiv:1603.07285, section 2, read backwards.
export function receptive(layers, index, row, column, side) {
  let [top, left, bottom, right] = [row, column, row, column];
  const spread = new Set(["flatten", "linear"]);
  for (let i = index; i >= 0; i -= 1) {
    const { kind, shape, size, stride, padding } = layers[i];
    if (spread.has(kind) || (kind === "mean" && !size)) return [0, 0, side - 1, side - 1];
    if (!["conv", "max", "mean"].includes(kind)) continue;
    const [height, width] = size || [shape[2], shape[3]];
    const [down, along] = stride || [height, width];
    const [above, before] = padding || [0, 0];
    top = top * down - above;
    bottom = bottom * down - above + height - 1;
    left = left * along - before;
    right = right * along - before + width - 1;
  }
  return [Math.max(0, top), Math.max(0, left), Math.min(side - 1, bottom), Math.min(side - 1, right)];
}

// Kernels of one output channel: {count, height, width, values}, one for each channel it reads.
export function kernelsOf({ weight, shape: [, count, height, width] }, channel) {
  const size = count * height * width;
  return { count, height, width, values: weight.subarray(channel * size, (channel + 1) * size) };
}

// Place of the largest number in one channel of a layer: {row, column, value}.
export function strongest({ values, shape: [, height, width] }, channel) {
  const start = channel * height * width;
  let at = 0;
  for (let i = 1; i < height * width; i += 1) if (values[start + i] > values[start + at]) at = i;
  return { row: Math.floor(at / width), column: at % width, value: values[start + at] };
}

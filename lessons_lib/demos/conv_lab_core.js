// The arithmetic of ConvLab: one window, one sum, and the picture of all sums. No DOM.
// A picture or an output is {rows, columns, values}, row by row from the top; a kernel is a
// flat list of k times k numbers.

// Kernel entries and the number by which each sum is divided.
export const PRESETS = {
  "identity": { kernel: [0, 0, 0, 0, 1, 0, 0, 0, 0], divide: 1 },
  "box blur": { kernel: [1, 1, 1, 1, 1, 1, 1, 1, 1], divide: 9 },
  "soft blur": { kernel: [1, 2, 1, 2, 4, 2, 1, 2, 1], divide: 16 },
  "sharpen": { kernel: [0, -1, 0, -1, 5, -1, 0, -1, 0], divide: 1 },
  "vertical edges": { kernel: [-1, 0, 1, -2, 0, 2, -1, 0, 1], divide: 1 },
  "horizontal edges": { kernel: [-1, -2, -1, 0, 0, 0, 1, 2, 1], divide: 1 },
  "outline": { kernel: [-1, -1, -1, -1, 8, -1, -1, -1, -1], divide: 1 },
  "emboss": { kernel: [-1, -1, 0, -1, 1, 1, 0, 1, 1], divide: 1 },
};

// Steps that a window of `kernel` pixels can take in `size` pixels; 0 where it does not fit.
export function outputSize(size, kernel, stride, padding) {
  return Math.max(0, Math.floor((size + 2 * padding - kernel) / stride) + 1);
}

// The pixels under the window for output (row, column); outside the picture they are 0.
export function windowAt(picture, size, row, column, { stride, padding }) {
  const values = [];
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      const y = row * stride - padding + i;
      const x = column * stride - padding + j;
      const inside = y >= 0 && y < picture.rows && x >= 0 && x < picture.columns;
      values.push(inside ? picture.values[y * picture.columns + x] : 0);
    }
  }
  return values;
}

// One window: the products, their sum, the number z (divided, plus bias) and the output y.
export function respond(values, kernel, { divide = 1, bias = 0, relu = false }) {
  const products = kernel.map((weight, i) => weight * values[i] || 0);
  const sum = products.reduce((total, product) => total + product, 0);
  const z = sum / divide + bias;
  return { products, sum, z, y: relu && z < 0 ? 0 : z };
}

// All windows. settings: {stride, padding, divide, bias, relu}
export function convolve(picture, kernel, settings) {
  const size = Math.round(Math.sqrt(kernel.length));
  const rows = outputSize(picture.rows, size, settings.stride, settings.padding);
  const columns = outputSize(picture.columns, size, settings.stride, settings.padding);
  const values = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      values.push(respond(windowAt(picture, size, row, column, settings), kernel, settings).y);
    }
  }
  return { rows, columns, values };
}

// Name of the preset with these numbers, or null.
export function presetOf(kernel, divide) {
  const found = Object.entries(PRESETS).find(([, preset]) =>
    preset.divide === divide && preset.kernel.every((weight, i) => weight === kernel[i]));
  return found ? found[0] : null;
}

// A kernel whose entries add up to more than 0 makes a picture out of a picture; the others
// (edges) answer with numbers around 0.
export function makesPicture(kernel) {
  return kernel.reduce((total, weight) => total + weight, 0) > 1e-9;
}

// Strong exactly on the vertical bars, silent on the horizontal ones? `bars` says in which rows
// each kind stands; settings must have stride 1 and padding 0.
export function answersVertical(picture, kernel, settings) {
  const { vertical, horizontal } = picture.bars;
  const { rows, columns, values } = convolve(picture, kernel, settings);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const y = values[row * columns + column];
      const isOnBar = picture.values[(row + 1) * picture.columns + column + 1] > 0;
      if (row >= vertical[0] && row + 2 <= vertical[1]) {
        if (isOnBar ? y < 9 : Math.abs(y) > 1e-9) return false;
      } else if (row >= horizontal[0] && row + 2 <= horizontal[1] && Math.abs(y) > 1e-9) return false;
    }
  }
  return true;
}

// Is every output the pixel to the left of the window's middle? Then the picture moves right.
export function movesRight(kernel, { divide, bias, relu }) {
  return !bias && !relu && kernel.every((weight, i) => Math.abs(weight / divide - (i === 3 ? 1 : 0)) < 1e-9);
}

export function isHalf(picture, output) {
  return 2 * output.rows === picture.rows && 2 * output.columns === picture.columns;
}

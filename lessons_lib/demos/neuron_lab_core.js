// One neuron with two inputs: the arithmetic of NeuronLab. Pure ES module without DOM.

export const LN9 = Math.log(9);

// value(z), and `shade`: the output as -1 (clearly no) to 1 (clearly yes) for the colours.
export const ACTIVATIONS = {
  sigmoid: { text: "sigmoid", value: (z) => 1 / (1 + Math.exp(-z)), shade: (y) => 2 * y - 1, low: 0, high: 1 },
  step: { text: "step", value: (z) => (z > 0 ? 1 : 0), shade: (y) => 2 * y - 1, low: 0, high: 1 },
  tanh: { text: "tanh", value: Math.tanh, shade: (y) => y, low: -1, high: 1 },
  relu: { text: "ReLU", value: (z) => (z > 0 ? z : 0), shade: (y) => Math.min(y / 4, 1), low: 0, high: Infinity },
  linear: { text: "linear", value: (z) => z, shade: (y) => Math.max(-1, Math.min(y / 4, 1)), low: -Infinity, high: Infinity },
};

// {terms: [w1 x1, w2 x2, b], z, y}; rounded to 12 digits, so that 0.1 + 0.2 gives 0.3.
export function neuron({ w, b, activation }, [x1, x2]) {
  const clean = (value) => Number(value.toPrecision(12));
  const terms = [clean(w[0] * x1), clean(w[1] * x2), b];
  const sum = terms[0] + terms[1] + b;
  const z = Math.abs(sum) < 1e-9 ? 0 : clean(sum);
  return { terms, z, y: ACTIVATIONS[activation].value(z) };
}

// Yes (1) above the line z = 0, no (0) below it, null exactly on it: the same for every activation.
export function decision(z) {
  return z > 0 ? 1 : z < 0 ? 0 : null;
}

// Every point [x1, x2, target] with its output and whether the neuron is right about it.
export function judge(parameters, points) {
  return points.map(([x1, x2, target]) => {
    const { z, y } = neuron(parameters, [x1, x2]);
    return { x1, x2, target, z, y, right: decision(z) === target };
  });
}

// All three numbers times k. Null where a number would leave its slider: limits are [largest, step].
export function scaled({ w, b }, k, limits) {
  const next = [w[0], w[1], b].map((value) => Number((value * k).toPrecision(12)));
  const fits = next.every((value, i) => {
    const steps = value / limits[i][1];
    return Math.abs(value) <= limits[i][0] + 1e-9 && Math.abs(steps - Math.round(steps)) < 1e-6;
  });
  return fits ? { w: [next[0], next[1]], b: next[2] } : null;
}

// Challenges. Decided: sigmoid, above 0.9 for each yes and below 0.1 for each no.
export function isDecided(parameters, points) {
  return parameters.activation === "sigmoid"
    && judge(parameters, points).every(({ y, target }) => (target ? y > 0.9 : y < 0.1));
}

// The first input does not count, the second does, and every point comes out right.
export function ignoresFirst(parameters, points) {
  return parameters.w[0] === 0 && parameters.w[1] !== 0
    && judge(parameters, points).every(({ right }) => right);
}

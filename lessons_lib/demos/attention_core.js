// The arithmetic of AttentionExplorer: scores, softmax, weighted average. No DOM.
// A matrix is a list of rows.

export function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

// Row vector times matrix: features of a word to its query, key or value.
export function project(row, matrix) {
  return matrix[0].map((_, column) => dot(row, matrix.map((line) => line[column])));
}

// Softmax of the scores, where -Infinity hides an entry; all hidden: all weights 0.
export function softmax(scores) {
  const high = Math.max(...scores);
  if (high === -Infinity) return scores.map(() => 0);
  const parts = scores.map((score) => Math.exp(score - high));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}

// All rows of an attention. settings: {scaled, temperature, causal}.
// dots: q·k; scores: divided, -Infinity where hidden; weights; outputs.
export function attend(queries, keys, values, { scaled = true, temperature = 1, causal = false }) {
  const divisor = (scaled ? Math.sqrt(keys[0].length) : 1) * temperature;
  const dots = queries.map((query) => keys.map((key) => dot(query, key)));
  const scores = dots.map((row, i) => row.map((value, j) => (causal && j > i ? -Infinity : value / divisor)));
  const weights = scores.map(softmax);
  const outputs = weights.map((row) => project(row, values));
  return { divisor, dots, scores, weights, outputs };
}

// One table T x T out of packed weights (layers, heads, T, T); bytes count from 0 to 255.
// head = -1: the mean of all heads. Each row is made to sum to 1 again after rounding.
export function tableOf(flat, [, heads, size], layer, head) {
  const chosen = head < 0 ? Array.from({ length: heads }, (_, h) => h) : [head];
  return Array.from({ length: size }, (_, row) => {
    const sums = Array.from({ length: size }, (__, column) =>
      chosen.reduce((sum, h) => sum + flat[((layer * heads + h) * size + row) * size + column], 0));
    const total = sums.reduce((a, b) => a + b, 0);
    return sums.map((value) => (total ? value / total : 0));
  });
}

// Index, weight of the largest entries of a row, largest first.
export function largest(row, count) {
  return row.map((weight, index) => ({ weight, index }))
    .sort((a, b) => b.weight - a.weight || a.index - b.index).slice(0, count);
}

// ------------------------------------------------------------ challenges
// facts: {tokens, weights, scaled, temperature, causal, edited: indices of changed queries}

function isPlain({ scaled, temperature, causal }) {
  return scaled && temperature === 1 && !causal;
}

function bankRow({ tokens, weights }) {
  return weights[tokens.indexOf("bank")] || [];
}

export function looksAtRiver(facts) {
  const at = facts.tokens.indexOf("river");
  const isMixed = at >= 0 && facts.tokens.includes("money");
  return isMixed && isPlain(facts) && bankRow(facts)[at] > 0.6;
}

export function looksEverywhere(facts) {
  const row = bankRow(facts);
  const isReal = row.length > 3 && (facts.tokens.includes("river") || facts.tokens.includes("money"));
  return isReal && isPlain(facts) && Math.max(...row) - Math.min(...row) < 0.005;
}

export function findsThePast(facts) {
  const at = facts.tokens.indexOf("river");
  return facts.causal && !facts.edited.length && facts.temperature === 1 && facts.scaled
    && at >= 0 && bankRow(facts)[at] > 0.5;
}

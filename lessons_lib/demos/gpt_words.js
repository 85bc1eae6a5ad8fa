// How WriteWithGPT names characters, chances and counts.

// A space or a line end as a sign that can be seen.
export function sign(char) {
  return { " ": "␣", "\n": "↵", "\t": "⇥" }[char] || char;
}

const SPOKEN = {
  " ": "space", "\n": "line end", "\t": "tab", ",": "comma", ".": "full stop", ":": "colon", ";": "semicolon",
  "!": "exclamation mark", "?": "question mark", "'": "apostrophe", "-": "hyphen",
};

// In a sentence, and for screen readers, which leave out signs.
export function spoken(char) {
  return SPOKEN[char] || char;
}

export function percent(p) {
  const number = 100 * p;
  if (p > 0 && number < 0.05) return "<0.1";
  return number.toFixed(number < 9.95 || (number > 94.95 && number < 99.95) ? 1 : 0);
}

export function many(count, word = "character") {
  return `${count.toLocaleString("en-GB")} ${word}${count === 1 ? "" : "s"}`;
}

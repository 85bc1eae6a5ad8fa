// The shades of WriteWithGPT: where the model looks, or what surprised it. Pure: no DOM.

import { attentionOf } from "./gpt_core.js";
import { sign } from "./gpt_words.js";

const LOUD = 3; // nats, a probability of 5 %

// The three places with the largest values; of equal ones the later.
function topThree(places, value) {
  return places.sort((a, b) => value(b) - value(a) || b - a).slice(0, 3);
}

// How much place t looks at each place. name(place): how the legend calls it.
function attentionShades(text, { layer, head }, t, name) {
  const list = Array.from({ length: text.length }, () => [0, false]);
  const { start, weights } = attentionOf(text, layer, head, t);
  const top = topThree(Array.from(weights.keys()), (i) => weights[i]);
  weights.forEach((weight, i) => { list[start + i] = [weight / weights[top[0]], top.includes(i)]; });
  const named = top.map((i) => `${start + i === t ? "itself" : name(start + i)} ${weights[i].toFixed(2)}`);
  const who = head < 0 ? "mean of the heads" : `head ${head + 1}`;
  return { list, legend: `Layer ${layer + 1}, ${who}: ${name(t)} looks most at ${named.join(", ")} (underlined). The stronger the shade, the more.` };
}

function surpriseShades(items, name) {
  const list = items.map((item, i) => (i ? [Math.min(1, item.surprise / 5), item.surprise >= LOUD] : [0, false]));
  const top = topThree(items.map((_, i) => i).slice(1), (i) => items[i].surprise);
  const named = top.map((i) => `${name(i)} ${items[i].surprise.toFixed(1)}`);
  const most = named.length ? ` Most: ${named.join(", ")}.` : "";
  return { list, legend: `The stronger the shade, the more it surprised the model; underlined from ${LOUD} nats (5 %) on.${most}` };
}

// {list, legend}: for each character its shade from 0 to 1 and whether it stands out; and what
// the shades show. now: {paint, layer, head}; items: [{token, surprise}].
export function shadesOf(text, chars, items, now, t) {
  const name = (place) => `${sign(chars[items[place].token])} (place ${place + 1})`;
  if (now.paint === "attention") return attentionShades(text, now, t, name);
  if (now.paint === "surprise") return surpriseShades(items, name);
  return { list: items.map(() => [0, false]), legend: "" };
}

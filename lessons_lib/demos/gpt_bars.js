// The bars of WriteWithGPT: the most probable next characters, each a button that chooses it.

import { clamp, el, keys } from "./kit.js";
import { entropy } from "./gpt_core.js";
import { percent, sign, spoken } from "./gpt_words.js";

const ROWS = 10;

// Returns {node, show}; `onChoose(token)` is called when the reader presses a bar.
export function makeBars(life, chars, onChoose) {
  const title = el("p", { class: "fnd-title" });
  const key = el("p", { class: "fnd-note" });
  const rest = el("p", { class: "fnd-note" });
  const bars = el("div", { class: "fnd-bars", role: "group", "aria-label": "Most probable next characters; arrow keys move" });
  const rows = Array.from({ length: Math.min(ROWS, chars.length) }, (_, i) => {
    const parts = { letter: el("b"), own: el("i", { class: "fnd-own" }), left: el("i", { class: "fnd-left" }), said: el("small") };
    const node = el("button", { type: "button", tabindex: i ? "-1" : "0" }, parts.letter, el("span", {}, parts.own, parts.left), parts.said);
    life.on(node, "click", () => onChoose(rows[i].token));
    bars.append(node);
    return { node, token: 0, ...parts };
  });

  function focusRow(i) {
    const chosen = clamp(i, 0, rows.length - 1);
    rows.forEach(({ node }, k) => { node.tabIndex = k === chosen ? 0 : -1; });
    rows[chosen].node.focus();
  }
  const here = () => Math.max(0, rows.findIndex(({ node }) => node === document.activeElement));
  keys(life, bars, {
    ArrowDown() { focusRow(here() + 1); }, ArrowUp() { focusRow(here() - 1); }, Home() { focusRow(0); }, End() { focusRow(ROWS); },
  });

  function fill(row, token, { own, probs }, came) {
    const [model, drawn] = [own[token], probs[token]];
    const isCame = token === came;
    row.token = token;
    row.letter.textContent = sign(chars[token]);
    row.own.style.width = `${100 * model}%`;
    row.left.style.width = `${100 * drawn}%`;
    row.node.classList.toggle("fnd-cut", !drawn);
    row.node.classList.toggle("fnd-came", isCame);
    const result = drawn ? `${percent(drawn)} %` : "cut off";
    row.said.textContent = `${percent(model)} → ${result}`;
    row.node.setAttribute("aria-label", `${spoken(chars[token])}: model ${percent(model)} %, ${drawn ? "drawn with " : ""}${result}${isCame ? ", this one came" : ""}`);
  }

  // next: what `shapeNext` made; came: the token that stands there already, or null at the end.
  function show(heading, next, came) {
    const shown = next.order.slice(0, rows.length);
    if (came !== null && !shown.includes(came)) shown[shown.length - 1] = came;
    shown.forEach((token, i) => fill(rows[i], token, next, came));
    const kept = next.probs.filter((p) => p > 0).length;
    title.textContent = heading;
    key.textContent = `Outlined: the model's own chances. Filled: what it draws from. ${came === null ? "Press one to choose it." : "▸ marks the one that came."}`;
    rest.textContent = `${kept} of ${chars.length} may come. Entropy: the model's own ${entropy(next.own).toFixed(2)} nats, now ${entropy(next.probs).toFixed(2)}.`;
  }

  return { node: el("div", {}, title, key, bars, rest), show };
}

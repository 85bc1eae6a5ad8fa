// A question with choices: a quiz that explains each choice, or a prediction to commit to.
import { el, getProgress, rich, setProgress } from "./kit.js";

let groups = 0;

export function mount(body, state, life) {
  const { kind, name, question, code, choices } = state;
  const isQuiz = kind === "quiz";
  const group = `fnd-choice-${groups += 1}-${Math.floor(Math.random() * 1e9)}`;
  const inputs = choices.map((_, index) => el("input", { type: "radio", name: group, value: index }));
  const tags = choices.map(() => el("span", { class: "fnd-tag" }));
  const labels = choices.map((choice, index) => el("label", { class: "fnd-choice" },
    inputs[index], el("span", {}, ...rich(choice.text), " ", tags[index])));
  const said = el("div", { class: "fnd-feedback", role: "status", "aria-live": "polite" });
  const commit = el("button", { type: "button", class: "fnd-primary", text: isQuiz ? "Check answer" : "Commit" });
  const again = el("button", { type: "button", text: "Predict again", hidden: true });
  let tries = 0;

  const chosen = () => inputs.findIndex((input) => input.checked);
  const word = (text) => el("strong", { text: text + " " });

  function quizFeedback(index) {
    const choice = choices[index];
    const verdict = choice.right ? "\u2713 Right." : "\u2717 Not this one.";
    tags[index].textContent = choice.right ? "(right)" : "(not this one)";
    labels[index].dataset.mark = choice.right ? "right" : "wrong";
    return [el("p", {}, word(verdict), ...rich(choice.feedback))];
  }

  function predictionFeedback(index) {
    const choice = choices[index];
    tags[index].textContent = "(your prediction)";
    const lines = [el("p", {}, word("\u2192 You predicted:"), ...rich(choice.text))];
    lines.push(el("p", {}, ...rich(choice.feedback)));
    const right = choices.find((other) => other.right);
    if (!choice.right && right) {
      lines.push(el("p", {}, word("What happens:"), ...rich(right.text)));
      lines.push(el("p", {}, ...rich(right.feedback)));
    }
    lines.push(el("p", { class: "fnd-note", text: "Compare it with what the next cell shows." }));
    return lines;
  }

  function clear() {
    said.replaceChildren();
    tags.forEach((tag) => { tag.textContent = ""; });
    labels.forEach((label) => { delete label.dataset.mark; });
  }

  function reveal(index) {
    clear();
    said.replaceChildren(...(isQuiz ? quizFeedback(index) : predictionFeedback(index)));
    lock(!isQuiz);
  }

  // A prediction that was committed to is not changed afterwards, only made again.
  function lock(isLocked) {
    inputs.forEach((input, index) => { input.disabled = isLocked && index !== chosen(); });
    commit.hidden = isLocked;
    again.hidden = !isLocked;
  }

  function answer() {
    const index = chosen();
    if (index < 0) {
      said.replaceChildren(el("p", { text: "Choose one of the answers first." }));
      return;
    }
    tries += 1;
    reveal(index);
    if (!isQuiz || choices[index].right) setProgress(kind, name, { choice: index, tries });
    if (!isQuiz) again.focus();
  }

  function restart() {
    clear();
    lock(false);
    inputs.forEach((input) => { input.checked = false; });
    inputs[0].focus();
  }

  // What was answered before, here or in another view of the same question; also a reset.
  function restore() {
    const saved = getProgress(kind, name);
    if (!saved && tries) {
      tries = 0;
      clear();
      lock(false);
      inputs.forEach((input) => { input.checked = false; });
    } else if (saved && Number.isInteger(saved.choice) && inputs[saved.choice] && saved.choice !== chosen()) {
      tries = saved.tries || 1;
      inputs[saved.choice].checked = true;
      reveal(saved.choice);
    }
  }

  life.on(commit, "click", answer);
  life.on(again, "click", restart);
  for (const input of inputs) {
    life.on(input, "change", () => { if (isQuiz) clear(); });
    life.on(input, "keydown", (event) => { if (event.key === "Enter" && !commit.hidden) answer(); });
  }
  life.on(document, "lesson-progress", ({ detail }) => {
    if (!detail || !detail.name || (detail.kind === kind && detail.name === name)) restore();
  });
  body.append(el("div", { class: "fnd-stack fnd-question" },
    el("fieldset", {},
      el("legend", {}, el("span", { class: "fnd-kind", text: isQuiz ? "Quiz" : "Predict" }), el("span", {}, ...rich(question))),
      code ? el("pre", { class: "fnd-code", tabindex: "0" }, el("code", { text: code })) : null,
      el("div", { class: "fnd-choices" }, ...labels)),
    el("div", { class: "fnd-row" }, commit, again),
    said));
  restore();
}

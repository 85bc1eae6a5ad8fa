// PlacementTest: ten questions, one after another, lead to the lesson to start with.
// state: {part, questions: [{lesson, page, question, code, choices: [{text, feedback, right}]}]}

import { button, el, rich, status } from "./kit.js";
import { advice } from "./placement_core.js";

let groups = 0;

export function mount(root, state, life) {
  const { questions } = state;
  const answers = questions.map(() => null);
  const group = "fnd-placement-" + (groups += 1) + "-" + Math.floor(Math.random() * 1e9);
  let at = 0;

  const line = status(life);
  const place = el("div", {});
  const back = button(life, { label: "Back", onClick: () => show(at - 1) });
  const next = button(life, { label: "Next", primary: true, onClick: go });
  root.append(el("div", { class: "fnd-stack" }, place, el("div", { class: "fnd-row" }, back.node, next.node), line.node));
  show(0, true);

  // The last choice of each question is an honest one: it counts as "read this lesson".
  function question(index) {
    const { question: text, code, choices } = questions[index];
    const texts = [...choices.map((choice) => choice.text), "I do not know."];
    const inputs = texts.map((_, i) => el("input", { type: "radio", name: group, value: i, checked: answers[index] === i }));
    inputs.forEach((input, i) => life.on(input, "change", () => { answers[index] = i; line.say(""); }));
    return el("fieldset", { class: "fnd-pt-question" },
      el("legend", { tabindex: "-1" }, el("span", { class: "fnd-label", text: "Question " + (index + 1) + " of " + questions.length }), ...rich(text)),
      code ? el("pre", { class: "fnd-pt-code", tabindex: "0" }, el("code", { text: code })) : null,
      ...texts.map((text_, i) => el("label", { class: "fnd-pt-choice" }, inputs[i], el("span", {}, ...rich(text_)))));
  }

  function go() {
    if (at < questions.length && answers[at] === null) line.say("Choose an answer first, or say that you do not know.");
    else show(at < questions.length ? at + 1 : 0);
  }

  function show(index, isFirst) {
    if (at === questions.length && index === 0) answers.fill(null);
    at = index;
    const isEnd = at === questions.length;
    place.replaceChildren(isEnd ? result() : question(at));
    back.node.disabled = at === 0;
    next.label = isEnd ? "Start again" : at === questions.length - 1 ? "Show the result" : "Next";
    if (!isFirst) place.querySelector("[tabindex='-1']").focus();
    if (!isEnd) line.say("");
  }

  function result() {
    const { right, start, lessons } = advice(questions, answers);
    const link = ({ page, lesson }) => el("a", { href: page, text: lesson });
    const first = start ? ["Start with ", link(start), "."] : ["You know this part: go on to the next one."];
    line.say(right + " of " + questions.length + " answers are right. " + (start ? "Start with: " + start.lesson + "." : "You know this part."));
    return el("section", { class: "fnd-pt-result" },
      el("h3", { class: "fnd-pt-title", tabindex: "-1" }, ...first),
      el("p", { text: right + " of " + questions.length + " answers are right." }),
      el("ol", { class: "fnd-pt-list" }, ...lessons.map((lesson) => el("li", {}, link(lesson), lesson.isKnown ? ": you can skip it." : ": read it.",
        ...lesson.missed.map(({ index, feedback }) => el("p", { class: "fnd-note" }, el("b", { text: "Question " + (index + 1) + ". " }), ...rich(feedback)))))));
  }
}

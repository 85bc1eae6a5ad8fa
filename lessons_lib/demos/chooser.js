// Chooser: five questions lead to an architecture to start with, and say why.
// state: {questions, architectures, rules, notes, lessons, answers, home}

import { challenges, el, segmented, status } from "./kit.js";
import { fits, recommend, turningPoints } from "./chooser_core.js";

export function mount(root, state, life) {
  const { questions, architectures, rules, notes, lessons } = state;
  const answers = { ...state.answers };
  const without = new Set();
  // On the page of the book itself, lessons are neighbours, also in a copy without network.
  const home = /\/practice\/choosing\.html$/.test(location.pathname) ? "../" : state.home;

  const line = status(life);
  const goals = challenges(life, [
    { name: "choosing.no_network", text: "Find three kinds of data for which the start is no deep network.", check: () => without.size >= 3 },
    { name: "choosing.same_start", text: "Find answers that no single other amount of data or computer would change.", check: (facts) => facts.isFirm },
  ]);
  const controls = Object.fromEntries(Object.entries(questions).map(([key, { label, options }]) => [key, segmented(life, {
    label, options: Object.entries(options), value: answers[key], onInput(value) { answers[key] = value; changed(true); },
  })]));
  const title = el("h3", { class: "fnd-ch-title" });
  const what = el("p", {});
  const why = el("ul", { class: "fnd-ch-list" });
  const facts = el("dl", { class: "fnd-ch-facts" });
  const lesson = el("p", {});
  const others = el("div", { class: "fnd-ch-others" });
  const remarks = el("ul", { class: "fnd-ch-list" });
  const turns = el("ul", { class: "fnd-ch-list" });
  const small = (text) => el("p", { class: "fnd-label", text });

  root.append(
    el("div", { class: "fnd-ch-all" },
      el("div", { class: "fnd-stack fnd-ch-questions" }, ...Object.values(controls).map((control) => control.node)),
      el("div", { class: "fnd-stack" },
        el("section", { class: "fnd-ch-start" }, small("Start with"), title, what, why, facts, lesson),
        line.node,
        el("div", {}, small("Two alternatives"), others),
        el("div", {}, small("Keep in mind"), remarks),
        el("div", {}, small("One other answer would change the start"), turns))),
    goals.node);
  changed(false);

  function openLesson(key) {
    const { title: name, page, here } = lessons[key];
    const where = page && home ? el("a", { href: home + page + ".html", text: name }) : el("span", { text: name + (page || here ? "" : ", still to come") });
    return el("span", {}, "Lesson: ", where);
  }

  function changed(byReader) {
    const rule = recommend(rules, answers);
    const start = architectures[rule.start];
    title.textContent = start.name;
    what.textContent = "Best for " + start.best_for + ".";
    why.replaceChildren(...rule.why.map((text) => el("li", { text })));
    facts.replaceChildren(...[["Strength", start.strength], ["Weakness", start.weakness], ["Needs", start.needs], ["Difficulty", start.difficulty], ["Source", start.source]]
      .map(([name, text]) => el("div", {}, el("dt", { text: name }), el("dd", { text }))));
    lesson.replaceChildren(openLesson(start.lesson));
    others.replaceChildren(...rule.others.map((key) => el("section", {},
      el("h4", { class: "fnd-ch-other", text: architectures[key].name }),
      el("p", { text: "Rather, if " + architectures[key].rather + "." }), el("p", { class: "fnd-note" }, openLesson(architectures[key].lesson)))));
    remarks.replaceChildren(...notes.filter(({ when }) => fits(when, answers)).map(({ text }) => el("li", { text })));
    const points = turningPoints(state, answers);
    turns.replaceChildren(...(points.length ? points.map(({ question, value, start: next }) =>
      el("li", {}, questions[question].label.replace("?", ":") + " ", el("b", { text: questions[question].options[value] }), " \u2192 " + architectures[next].name)) : [el("li", { text: "None." })]));
    line.say("Start with: " + start.name + ". Alternatives: " + rule.others.map((key) => architectures[key].name).join("; ") + ".");
    if (!start.is_deep) without.add(answers.data);
    else without.delete(answers.data);
    if (byReader) goals.test({ isFirm: points.every(({ question }) => question !== "amount" && question !== "compute") });
  }
}

// The rules of the Chooser, applied. Pure: no DOM. The tables come from Python.

export function fits(when, answers) {
  return Object.entries(when).every(([question, value]) => answers[question] === value);
}

// The first rule that fits.
export function recommend(rules, answers) {
  return rules.find(({ when }) => fits(when, answers));
}

// Which single other answer would change the start: [{question, value, start}, ...].
export function turningPoints({ questions, rules }, answers) {
  const { start } = recommend(rules, answers);
  return Object.entries(questions).flatMap(([question, { options }]) => Object.keys(options)
    .filter((value) => value !== answers[question])
    .map((value) => ({ question, value, start: recommend(rules, { ...answers, [question]: value }).start }))
    .filter((found) => found.start !== start));
}

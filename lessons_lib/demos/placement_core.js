// What the answers of a placement test mean. Pure ES module without DOM.

// answers[i] is the number of the choice; one past the last choice means "I do not know".
// Returns how many are right, the lesson to start with (null: none), and every lesson with
// what was missed in it. A lesson is known if all its questions were answered right.
export function advice(questions, answers) {
  const lessons = [];
  let right = 0;
  questions.forEach(({ lesson, page, choices }, index) => {
    let entry = lessons.find((known) => known.page === page);
    if (!entry) lessons.push(entry = { lesson, page, isKnown: true, missed: [] });
    const chosen = choices[answers[index]];
    if (chosen && chosen.right) {
      right += 1;
    } else {
      entry.isKnown = false;
      entry.missed.push({ index, feedback: (chosen || choices.find((choice) => choice.right)).feedback });
    }
  });
  return { right, start: lessons.find((entry) => !entry.isKnown) || null, lessons };
}

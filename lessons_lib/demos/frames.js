import { challenges, el, select, slider, status } from "./kit.js";

// The page life of lessons_lib/explore.py: sliders over pictures that were drawn beforehand.
// state: {controls: [{label, texts, slider}], frames: [{alt, said, reached}], pictures: [address
// of each picture but the first], width, height, kind: "plot" | "photo", goal: {name, text} | null}
// The first picture is the one that stands there without scripts.
export function mount(root, state, life) {
  const still = life.root.querySelector(".fnd-fallback img");
  const pictures = [still.getAttribute("src"), ...state.pictures];
  const image = el("img", {
    class: `lesson-figure ${state.kind}`, width: state.width, height: state.height,
  });
  const line = status(life);
  const goals = state.goal && challenges(life, [
    { ...state.goal, check: (frame) => frame.reached },
  ]);
  const controls = state.controls.map(({ label, texts, slider: slides }) => (slides
    ? slider(life, { label, values: texts, value: texts[0], onInput: changed })
    : select(life, { label, options: texts, value: texts[0], onInput: changed })));
  // The last control changes fastest, as in itertools.product.
  function chosen() {
    return controls.reduce((at, control, which) => {
      const { texts } = state.controls[which];
      return at * texts.length + texts.indexOf(control.value);
    }, 0);
  }
  function show() {
    const at = chosen();
    image.alt = state.frames[at].alt;
    image.src = pictures[at];
    line.say(state.frames[at].said);
    return state.frames[at];
  }
  function changed() {
    const frame = show();
    if (goals) goals.test(frame);
  }
  // Pictures that are files come in before they are asked for, once somebody is here.
  let fetched = false;
  life.on(root, "pointerenter focusin", () => {
    if (fetched) return;
    fetched = true;
    for (const address of pictures) {
      if (!address.startsWith("data:")) new Image().src = address;
    }
  });

  show();
  root.append(el("div", { class: "fnd-split" },
    el("div", { class: "fnd-stack" }, image, line.node),
    el("div", { class: "fnd-stack" }, ...controls.map((control) => control.node),
      goals ? goals.node : null)));
}

// DiffusionLab: points of the plane, or a digit, come out of noise, one step at a time.

import { axes, button, canvas, challenges, el, loop, rng, segmented, select, slider, status, toggle } from "./kit.js";
import { NAMES, drawData, energyDistance, makeData, noised, sample, spread } from "./diffusion_core.js";
import { backTo, eulerStep, likeness, loadUnet, prefers } from "./diffusion_unet.js";

const COUNT = 500;
const TRAILS = 16;
const SIDE = 28;

function one(digit) {
  return digit === 8 ? "an 8" : `a ${digit}`;
}

export function mount(root, state, life) {
  if (state.part === "points") mountPoints(root, state, life);
  else mountDigits(root, state, life);
}

// ---------------------------------------------------------------- points

// state: {steps: [allowed], settings: {data, sampler, steps, guidance}}
function mountPoints(root, state, life) {
  const now = { ...state.settings, way: "back", label: null, seed: 1 };
  let data = null;
  let real = [];
  let path = [];
  let at = 0;
  let measured = null;

  const view = canvas(life, {
    label: "", aspect: 1,
    draw(context, width, height) {
      const { colors } = life;
      const map = axes(context, colors, { width, height, x: [-3.2, 3.2], y: [-3.2, 3.2] });
      map.clip();
      context.globalAlpha = 0.55;
      for (let i = 0; i < data.x.length; i += 1) {
        const [x, y] = [map.x(data.x[i]), map.y(data.y[i])];
        context.strokeStyle = data.labels[i] ? colors.orange : colors.line;
        context.beginPath();
        if (data.labels[i]) { context.moveTo(x, y - 4); context.lineTo(x + 4, y + 3); context.lineTo(x - 4, y + 3); context.closePath(); } else context.arc(x, y, 3, 0, 2 * Math.PI);
        context.stroke();
      }
      context.globalAlpha = 1;
      if (trails.value) drawTrails(context, map, colors);
      context.fillStyle = colors.blue;
      for (const [x, y] of path[at]) {
        context.beginPath();
        context.arc(map.x(x), map.y(y), 2.4, 0, 2 * Math.PI);
        context.fill();
      }
      context.restore();
    },
  });

  function drawTrails(context, map, colors) {
    context.strokeStyle = colors.purple;
    context.lineWidth = 1.2;
    for (let i = 0; i < TRAILS; i += 1) {
      context.beginPath();
      for (let k = 0; k <= at; k += 1) context.lineTo(map.x(path[k][i][0]), map.y(path[k][i][1]));
      context.stroke();
    }
  }

  const line = status(life);
  const goals = challenges(life, [
    {
      name: "diffusion.few_steps",
      text: "Both moons, without a class, in at most 5 steps: a distance below 0.04.",
      check: ({ data: name, label, steps, distance }) => name === "moons" && label === null && steps <= 5 && distance < 0.04,
    },
    {
      name: "diffusion.guidance",
      text: "One moon alone, in 10 steps or more, with so much guidance that its points keep less than 0.6 of their spread.",
      check: ({ data: name, label, steps, kept }) => name === "moons" && label !== null && steps >= 10 && kept < 0.6,
    },
  ]);

  const set = (key) => (value) => { now[key] = value; restart(); };
  const names = { moons: "two moons", ring: "ring of eight", spirals: "two spirals" };
  const way = segmented(life, { label: "Direction", options: [["back", "noise to data"], ["there", "data to noise"]], value: now.way, onInput: set("way") });
  const which = select(life, { label: "Data", options: NAMES.map((name) => [name, names[name]]), value: now.data, onInput: set("data") });
  const sampler = segmented(life, { label: "Sampler", options: [["ddpm", "DDPM"], ["ddim", "DDIM"], ["flow", "flow"]], value: now.sampler, onInput: set("sampler") });
  const steps = slider(life, { label: "Steps", values: state.steps, value: now.steps, onInput: set("steps") });
  const label = segmented(life, { label: "Class", options: [[null, "none"], [0, "circles"], [1, "triangles"]], value: null, onInput: set("label") });
  const guidance = slider(life, { label: "Guidance", min: 0, max: 8, step: 0.5, value: now.guidance, onInput: set("guidance") });
  const trails = toggle(life, { label: "Trails of 16 points", onInput: show });
  const time = slider(life, {
    label: "Time", min: 0, max: now.steps, step: 1, value: 0, format: (k) => `step ${k}`,
    onInput(k) { ride.stop(); at = k; show(); },
  });
  const ride = loop(life, (seconds) => {
    waited += (seconds * (path.length - 1)) / 2.5;
    if (waited < 1) return;
    at = Math.min(at + Math.floor(waited), path.length - 1);
    waited %= 1;
    if (at === path.length - 1) ride.stop();
    show();
  }, { onChange(running) { play.label = running ? "Pause" : "Play"; } });
  let waited = 0;
  const play = button(life, {
    label: "Play", primary: true,
    onClick() {
      if (!ride.running && at === path.length - 1) { at = 0; show(); }
      ride.toggle();
    },
  });
  const again = button(life, { label: "New noise", onClick() { now.seed += 1; restart(); } });

  // Everything is computed at once; the time slider only looks at it.
  function restart() {
    ride.stop();
    data = makeData(now.data);
    real = drawData(data, COUNT, now.label, 1000);
    path = now.way === "there"
      ? noised(real, now.seed, 50)
      : sample({ ...now, data, count: COUNT, scale: now.guidance });
    at = path.length - 1;
    time.input.max = at;
    time.value = at;
    const last = path[at];
    measured = now.way === "back" ? { distance: energyDistance(last, real), kept: spread(last) / spread(real) } : null;
    for (const control of [sampler, label]) for (const input of control.inputs) input.disabled = now.way === "there" && control === sampler;
    steps.input.disabled = now.way === "there";
    guidance.input.disabled = now.way === "there" || now.label === null;
    show();
    if (measured) goals.test({ ...now, ...measured });
  }

  function show() {
    time.value = at;
    const many = path.length - 1;
    const kind = { ddpm: "DDPM", ddim: "DDIM", flow: "flow" }[now.sampler];
    if (now.way === "there") {
      line.say(`Noise added in closed form, time ${at * 20} of 1,000. ${at === many ? "Nothing of the data is left." : ""}`);
    } else if (at === many) {
      const fresh = Math.max(0, energyDistance(drawData(data, COUNT, now.label, 2000), real)).toFixed(3);
      line.say(`${kind}, ${many} ${many === 1 ? "step" : "steps"}: distance to the data ${Math.max(0, measured.distance).toFixed(3)} (two sets of real points: ${fresh}), spread ${measured.kept.toFixed(2)} of the data's.`);
    } else {
      line.say(`${kind}: after ${at} of ${many} steps.`);
    }
    const asked = now.label === null ? "both classes" : now.label ? "the triangles" : "the circles";
    view.label = `${COUNT} points over the data, ${names[now.data]}, ${asked}: ${now.way === "there" ? "on the way to noise" : "on the way from noise"}, step ${at} of ${many}.`;
    view.redraw();
  }

  root.append(el("div", { class: "fnd-split" },
    el("div", { class: "fnd-stack" }, view.node, time.node, line.node),
    el("div", { class: "fnd-stack" },
      el("div", { class: "fnd-row" }, play.node, again.node), trails.node, way.node, which.node, sampler.node, steps.node, label.node, guidance.node)),
  el("div", { class: "fnd-stack fnd-below" },
    el("p", { class: "fnd-note", text: "No network here: for these data the best answer is known exactly, so all errors are those of the sampler." }),
    goals.node));
  restart();
}

// ---------------------------------------------------------------- digits

function makePicture() {
  const image = document.createElement("canvas");
  image.width = SIDE;
  image.height = SIDE;
  const context = image.getContext("2d");
  const data = context.createImageData(SIDE, SIDE);
  return {
    image,
    paint(values) {
      for (let i = 0; i < values.length; i += 1) {
        const grey = (values[i] + 1) * 127.5;
        data.data[4 * i] = grey;
        data.data[4 * i + 1] = grey;
        data.data[4 * i + 2] = grey;
        data.data[4 * i + 3] = 255;
      }
      context.putImageData(data, 0, 0);
      return image;
    },
  };
}

// state: {net, steps: [allowed], settings: {digit, steps, guidance}}
function mountDigits(root, state, life) {
  const net = loadUnet(state.net);
  const now = { ...state.settings, seed: 1, from: 0.5 };
  const paper = makePicture();
  let path = [];
  let goal = [];
  let at = 0;
  let origin = null;
  let verdict = null;

  const paintField = (context, values, x, y, side) => {
    context.imageSmoothingEnabled = false;
    context.drawImage(paper.paint(values), x, y, side, side);
  };
  const picture = canvas(life, { label: "", aspect: 1, draw: (context, width) => paintField(context, path[at].pixels, 0, 0, width) });
  const heading = canvas(life, { label: "", aspect: 1, draw: (context, width) => paintField(context, path[at].target, 0, 0, width) });
  const strip = canvas(life, {
    label: "The pictures so far, from noise on the left", height: 58,
    draw(context, width, height) {
      const many = Math.max(2, Math.min(11, Math.floor(width / (height + 4)), goal.length));
      const side = Math.min(height, width / many - 4);
      for (let i = 0; i < many; i += 1) {
        const k = Math.round((i * (goal.length - 1)) / (many - 1));
        const x = i * (side + 4);
        if (k < path.length) paintField(context, path[k].pixels, x, 0, side);
        context.strokeStyle = life.colors.grid;
        context.strokeRect(x + 0.5, 0.5, side - 1, side - 1);
      }
    },
  });

  const line = status(life);
  const goals = challenges(life, [
    {
      name: "diffusion.back",
      text: "Draw a 3, add noise, and let it become an 8 that is still like the 3: a likeness of at least 0.5, and the network reads an 8.",
      check: (facts) => facts.was === 3 && facts.digit === 8 && facts.alike >= 0.5 && facts.changed,
    },
  ]);

  const digit = segmented(life, { label: "Digit", options: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], value: now.digit, onInput(value) { now.digit = value; begin(); } });
  const steps = slider(life, { label: "Steps", values: state.steps, value: now.steps, onInput(value) { now.steps = value; begin(); } });
  const guidance = slider(life, { label: "Guidance", min: 0, max: 8, step: 0.5, value: now.guidance, onInput(value) { now.guidance = value; begin(); } });
  const time = slider(life, {
    label: "Time", min: 0, max: 1, step: 1, value: 0, format: (k) => (goal.length ? goal[k].toFixed(2) : "0"),
    onInput(k) { ride.stop(); go(k); },
  });
  const ride = loop(life, (seconds) => {
    waited += seconds;
    if (waited < Math.min(0.25, 2.5 / goal.length)) return;
    waited = 0;
    if (at < goal.length - 1) go(at + 1);
    if (at === goal.length - 1) ride.stop();
  }, { onChange(running) { play.label = running ? "Pause" : "Draw"; } });
  let waited = 0;
  const play = button(life, {
    label: "Draw", primary: true,
    onClick() {
      if (!ride.running && at === goal.length - 1) begin();
      ride.toggle();
    },
  });
  const step = button(life, { label: "Step", onClick() { ride.stop(); if (at === goal.length - 1) begin(); go(at + 1); } });
  const again = button(life, { label: "New noise", onClick() { now.seed += 1; origin = null; begin(); } });
  const from = slider(life, { label: "Back to time", min: 0.1, max: 0.9, step: 0.1, value: now.from, onInput(value) { now.from = value; if (origin) begin(); } });
  const back = button(life, {
    label: "Add noise", title: "go back with the finished picture; then choose a digit and draw again",
    onClick() {
      ride.stop();
      go(goal.length - 1);
      origin = { pixels: path[at].pixels, digit: now.digit };
      now.seed += 1;
      begin();
    },
  });
  const fresh = button(life, { label: "From pure noise", onClick() { origin = null; begin(); } });

  // The first picture, nothing drawn yet: noise, or a finished picture with new noise.
  function begin() {
    const wasRunning = ride.running;
    const random = rng(now.seed);
    const noise = Float32Array.from({ length: SIDE * SIDE }, () => random.normal());
    const start = origin ? now.from : 0;
    const many = Math.max(1, Math.round(now.steps * (1 - start)));
    goal = Array.from({ length: many + 1 }, (_, k) => start + ((1 - start) * k) / many);
    path = [{ pixels: origin ? backTo(origin.pixels, start, noise) : noise, target: new Float32Array(SIDE * SIDE).fill(-1) }];
    time.input.max = many;
    fresh.node.disabled = !origin;
    go(0);
    if (wasRunning) ride.start();
  }

  function go(next) {
    while (path.length <= next) {
      const k = path.length - 1;
      path.push(eulerStep(net, path[k].pixels, goal[k], goal[k + 1], now.digit, now.guidance));
    }
    at = next;
    verdict = origin && at === goal.length - 1 ? verdict || judge() : null;
    show();
    if (verdict) goals.test({ ...now, ...verdict });
  }

  // What became of a picture that went back: how like it is, and which digit it shows now.
  function judge() {
    const picture = path[at].pixels;
    const random = rng(5);
    const noises = Array.from({ length: 6 }, () => Float32Array.from(picture, () => random.normal()));
    const changed = origin.digit !== now.digit && prefers(net, picture, now.digit, origin.digit, noises);
    return { was: origin.digit, alike: likeness(origin.pixels, picture), changed };
  }

  function show() {
    time.value = at;
    const many = goal.length - 1;
    const done = at === many;
    let text = at ? `Step ${at} of ${many}, time ${goal[at].toFixed(2)}.` : origin ? `With new noise, time ${goal[0].toFixed(2)}: it was ${one(origin.digit)}. Choose a digit and press Draw.` : "Pure noise, time 0. Press Draw.";
    if (done) text += ` Asked for ${one(now.digit)}, guidance ${now.guidance}.`;
    if (verdict) text += ` The network reads ${one(verdict.changed ? now.digit : origin.digit)}; likeness to the ${origin.digit} before: ${verdict.alike.toFixed(2)}.`;
    line.say(text);
    picture.label = `Picture at time ${goal[at].toFixed(2)}, ${done ? "finished" : "noise in it"}; asked for: ${now.digit}`;
    heading.label = at ? `Where the last answer pointed: a picture without noise, asked for: ${now.digit}` : "No answer yet";
    picture.redraw();
    heading.redraw();
    strip.redraw();
  }

  root.append(el("div", { class: "fnd-split" },
    el("div", { class: "fnd-stack" },
      el("div", { class: "fnd-two" },
        el("div", {}, el("p", { class: "fnd-note", text: "The picture now" }), picture.node),
        el("div", {}, el("p", { class: "fnd-note", text: "Where the network's last answer pointed" }), heading.node)),
      strip.node, time.node, line.node),
    el("div", { class: "fnd-stack" },
      el("div", { class: "fnd-ten" }, digit.node), el("div", { class: "fnd-row" }, play.node, step.node, again.node), steps.node, guidance.node,
      from.node, el("div", { class: "fnd-row" }, back.node, fresh.node))),
  el("div", { class: "fnd-below" }, goals.node));
  begin();
}

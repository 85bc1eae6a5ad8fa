// The numbers of every layer as pictures, and a closer look at one unit or channel.

import { canvas, clamp, diverging, el, field, fmt, keys, pointer } from "./kit.js";
import { SIDE } from "./draw_a_digit_core.js";
import { kernelsOf, receptive, strongest } from "./conv_kernels.js";

const WORK = { linear: "", conv: "convolution", max: "max pooling", mean: "mean pooling" };
const largest = (numbers) => numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);

// -> {box, panes, line, show(found, isActive), window()}; `onChoose` is called when the
// reader points at another unit. window(): the pixels that the chosen number looked at.
export function layerPanel(life, layers, isConv, onChoose) {
  const box = el("div", { class: isConv ? "fnd-dd-stages fnd-dd-wide" : "fnd-dd-stages" });
  const line = el("p", { class: "fnd-note" });
  const views = [];
  let found = [];
  // The unit that the reader chose, and the most active one, which is shown until then.
  let chosen = null;
  let liveliest = null;
  const current = () => chosen || liveliest;
  const weightField = field(SIDE, SIDE);
  const caption = (text) => el("p", { class: "fnd-label", text });

  const unitView = canvas(life, {
    label: "No unit chosen", aspect: 1,
    draw(context, width) {
      context.fillStyle = life.colors.surface;
      context.fillRect(0, 0, width, width);
      const shown = current() && unitPicture();
      if (!shown) return;
      context.imageSmoothingEnabled = false;
      context.drawImage(shown, 0, 0, width, width);
      const cell = chosenCell();
      if (!cell) return;
      const { shape } = found[current().index];
      const [across, down] = [width / shape[2], width / shape[1]];
      context.lineWidth = 2;
      context.strokeStyle = life.colors.text;
      context.strokeRect(cell.column * across + 1, cell.row * down + 1, across - 2, down - 2);
    },
  });
  const kernelCaption = caption("Its kernel");
  const kernelView = canvas(life, {
    label: "No kernel chosen", aspect: 1,
    draw(context, width) {
      context.fillStyle = life.colors.surface;
      context.fillRect(0, 0, width, width);
      const { index, part } = current() || {};
      if (index === undefined || found[index].kind !== "conv") return;
      const { count, height, width: wide, values } = kernelsOf(found[index].layer, part);
      const columns = Math.ceil(Math.sqrt(count));
      const size = width / columns;
      const gap = count > 1 ? 2 : 0;
      const high = largest(values);
      const picture = field(wide, height);
      context.imageSmoothingEnabled = false;
      for (let i = 0; i < count; i += 1) {
        picture.paint(values.subarray(i * height * wide, (i + 1) * height * wide), -high, high, life.dark);
        context.drawImage(picture.image, (i % columns) * size + gap, Math.floor(i / columns) * size + gap, size - 2 * gap, size - 2 * gap);
      }
    },
  });
  const panes = [el("div", {}, caption(isConv ? "Its map" : "A unit looks for"), unitView.node)];
  if (isConv) panes.push(el("div", {}, kernelCaption, kernelView.node));

  function show(stages, isActive) {
    found = stages;
    if (views.length !== found.length) found.forEach((stage, i) => addStage(stage, i));
    const lively = found.length && isActive ? found[0].values.length / found[0].shape[0] : 0;
    liveliest = lively ? { index: 0, part: Math.floor(found[0].values.indexOf(Math.max(...found[0].values)) / lively) } : null;
    views.forEach((view, i) => {
      const { values } = found[i];
      const active = values.filter((value) => value > 0).length;
      view.label = view.name + ": " + active + " of " + values.length + " numbers are above 0. Arrow keys choose a " + view.part + ".";
      view.redraw();
    });
    showUnit();
  }

  function addStage({ kind, shape, after }, index) {
    const isFlat = shape.length === 1;
    const parts = shape[0];
    const columns = isFlat ? 2 ** Math.ceil(Math.log2(Math.sqrt(parts) * 1.2)) : Math.ceil(Math.sqrt(2 * parts));
    const lines = Math.ceil(parts / columns);
    const images = isFlat ? null : Array.from({ length: parts }, () => field(shape[2], shape[1]));
    const name = isFlat ? parts + " units" + (after ? " after " + after : "")
      : parts + " channels of " + shape[1] + " \u00d7 " + shape[2] + ", " + WORK[kind] + (after ? " and " + after : "");
    const view = canvas(life, {
      label: name, aspect: columns / lines, focusable: true,
      draw(context, width) {
        const size = width / columns;
        const { values } = found[index];
        const area = values.length / parts;
        const high = largest(values);
        context.imageSmoothingEnabled = false;
        for (let i = 0; i < parts; i += 1) {
          const [x, y] = [(i % columns) * size, Math.floor(i / columns) * size];
          if (isFlat) {
            context.fillStyle = diverging(values[i] / high, life.dark);
            context.fillRect(x + 0.5, y + 0.5, size - 1, size - 1);
          } else {
            images[i].paint(values.subarray(i * area, (i + 1) * area), -high, high, life.dark);
            context.drawImage(images[i].image, x + 1, y + 1, size - 2, size - 2);
          }
          context.lineWidth = 1;
          context.strokeStyle = life.colors.grid;
          context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
          if (chosen && chosen.index === index && chosen.part === i) {
            context.lineWidth = 3;
            context.strokeStyle = life.colors.text;
            context.strokeRect(x + 1, y + 1, size - 2, size - 2);
          }
        }
      },
    });
    Object.assign(view, { name, part: isFlat ? "unit" : "channel" });
    Object.defineProperty(view, "label", { set(text) { view.node.setAttribute("aria-label", text); } });
    const choose = (part, cell = null) => {
      chosen = { index, part: clamp(part, 0, parts - 1), cell };
      for (const other of views) other.redraw();
      showUnit();
      onChoose();
    };
    const touch = (x, y) => {
      const size = view.node.clientWidth / columns;
      const [row, column] = [Math.floor(y / size), clamp(Math.floor(x / size), 0, columns - 1)];
      const place = (value, length) => clamp(Math.floor(value * length), 0, length - 1);
      choose(row * columns + column, isFlat ? null
        : { row: place(y / size - row, shape[1]), column: place(x / size - column, shape[2]) });
    };
    pointer(life, view.node, { hover: touch, down: touch, move: touch });
    view.node.style.touchAction = "pan-y";
    const step = (by) => () => choose((chosen && chosen.index === index ? chosen.part : -Math.sign(by)) + by);
    keys(life, view.node, { ArrowLeft: step(-1), ArrowRight: step(1), ArrowUp: step(-columns), ArrowDown: step(columns) });
    views.push(view);
    box.append(el("div", { class: "fnd-dd-stage" }, caption(name), view.node));
  }

  // Weights of a unit that reads the pixels, or the map of a channel.
  function unitPicture() {
    const { index, part } = current();
    const { layer, shape, values } = found[index];
    const isFirst = layer.kind === "linear" && index === 0 && layer.shape[1] === SIDE * SIDE;
    if (!isFirst && shape.length === 1) return null;
    const size = isFirst ? SIDE * SIDE : values.length / shape[0];
    const numbers = (isFirst ? layer.weight : values).subarray(part * size, (part + 1) * size);
    const picture = isFirst ? weightField : field(shape[2], shape[1]);
    const high = largest(numbers);
    picture.paint(numbers, -high, high, life.dark);
    return picture.image;
  }

  // In a map: the number that the reader points at, else the largest one.
  function chosenCell() {
    const now = current();
    if (!now || found[now.index].shape.length === 1) return null;
    const { values, shape } = found[now.index];
    if (!now.cell) return strongest(found[now.index], now.part);
    const { row, column } = now.cell;
    return { row, column, value: values[(now.part * shape[1] + row) * shape[2] + column] };
  }

  function window() {
    const cell = chosenCell();
    return cell && receptive(layers, found[current().index].at, cell.row, cell.column, SIDE);
  }

  function showUnit() {
    const { index, part } = current() || {};
    if (index !== undefined) {
      const { shape, values, kind, layer } = found[index];
      const isFlat = shape.length === 1;
      const text = (isFlat ? "Unit " + part + " answers " + fmt(values[part], 2) : "Channel " + part + ", enlarged") + (chosen ? "." : ", the most active one.");
      line.textContent = text + (unitPicture() && isFlat ? " Ink on orange raises it, ink on blue lowers it." : isFlat ? " It reads other units, so it has no picture of its own." : lookedAt());
      unitView.label = text;
      const count = kind === "conv" ? layer.shape[1] : 0;
      kernelCaption.textContent = count ? (count > 1 ? "Its " + count + " kernels" : "Its kernel") : "Has no kernel";
      kernelView.label = count ? count + (count > 1 ? " kernels of " : " kernel of ") + layer.shape[2] + " by " + layer.shape[3] : "No kernel";
    } else line.textContent = "Point at a unit, or choose one by arrow keys.";
    unitView.redraw();
    kernelView.redraw();
  }

  function lookedAt() {
    const cell = chosenCell();
    const [top, left, bottom, right] = window();
    return " The framed number, " + fmt(cell.value, 2) + ", looked at the framed " + (bottom - top + 1) + " \u00d7 " + (right - left + 1) + " pixels. Orange is above 0, blue below.";
  }

  return { box, panes, line, show, window };
}

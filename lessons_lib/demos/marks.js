// Small drawing parts that several demos share. Each works in CSS pixels on a 2D context.

// 0.30000000000000004 -> "0.3", -2.5 -> "−2.5": at most `digits` places, no trailing zeros.
export function num(value, digits = 2) {
  if (Object.is(value, undefined) || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const text = String(Number(value.toFixed(digits)));
  return text === "-0" ? "0" : text.replace("-", "−");
}

// As a factor in a product: negative numbers in brackets.
export function factor(value, digits = 2) {
  const text = num(value, digits);
  return text.startsWith("−") ? `(${text})` : text;
}

export function disc(context, x, y, radius, fill, edge = null, width = 2) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  paint(context, fill, edge, width);
}

export function triangle(context, x, y, radius, fill, edge = null, width = 2) {
  context.beginPath();
  context.moveTo(x, y - 1.2 * radius);
  context.lineTo(x + 1.1 * radius, y + 0.8 * radius);
  context.lineTo(x - 1.1 * radius, y + 0.8 * radius);
  context.closePath();
  paint(context, fill, edge, width);
}

export function square(context, x, y, radius, fill, edge = null, width = 2) {
  context.beginPath();
  context.rect(x - 0.88 * radius, y - 0.88 * radius, 1.76 * radius, 1.76 * radius);
  paint(context, fill, edge, width);
}

function paint(context, fill, edge, width) {
  if (fill) {
    context.fillStyle = fill;
    context.fill();
  }
  if (edge) {
    context.strokeStyle = edge;
    context.lineWidth = width;
    context.stroke();
  }
}

export function segment(context, x0, y0, x1, y1, color, width = 2, dash = []) {
  context.beginPath();
  context.setLineDash(dash);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
  context.setLineDash([]);
}

// Arrow whose head ends exactly at (x1, y1); shorter than 2 pixels it is a dot.
export function arrow(context, x0, y0, x1, y1, color, width = 2.5) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 2) {
    disc(context, x0, y0, width, color);
    return;
  }
  const head = Math.min(4 + 2.2 * width, length);
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const [bx, by] = [x1 - head * ux, y1 - head * uy];
  segment(context, x0, y0, bx + 0.3 * head * ux, by + 0.3 * head * uy, color, width);
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(bx - 0.5 * head * uy, by + 0.5 * head * ux);
  context.lineTo(bx + 0.5 * head * uy, by - 0.5 * head * ux);
  context.closePath();
  context.fillStyle = color;
  context.fill();
}

// Text with a halo in the colour of the background, readable on any picture.
export function words(context, text, x, y, color, halo, { align = "center", base = "middle", size = 13, bold = false } = {}) {
  context.font = `${bold ? "650 " : ""}${size}px system-ui, sans-serif`;
  context.textAlign = align;
  context.textBaseline = base;
  if (halo) {
    context.lineJoin = "round";
    context.strokeStyle = halo;
    context.lineWidth = 4;
    context.strokeText(text, x, y);
  }
  context.fillStyle = color;
  context.fillText(text, x, y);
}

// The part of the line a x + b y + c = 0 inside the box [x0, x1] x [y0, y1]:
// [[x, y], [x, y]], or null where the line misses the box.
export function lineInBox(a, b, c, [x0, x1], [y0, y1]) {
  const found = [];
  const add = (x, y) => {
    const near = (1e-9 * (Math.abs(x1 - x0) + Math.abs(y1 - y0)));
    if (found.every(([u, v]) => Math.hypot(u - x, v - y) > near)) found.push([x, y]);
  };
  if (Math.abs(b) > 1e-12) {
    for (const x of [x0, x1]) {
      const y = -(a * x + c) / b;
      if (y >= Math.min(y0, y1) && y <= Math.max(y0, y1)) add(x, y);
    }
  }
  if (Math.abs(a) > 1e-12) {
    for (const y of [y0, y1]) {
      const x = -(b * y + c) / a;
      if (x >= Math.min(x0, x1) && x <= Math.max(x0, x1)) add(x, y);
    }
  }
  return found.length >= 2 ? [found[0], found[1]] : null;
}

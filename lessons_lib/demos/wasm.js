// A small assembler for WebAssembly with vectors of four 32-bit floats. Pure module.
//
// WebAssembly is a stack machine: the code of an expression is the code of its operands and
// then one instruction, so add(a, mul(b, c)) gives a, b, c, mul, add. Code is kept as nested
// arrays of bytes and flattened at the end.
// Source: WebAssembly Core Specification 2.0, chapter 5 (binary format).

// Whole number of at most 32 bits, seven bits to a byte, lowest first (LEB128, unsigned).
function leb(number) {
  const bytes = [];
  for (; number > 127; number >>>= 7) bytes.push((number & 127) | 128);
  bytes.push(number);
  return bytes;
}

// ---------------------------------------------------------------- vectors

// An operand is code, or a plain number that goes into all four lanes.
const operand = (value) => (typeof value === "number"
  ? [0x43, ...new Uint8Array(Float32Array.of(value).buffer), 0xfd, 19] : value);
const instruction = (code) => (...operands) => [operands.map(operand), 0xfd, leb(code)];

export const add = instruction(228);
export const sub = instruction(229);
export const mul = instruction(230);
export const div = instruction(231);
export const sqrt = instruction(227);
// The smaller and the larger; "not a number" as the first operand stays.
export const least = instruction(234);
export const most = instruction(235);
// All bits in the lanes where a > b, none in the others; and the bits set in both.
export const above = instruction(68);
export const both = instruction(78);

// Four lanes by number: 0 to 3 are those of a, 4 to 7 those of b.
export const pick = (a, b, lanes) => [a, b, 0xfd, 13, lanes.map((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte))];

// ---------------------------------------------------------------- memory, variables, loops

const START = [0x41, 0];
// Four floats at byte `place` after the address `base` (code), or one float in all lanes.
export const load = (place, base = START) => [base, 0xfd, 0, 2, leb(place)];
export const spread = (place) => [START, 0xfd, 9, 2, leb(place)];
export const store = (place, value, base = START) => [base, operand(value), 0xfd, 11, 2, leb(place)];

export const get = (variable) => [0x20, leb(variable)];
export const set = (variable, value) => [value, 0x21, leb(variable)];

// Integers: a number from 0 to 2 ** 28 - 1 (its sign bit, in a fifth byte, is 0), and a sum.
export const integer = (number) => [0x41, [0, 7, 14, 21].map((shift) => ((number >> shift) & 127) | 128), 0];
export const plus = (a, b) => [a, b, 0x6a];
// Does `body` once and again while a < b.
export const loopWhile = (a, b, ...body) => [0x03, 0x40, body, a, b, 0x49, 0x0d, 0, 0x0b];

// ---------------------------------------------------------------- module

// Array.flat(Infinity) would take several times as long.
function flatten(tree, bytes = []) {
  for (const part of tree) {
    if (typeof part === "number") bytes.push(part);
    else flatten(part, bytes);
  }
  return bytes;
}

const sized = (tree) => {
  const bytes = flatten(tree);
  return [leb(bytes.length), bytes];
};
const list = (items) => [leb(items.length), items];
const text = (word) => list([...word].map((letter) => letter.charCodeAt(0)));

// Exports of a new instance: `memory` of so many pages (64 KB each), and the functions.
// A function is {inputs, integers, vectors, code}: variables are numbered from 0, first
// `inputs` integers given by the caller, then so many integers of its own, then vectors.
// Throws where WebAssembly or its vectors are missing or forbidden.
export function instantiate(functions, pages) {
  const names = Object.keys(functions);
  const all = Object.values(functions);
  const section = (id, items) => [id, sized(list(items))];
  const bytes = [
    0, 97, 115, 109, 1, 0, 0, 0, // "\0asm", version 1
    section(1, all.map(({ inputs }) => [0x60, list(Array(inputs).fill(0x7f)), 0])),
    section(3, names.map((_, i) => i)),
    section(5, [[0, leb(pages)]]),
    section(7, [[text("memory"), 2, 0], ...names.map((name, i) => [text(name), 0, i])]),
    section(10, all.map(({ integers, vectors, code }) =>
      sized([2, leb(integers), 0x7f, leb(vectors), 0x7b, code, 0x0b]))),
  ];
  return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(flatten(bytes)))).exports;
}

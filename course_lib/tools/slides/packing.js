// Which blocks stand on one slide: of all ways to cut a section, the one that costs least.
//
// An atom is a block, or a part of one: a line of code, a row of a table, an item of a list. Its `height` is in pixels;
// `of` says which block it is a part of, `extra` what is added where that block begins on a slide (the head of a table),
// `gap` what lies between two parts,
// `inside` how many levels deep a line of code stands.

const GAP = 16; // pixels between two blocks, as slides.css has it
const ALONE = new Set(["facts", "live"]); // has a slide of its own
const LEADS = { question: -0.35, figure: -0.3, code: -0.2, vary: -0.25 }; // better first on its slide
const FOLLOWS = { answer: 3, output: 1.2, equation: 4, result: 0.6, outcome: 0.6, happened: 0.3 }; // better on the slide of what it belongs to
const LARGER = 1.4; // how much taller words become that are set in larger type on a slide of their own; code stays
const CUT = { inside: 4, deeper: 1, between: 0.7, few: 0.6 }; // a block goes on: inside of a loop or brackets, for each level of these, elsewhere, with few lines

const same = (a, b) => Boolean(a?.of && a.of === b?.of);

// The height of atoms below each other.
function together(atoms) {
  return atoms.reduce((sum, atom, i) => sum + atom.height + (same(atom, atoms[i - 1]) ? atom.gap : (atom.extra ?? 0) + (i ? GAP : 0)), 0);
}

// What it costs to begin a slide with atom `at`, of all `atoms`.
function cut(atoms, at) {
  const atom = atoms[at];
  if (same(atom, atoms[at - 1])) return atom.inside ? CUT.inside + CUT.deeper * atom.inside : CUT.between;
  return at ? (FOLLOWS[atom.kind] ?? 0) + (LEADS[atom.kind] ?? 0) : 0;
}

// Few lines of something that goes on, at one end of a slide.
function lonely(atoms, from, end) {
  const few = (first, last) => first < last && atoms.slice(first, last).filter((atom) => same(atom, atoms[first])).length < 3;
  const begins = same(atoms[from], atoms[from - 1]) && few(from, end);
  const last = atoms.slice(from, end).findIndex((atom) => same(atom, atoms[end - 1]));
  return (begins ? CUT.few : 0) + (end < atoms.length && same(atoms[end], atoms[end - 1]) && few(from + last, end) ? CUT.few : 0);
}

// What a slide with these atoms costs: 1, and more for each thing that is wrong with it.
function price(atoms, room) {
  const count = (...kinds) => atoms.filter(({ kind }) => kinds.includes(kind)).length;
  const several = !atoms.every((atom) => atom === atoms[0] || same(atom, atoms[0]));
  if ((several && count(...ALONE)) || count("figure") > 1) return Infinity;
  if (several && count("figure")) return withFigure(atoms, room, count);
  const height = together(atoms);
  if (height > room && atoms.length > 1) return Infinity;
  if (count("figure", ...ALONE)) return 1;
  const mixed = count("question") > 1 || (count("question") && count("code", "outcome", "happened"));
  const empty = Math.max(0, 1 - ((count("code") ? 1 : LARGER) * height) / room);
  return 1 + (mixed ? 2 : 0) + empty ** 2 + (empty > 0.53 ? 3 : 0);
}

// A picture may leave a third of its slide to the words that it is the reason for.
function withFigure(atoms, room, count) {
  const figure = atoms.find(({ kind }) => kind === "figure");
  const height = together(atoms.filter((atom) => atom !== figure)) + GAP + Math.min(0.66 * room, figure.height);
  if (height > room) return Infinity;
  return 1 + (count("result") && !count("happened", "outcome", "code", "question", "vary") ? 0.3 : 2);
}

// The atoms of a section as slides, `[[atom, ...], ...]`, in order.
function pack(atoms, room) {
  const best = [{ cost: 0, from: 0 }];
  for (let end = 1; end <= atoms.length; end++) {
    best[end] = { cost: Infinity };
    for (let from = 0; from < end; from++) {
      const cost = best[from].cost + price(atoms.slice(from, end), room) + cut(atoms, from) + lonely(atoms, from, end);
      if (cost < best[end].cost) best[end] = { cost, from };
    }
  }
  const slides = [];
  for (let end = atoms.length; end > 0; end = best[end].from) slides.unshift(atoms.slice(best[end].from, end));
  return slides;
}

// From ideas to slides: formulas are set, blocks measured at the size of a slide, and as many put on one as fit.
// Nothing is shrunk: what is too tall goes on on the next slide, what is short is set in larger type.

const SIZES = [1.4, 1.3, 1.2, 1.1, 1]; // of the type, largest first
const SHORT = [2.2, 2, 1.8, 1.6]; // for the few words that would leave half of their slide empty
const FORMULA = ".katex-display > .katex > .katex-html";
const PICTURES = new Set(["figure", "live"]);
const REVEALED = new Set(["output", "result", "outcome", "happened", "answer"]); // come on a click, if something stands before them

function typeset(root) {
  for (const place of root.querySelectorAll(".math"))
    katex.render(place.textContent, place, { displayMode: place.tagName === "DIV", throwOnError: false });
  for (const place of root.querySelectorAll("span.math")) { // no line begins with the full stop after a formula
    const [marks] = place.nextSibling?.nodeType === Node.TEXT_NODE ? place.nextSibling.data.match(/^[^\s\w(]*/) : [""];
    if (marks) place.append(marks);
    if (marks) place.nextSibling.deleteData(0, marks.length);
  }
}

// --- Blocks -----------------------------------------------------------------------------------------------

// A block of text comes apart into its paragraphs, lists, tables and equations; any other stays whole.
function atomsOf(block) {
  const kind = block.dataset.kind, said = block.querySelector(":scope > aside");
  said.remove();
  const split = ["text", "happened", "vary", "answer"].includes(kind) ? [...block.children].filter(says) : [node("div", kind, ...block.childNodes)];
  const atoms = split.map((element, i) => ({ element, notes: i ? "" : said.innerHTML, kind: named(element, i, kind) }));
  for (const atom of atoms) atom.element.dataset.kind = atom.kind;
  return atoms.length || !said.innerHTML ? atoms : [{ element: node("div", "note"), notes: said.innerHTML, kind: "note" }];
}

const says = (element) => element.textContent.trim() || element.querySelector("img"); // around a formula stand empty paragraphs
const named = (element, i, kind) => (element.matches(".math") ? "equation" : i && kind !== "answer" ? "text" : kind);

// --- Measuring --------------------------------------------------------------------------------------------

// As high as a picture becomes that may take a whole slide.
function pictureHeight(element) {
  const picture = element.querySelector("img");
  return picture ? Math.min(ROOM.height, (ROOM.width * picture.naturalHeight) / picture.naturalWidth) : ROOM.height;
}

function measured(atom) {
  return PICTURES.has(atom.kind) ? [{ ...atom, height: pictureHeight(atom.element) }] : partsOf(atom);
}

// --- Slides -----------------------------------------------------------------------------------------------

function sized(body, atoms) {
  const picture = atoms.find(({ kind }) => PICTURES.has(kind));
  const overflows = () => body.scrollHeight > ROOM.height || body.scrollWidth > ROOM.width;
  const broken = () => [...body.querySelectorAll(".code pre")].some(breaks) || [...body.querySelectorAll(FORMULA)].some(wraps);
  stage.replaceChildren(body);
  if (picture) return fill(picture.element, ROOM.height - (body.scrollHeight - picture.element.offsetHeight));
  const fits = (strict) => (size) => {
    body.style.setProperty("--size", size);
    return !overflows() && !(strict && broken());
  };
  const parts = [...body.children], inside = () => parts.at(-1).getBoundingClientRect().bottom - parts[0].getBoundingClientRect().top;
  SIZES.find(fits(true)); // the last of them is kept, whether it fits or not
  if (inside() >= ROOM.height / 2) return;
  const growing = [...SHORT, ...SIZES].reverse(), half = (size) => fits(false)(size) && inside() >= ROOM.height / 2;
  growing.find(half) ?? growing.findLast(fits(false)); // no larger than it takes: lines of code may break now
}

// Whether a line of code is too long for its box: it is shown whole in smaller type, if there is any.
function breaks(text) {
  text.style.whiteSpace = "pre";
  const long = text.scrollWidth > text.clientWidth;
  text.style.whiteSpace = "";
  return long;
}

// Whether a displayed formula goes on on a second line.
function wraps({ children }) {
  const bottom = children[0]?.getBoundingClientRect().bottom;
  return [...children].some((child) => child.getBoundingClientRect().top > bottom);
}

// A heading has one line, so that what is below it always begins at the same height.
function titled(tag, html) {
  const made = Object.assign(node(tag, ""), { innerHTML: html });
  stage.replaceChildren(made);
  for (const size of tag === "h2" ? [38, 34, 30, 26] : []) {
    made.style.fontSize = `${size}px`;
    if (made.scrollWidth <= ROOM.width) break;
  }
  return made;
}

// A picture gets all the height that the other blocks leave; a live figure shares it with its controls.
function fill(element, height) {
  element.style.height = `${height}px`;
  const figure = element.querySelector(".course-figure");
  if (!figure) return;
  const picture = figure.querySelector(".course-picture"), ratio = picture.offsetWidth / picture.offsetHeight;
  figure.style.setProperty("--course-width", "100px");
  const rest = figure.offsetHeight - picture.offsetHeight;
  figure.style.setProperty("--course-width", `${Math.min(ROOM.width, Math.floor((height - rest) * ratio))}px`);
}

function slide(heading, atoms, notes) {
  const body = node("div", "body");
  const shown = joined(atoms);
  for (const { element, kind, notes: more } of shown) {
    if (REVEALED.has(kind) && body.children.length) element.classList.add("fragment");
    if (PICTURES.has(kind)) element.dataset.preventSwipe = "";
    body.append(element);
    notes += more;
  }
  sized(body, shown);
  const said = Object.assign(node("aside", "notes"), { innerHTML: notes });
  const title = shown[0].kind === "facts";
  return node("section", title ? "slide title" : "slide", titled(title ? "h1" : "h2", heading), body, said);
}

function slidesOf(idea) {
  const heading = idea.querySelector("h2").innerHTML, due = idea.querySelector("aside").innerHTML;
  const atoms = [...idea.querySelectorAll(":scope > .block")].flatMap(atomsOf).flatMap(measured);
  const notes = atoms.filter(({ kind }) => kind === "note").map((atom) => atom.notes).join("");
  const packed = pack(atoms.filter(({ kind }) => kind !== "note"), ROOM.height);
  const place = (i) => (packed.length > 1 && packed[i][0].kind !== "facts" ? ` <small>(${i + 1}/${packed.length})</small>` : "");
  const slides = packed.map((one, i) => slide(heading + place(i), one, due + (i ? "" : notes)));
  const until = (i) => Math.round((idea.dataset.seconds * i) / slides.length);
  slides.forEach((made, i) => { made.dataset.timing = until(i + 1) - until(i); }); // the lecturer's window says who is behind
  return node("section", "", ...slides);
}

// --- The deck ---------------------------------------------------------------------------------------------

// In the lecturer's window two labels lie over the heading of the next slide: they move to its foot.
const LABELS = `#upcoming-slide .label { top: auto; bottom: 10px; }
  body[data-speaker-layout="default"] #speaker-layout { top: calc(40% - 44px); }
  body[data-speaker-layout="wide"] #speaker-layout { top: calc(45% - 44px); }`;
const opening = window.open.bind(window);
window.open = (...asked) => {
  const made = opening(...asked);
  setTimeout(() => made?.document.head.append(Object.assign(made.document.createElement("style"), { textContent: LABELS })));
  return made;
};

const hands = "input, select, textarea, button, summary, canvas"; // these keys are theirs
const captions = () => document.body.classList.toggle("captions");

async function present(source) {
  document.querySelector(".slides").append(...[...source.children].map(slidesOf).filter((made) => made.children.length));
  source.remove();
  await Reveal.initialize({
    width: 1280, height: 720, margin: 0, maxScale: 4, minScale: 0.1,
    center: false, hash: true, navigationMode: "linear", transition: "none", backgroundTransition: "none",
    defaultTiming: 0, slideNumber: false, controlsTutorial: false, pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1,
    keyboardCondition: () => !document.activeElement?.matches(hands),
    plugins: [RevealNotes],
  });
  Reveal.addKeyBinding({ keyCode: 67, key: "C", description: "Captions of figures" }, captions);
}

const source = document.getElementById("ideas");
typeset(source);
await document.fonts.ready;
await Promise.all([...source.querySelectorAll("img")].map((picture) => picture.decode().catch(() => {})));
isPhone() ? read(source) : await present(source);
stage.remove();
document.body.dataset.ready = "true";

// Blocks and their parts: what may be cut, where, and how what was cut is put together again.

const ROOM = { width: 1232, height: 608 }; // of 1280 x 720: what is left below the heading

const node = (tag, className, ...children) => {
  const made = Object.assign(document.createElement(tag), { className });
  made.append(...children);
  return made;
};

const stage = node("div", "slide stage");
document.body.append(stage);

function heights(elements) {
  stage.replaceChildren(...elements);
  return elements.map((element) => element.offsetHeight);
}

const tableIn = (element) => (element.matches("table") ? element : element.querySelector(":scope > table, :scope > div > table"));

// An atom for each part of a block, or one for the whole.
function partsOf(atom) {
  const { element, kind } = atom, table = tableIn(element), text = ["code", "output"].includes(kind) ? element.querySelector("pre") : null;
  if (["facts", "question"].includes(kind)) return [{ ...atom, height: heights([element])[0] }];
  if (kind === "result" && heights([element])[0] > ROOM.height) return inner(element).flatMap((part) => partsOf({ ...atom, element: part, kind: "text" }));
  const found = element.matches("ul, ol") ? items(element) : table ? rows(table) : text ? lines(element, text) : [];
  if (found.length < 2) return [{ ...atom, height: heights([element])[0] }];
  return found.map((part, i) => ({ ...part, of: element, total: found.length, kind: i && kind !== "code" && kind !== "output" ? "text" : kind, notes: i ? "" : atom.notes }));
}

// The elements inside of one that only holds others, however often it was wrapped.
const inner = (element) => (element.children.length === 1 ? inner(element.children[0]) : [...element.children]);

function items(list) {
  const shells = [...list.children].map((item, i) => {
    const shell = list.cloneNode(false);
    if (list.matches("ol")) shell.start = (list.start || 1) + i;
    shell.append(item.cloneNode(true));
    return shell;
  });
  return heights(shells).map((height, i) => ({ element: shells[i], height, extra: 0, gap: 8.4 }));
}

// Rows keep the widths that their columns have in the whole table; they grow with the type.
function rows(table) {
  heights([table]);
  const widths = [...table.rows[0].cells].map((cell) => `<col style="width:calc(${cell.offsetWidth}px * var(--size))">`).join("");
  const extra = table.tHead?.offsetHeight ?? 0;
  return [...table.tBodies[0].rows].map((row) => {
    const part = table.cloneNode(false), body = document.createElement("tbody");
    part.innerHTML = `<colgroup>${widths}</colgroup>${table.tHead?.outerHTML ?? ""}`;
    body.append(row.cloneNode(true));
    part.append(body);
    return { element: part, height: row.offsetHeight, extra, gap: 0 };
  });
}

// Lines of highlighted code: a span that goes over several lines is closed and opened again.
function lines(element, text) {
  const open = [];
  const made = text.innerHTML.replace(/\n+$/, "").split("\n").map((line) => {
    const before = open.join("");
    for (const [tag] of line.matchAll(/<\/?span[^>]*>/g)) tag.startsWith("</") ? open.pop() : open.push(tag);
    const one = Object.assign(node("pre", "part"), { innerHTML: (before + line || " ") + "</span>".repeat(open.length) });
    return node("div", element.className, element.querySelector(".highlight") ? node("div", "highlight", one) : one);
  });
  const inside = made.map(({ textContent: line }) => (/^[)\]}]/.test(line) ? 1 : line.trim() ? Math.ceil(line.search(/\S/) / 4) : 0));
  return heights(made).map((height, i) => ({ element: made[i], height, extra: 16, gap: 0, inside: inside[i] }));
}

// Neighbouring parts of one block become one thing again: the block itself, where all of it is here.
function joined(atoms) {
  const made = [];
  for (const atom of atoms) {
    const last = made.at(-1);
    if (same(last, atom)) last.parts.push(atom.element);
    else made.push({ ...atom, parts: [atom.element] });
  }
  return made.map((one) => ({ ...one, element: !one.of ? one.element : one.parts.length === one.total ? one.of : merged(one.parts) }));
}

function merged(parts) {
  const begins = parts.findIndex(({ textContent }) => textContent.trim()); // no slide begins with an empty line of code
  const [first, ...others] = parts.slice(Math.max(0, begins));
  for (const other of others) {
    if (first.matches("ul, ol")) first.append(...other.children);
    else if (first.matches("table")) first.tBodies[0].append(...other.tBodies[0].rows);
    else first.querySelector("pre").append("\n", ...other.querySelector("pre").childNodes);
  }
  first.querySelector("pre")?.classList.remove("part");
  return first;
}

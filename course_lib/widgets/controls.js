// The controls above a live figure: native inputs, so that the keyboard and a screen reader know them.
// `controls(model, react)` shows model.get("panel") and calls react(trait, value, settled) when a person sets one.

const element = (tag, properties = {}, ...children) => {
  const { data = {}, aria = {}, ...rest } = properties;
  const node = Object.assign(document.createElement(tag), rest);
  for (const [key, value] of Object.entries(data)) node.dataset[key] = value;
  for (const [key, value] of Object.entries(aria)) node.setAttribute(key === "role" ? key : `aria-${key}`, value);
  node.append(...children);
  return node;
};

const nearest = (positions, value) =>
  positions.reduce((best, p, i) => (Math.abs(p - value) < Math.abs(positions[best] - value) ? i : best), 0);

const written = (value) => (!Number.isFinite(value) ? String(value) : value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)
  ? value.toExponential(2).replace(/\.?0+e/, "e") : String(+value.toPrecision(4)));

// JupyterLab must leave the arrow keys to a native input.
const own = { lmSuppressShortcuts: "true" };

function slider(spec, model, react) {
  const range = element("input", { type: "range", min: 0, step: 1, data: own, aria: { label: spec.label } });
  const field = element("input", { type: "text", inputMode: "decimal", size: 8, data: own, aria: { label: `${spec.label}, exact value` } });
  field.readOnly = Boolean(model.alone); // nobody is there to compute what has no position
  const show = () => {
    const value = model.get(spec.trait);
    range.max = spec.positions.length - 1;
    range.value = nearest(spec.positions, value);
    range.setAttribute("aria-valuetext", written(value));
    if (document.activeElement !== field) field.value = written(value);
  };
  const moved = (settled) => {
    const value = spec.positions[range.value];
    field.value = written(value);
    range.setAttribute("aria-valuetext", written(value));
    react(spec.trait, value, settled);
  };
  range.addEventListener("input", () => moved(false));
  range.addEventListener("change", () => moved(true));
  const typed = () => model.send({ typed: spec.trait, text: field.value.trim() });
  field.addEventListener("change", typed);
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") typed(); });
  const play = spec.plays ? [player(spec, model, range, moved)] : [];
  const className = spec.plays ? "course-slider course-plays" : "course-slider";
  return { node: element("label", { className }, element("span", { textContent: spec.label }), range, field, ...play), show };
}

// A button that goes over the positions of a slider once, from where it stands, or from the first.
function player(spec, model, range, moved) {
  const button = element("button", { type: "button", data: own });
  const last = () => (spec.plays === true ? spec.positions.length - 1 : nearest(spec.positions, model.get(spec.plays)));
  const state = (sign, word) => {
    button.textContent = sign;
    button.setAttribute("aria-label", `${word} ${spec.label}`);
  };
  let timer = null;
  const stop = () => {
    clearTimeout(timer);
    timer = null;
    state("▶", "Play");
  };
  const go = (place) => {
    range.value = Math.min(place, last());
    const ends = place >= last();
    moved(ends);
    if (ends) stop();
    else timer = setTimeout(() => go(place + Math.max(1, Math.round(last() / 60))), Math.max(100, Math.min(700, 6000 / last())));
  };
  button.addEventListener("click", (event) => {
    event.preventDefault(); // of the label around it
    if (timer !== null) {
      stop();
      return moved(true);
    }
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return go(last());
    state("❚❚", "Pause");
    go(range.value >= last() ? 0 : Number(range.value) + 1);
  });
  range.addEventListener("input", stop);
  stop();
  return button;
}

function menu(spec, model, react) {
  const select = element("select", { data: own, aria: { label: spec.label } },
    ...spec.options.map(([value, label]) => element("option", { value, textContent: label })));
  const values = spec.options.map(([value]) => value); // an option's own value is text, a trait's may be a number
  select.addEventListener("change", () => react(spec.trait, values[select.selectedIndex], true));
  return {
    node: element("label", { className: "course-menu" }, element("span", { textContent: spec.label }), select),
    show: () => { select.selectedIndex = values.indexOf(model.get(spec.trait)); },
  };
}

// Tick boxes in a panel that opens under its summary: twenty optimizers must not push the picture off the screen.
function ticks(spec, model, react) {
  const boxes = spec.options.map(([value, label]) => [value, label, element("input", { type: "checkbox", data: own })]);
  const ticked = () => boxes.filter(([, , box]) => box.checked);
  for (const [, , box] of boxes) box.addEventListener("change", () => react(spec.trait, ticked().map(([value]) => value), true));
  const summary = element("summary", { data: own });
  const node = element("details", { className: "course-ticks" }, summary,
    element("fieldset", { aria: { label: spec.label } }, ...boxes.map(([, label, box]) => element("label", {}, box, label))));
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    node.open = false;
    summary.focus();
    event.stopPropagation();
  });
  return {
    node,
    show: () => {
      for (const [value, , box] of boxes) box.checked = model.get(spec.trait).includes(value);
      const names = ticked().map(([, label]) => label);
      summary.textContent = `${spec.label}: ${names.length > 4 ? `${names.length} of ${boxes.length}` : names.join(", ") || "none"}`;
    },
  };
}

// A formula: set with Enter, or when the field is left.
function text(spec, model, react) {
  const field = element("input", { type: "text", className: "course-formula", spellcheck: false, data: own, aria: { label: spec.label } });
  const typed = () => { if (field.value !== model.get(spec.trait)) react(spec.trait, field.value, true); };
  field.addEventListener("change", typed);
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") typed(); });
  return {
    node: element("label", { className: "course-text" }, element("span", { textContent: spec.label }), field),
    show: () => { if (document.activeElement !== field) field.value = model.get(spec.trait); },
  };
}

// How far the run in the background is, and a button that stops it or starts it again.
function progress(spec, model) {
  const bar = element("progress", { max: 1, aria: { label: spec.label } });
  const button = element("button", { type: "button", className: "course-stop" });
  button.addEventListener("click", () => model.send({ pressed: spec.trait }));
  const show = () => {
    bar.value = model.get(spec.trait);
    button.textContent = model.get("running") ? "Stop" : "Run again";
  };
  model.on("change:running", show);
  return { node: element("span", { className: "course-progress" }, element("span", { textContent: spec.label }), bar, button), show };
}

// Rows of fields for numbers; what is no number is sent as it was typed, and the kernel answers.
function grid(spec, model, react) {
  const number = (typed) => { const value = Number(typed.trim().replace(",", ".")); return typed.trim() && Number.isFinite(value) ? value : typed.trim(); };
  const body = element("span", { className: "course-grid", aria: { role: "group", label: spec.label } });
  let fields = [], typing = null;
  const send = (i, j, value) => {
    typing = null;
    const rows = model.get(spec.trait).map((row) => [...row]);
    if (rows[i][j] === value) return;
    rows[i][j] = value;
    react(spec.trait, rows, true);
  };
  const build = (rows) => {
    fields = rows.map((row, i) => row.map((_, j) => {
      const field = element("input", { type: "text", inputMode: "decimal", data: own, aria: { label: `${spec.label}, row ${i + 1}, column ${j + 1}` } });
      field.addEventListener("input", () => { typing = field; });
      field.addEventListener("change", () => send(i, j, number(field.value)));
      field.addEventListener("keydown", (event) => {
        if (event.key === "Enter") send(i, j, number(field.value));
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        const value = +(Number(model.get(spec.trait)[i][j]) + (event.key === "ArrowUp" ? spec.step : -spec.step)).toPrecision(12);
        field.value = written(value);
        send(i, j, value);
      });
      return field;
    }));
    body.style.gridTemplateColumns = `repeat(${rows[0].length}, auto)`;
    body.replaceChildren(...fields.flat());
  };
  const show = () => {
    const rows = model.get(spec.trait);
    if (fields.length !== rows.length || fields[0].length !== rows[0].length) build(rows);
    rows.forEach((row, i) => row.forEach((value, j) => {
      if (fields[i][j] !== typing) fields[i][j].value = written(value); // what is being typed is left alone
    }));
  };
  model.on("change:problem", show);
  return { node: element("span", { className: "course-grid-box" }, element("span", { textContent: spec.label }), body), show };
}

const MAKERS = { slider, menu, ticks, text, progress, grid };

function controls(model, react) {
  const made = model.get("panel").filter((spec) => spec.kind in MAKERS)
    .map((spec) => ({ trait: spec.trait, ...MAKERS[spec.kind](spec, model, react) }));
  const node = element("div", { className: "course-controls" }, ...made.map((control) => control.node));
  const show = () => {
    for (const control of made) {
      control.show();
      control.node.hidden = model.get("hidden").includes(control.trait);
    }
  };
  for (const { trait } of made) model.on(`change:${trait}`, show);
  model.on("change:hidden", show);
  show();
  return { node, show, made };
}

// What the picture shows, in words, and what is wrong with the last value, under the picture.
function words(model) {
  const caption = element("p", { className: "course-caption", aria: { live: "polite" } }); // said when the hand rests
  const problem = element("p", { className: "course-problem", aria: { role: "alert" } });
  const show = (text = model.get("caption")) => {
    caption.textContent = text;
    problem.textContent = model.get("problem");
  };
  model.on("change:caption", () => show());
  model.on("change:problem", () => show());
  show();
  return { node: element("figcaption", {}, caption, problem), show };
}

// From a pixel of the picture to the coordinates of the axes it lies in, and back.
const scaled = (log, [a, b]) => (log ? [Math.log10(a), Math.log10(b)] : [a, b]);
const unscaled = (log, value) => (log ? 10 ** value : value);

function toData(axes, px, py) {
  const [x0, x1] = scaled(axes.log[0], axes.x), [y0, y1] = scaled(axes.log[1], axes.y);
  return [
    unscaled(axes.log[0], x0 + (x1 - x0) * (px - axes.left) / (axes.right - axes.left)),
    unscaled(axes.log[1], y0 + (y1 - y0) * (axes.bottom - py) / (axes.bottom - axes.top)),
  ];
}

function toPixel(axes, [x, y]) {
  const [x0, x1] = scaled(axes.log[0], axes.x), [y0, y1] = scaled(axes.log[1], axes.y);
  const [u, v] = [axes.log[0] ? Math.log10(x) : x, axes.log[1] ? Math.log10(y) : y];
  return [
    axes.left + (axes.right - axes.left) * (u - x0) / (x1 - x0),
    axes.bottom - (axes.bottom - axes.top) * (v - y0) / (y1 - y0),
  ];
}

// Clicks and arrow keys on the picture `node` set the figure's points.
function points(node, model, react) {
  const specs = model.get("panel").filter((spec) => spec.kind === "point");
  if (!specs.length) return;
  const inside = (axes, x, y) => x >= axes.left && x <= axes.right && y >= axes.top && y <= axes.bottom;
  const pick = (x, y) => {
    const { axes } = model.get("boxes"), spec = specs.find((s) => s.axes.some((i) => inside(axes[i], x, y)));
    if (spec) react(spec.trait, toData(axes[spec.axes.find((i) => inside(axes[i], x, y))], x, y), true);
  };
  node.addEventListener("click", (event) => {
    const { size } = model.get("boxes"), box = node.getBoundingClientRect();
    pick((event.clientX - box.left) * size[0] / box.width, (event.clientY - box.top) * size[1] / box.height);
  });
  node.addEventListener("course-pick", ({ detail }) => pick(...detail)); // of a panel, where they stand apart
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  node.addEventListener("keydown", (event) => {
    if (!(event.key in arrows)) return;
    event.preventDefault();
    event.stopPropagation();
    const [spec] = specs, axes = model.get("boxes").axes[spec.axes[0]];
    const stride = (axes.right - axes.left) * (event.shiftKey ? 0.1 : 0.02);
    const [x, y] = toPixel(axes, model.get(spec.trait)), [right, down] = arrows[event.key];
    const held = (value, low, high) => Math.min(Math.max(value, low), high);
    react(spec.trait, toData(axes, held(x + stride * right, axes.left, axes.right), held(y + stride * down, axes.top, axes.bottom)), true);
  });
  Object.assign(node, { tabIndex: 0 });
  Object.assign(node.dataset, own);
}

// A reel: all positions of a slider have been computed; this draws the one in hand up to the step shown.
// controls.js, layout.js and panels.js stand before this file in the same module. frames.py writes what `decoded` reads.

const UNIT = 8; // points come in eighths of a pixel
const MARK = 14; // pixels from the border at which the mark of a path that leaves is put
const AT_REST = ["no update:", "it has arrived,", "or is out of sight"];
const DASHES = { "-": [], "--": [3.7, 1.6], "-.": [6.4, 1.6, 1, 1.6], ":": [1, 1.65] };
const POLYGONS = {
  s: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  "^": [[0, -1.15], [1.1, 0.9], [-1.1, 0.9]],
  v: [[0, 1.15], [1.1, -0.9], [-1.1, -0.9]],
  D: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  P: [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]],
  X: [[0, -0.55], [0.6, -1.15], [1.15, -0.6], [0.55, 0], [1.15, 0.6], [0.6, 1.15], [0, 0.55], [-0.6, 1.15], [-1.15, 0.6], [-0.55, 0], [-1.15, -0.6], [-0.6, -1.15]],
};

const aligned = (Type, view) => new Type(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));

const known = new WeakMap();
function decoded(reel) {
  if (!known.has(reel))
    known.set(reel, {
      ...reel,
      points: aligned(Int16Array, reel.points),
      steps: aligned(Uint16Array, reel.steps),
      ends: aligned(Uint32Array, reel.ends),
      vectors: aligned(Int8Array, reel.vectors),
    });
  return known.get(reel);
}

// The pixels of one line up to `step`; the last point is where the run is at that step.
function lineUpTo(reel, line, step) {
  const { points, steps, ends } = reel, from = line ? ends[line - 1] : 0, end = ends[line];
  const pixels = [];
  let i = from;
  for (; i < end && steps[i] <= step; i++) pixels.push([points[2 * i] / UNIT, points[2 * i + 1] / UNIT]);
  if (i < end && steps[i - 1] < step) {
    const share = (step - steps[i - 1]) / (steps[i] - steps[i - 1]), [x, y] = pixels[pixels.length - 1];
    pixels.push([x + share * (points[2 * i] / UNIT - x), y + share * (points[2 * i + 1] / UNIT - y)]);
  }
  return pixels;
}

const within = (box, [x, y], slack = 0.5) =>
  x >= box.left - slack && x <= box.right + slack && y >= box.top - slack && y <= box.bottom + slack;

// Where a line that ends outside its axes last left them.
function crossing(pixels, box) {
  if (within(box, pixels[pixels.length - 1])) return null;
  let last = pixels.length - 2;
  while (last >= 0 && !within(box, pixels[last])) last--;
  if (last < 0) return null;
  const [x, y] = pixels[last], dx = pixels[last + 1][0] - x, dy = pixels[last + 1][1] - y;
  const share = Math.min(dx ? ((dx > 0 ? box.right : box.left) - x) / dx : Infinity, dy ? ((dy > 0 ? box.bottom : box.top) - y) / dy : Infinity);
  const seen = (value, low, high) => Math.min(Math.max(value, low + MARK), high - MARK); // the mark is not cut off
  return [seen(x + dx * share, box.left, box.right), seen(y + dy * share, box.top, box.bottom)];
}

// A mark on the border of its axes is seen whole.
const grown = ({ left, right, top, bottom }, by) => ({ left: left - by, right: right + by, top: top - by, bottom: bottom + by });

function mark(pen, shape, [x, y], size, color) {
  pen.beginPath();
  if (shape in POLYGONS) for (const [u, v] of POLYGONS[shape]) pen.lineTo(x + u * size, y + v * size);
  else pen.arc(x, y, size * 1.1, 0, 2 * Math.PI);
  pen.closePath();
  Object.assign(pen, { fillStyle: color, strokeStyle: "#000", lineWidth: size / 6 });
  pen.setLineDash([]);
  pen.fill();
  pen.stroke();
}

function clipped(pen, box, draw) {
  pen.save();
  pen.beginPath();
  pen.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  pen.clip();
  draw();
  pen.restore();
}

function drawTrack(pen, track, pixels) {
  const trace = new Path2D();
  for (const [x, y] of pixels) trace.lineTo(x, y);
  Object.assign(pen, { lineJoin: "round", lineCap: "butt", lineWidth: (track.direction ? 2 : 1.6) * track.width, strokeStyle: "#fff" });
  pen.setLineDash([]);
  pen.stroke(trace); // the halo: a line keeps its contrast on any ground
  Object.assign(pen, { lineWidth: track.width, strokeStyle: track.color });
  pen.setLineDash((DASHES[track.dashes] ?? []).map((length) => length * track.width));
  pen.stroke(trace);
}

// Its head, its start, and where it leaves for good.
function drawMarks(pen, track, pixels, box) {
  mark(pen, track.marker, pixels[pixels.length - 1], 1.9 * track.width, track.color);
  if (track.direction) mark(pen, "o", pixels[0], 1.5 * track.width, "#000");
  const off = track.direction || pixels[pixels.length - 1][1] < box.top - 0.5; // a curve that ends off the scale
  const exit = off && crossing(pixels, box);
  if (exit) mark(pen, "X", exit, 2.5 * track.width, track.color);
}

function drawArrow(pen, arrow, [x0, y0], [x1, y1], width) {
  if (arrow.broad) width *= 2.6;
  Object.assign(pen, { strokeStyle: arrow.color, fillStyle: arrow.color, lineWidth: width, lineCap: "butt" });
  const length = Math.hypot(x1 - x0, y1 - y0), tip = Math.min((arrow.broad ? 2.6 : 4.2) * width, length);
  pen.beginPath();
  if (String(arrow.tail) === String(arrow.head)) {
    pen.setLineDash([]);
    pen.arc(x1, y1, 2.2 * width, 0, 2 * Math.PI);
    pen.fillStyle = "#fff";
    pen.fill();
    pen.stroke();
  } else if (length > 0.5) {
    const [u, v] = [(x1 - x0) / length, (y1 - y0) / length];
    pen.setLineDash([]);
    pen.moveTo(x0, y0);
    pen.lineTo(x1 - u * tip, y1 - v * tip);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x1 - tip * u - tip * v * 0.5, y1 - tip * v + tip * u * 0.5);
    pen.lineTo(x1 - tip * u + tip * v * 0.5, y1 - tip * v - tip * u * 0.5);
    pen.fill();
  }
}

// One update of one optimizer, enlarged until it fills its axes.
function drawArrows(pen, scene, reel, position, step) {
  if (!scene.arrows.length) return;
  const box = scene.boxes.axes[scene.arrows[0].axes], k = scene.arrows[0].tail.length;
  const at = 2 * k * (position * (scene.numSteps + 1) + step);
  const sum = (weights) => [0, 1].map((axis) => weights.reduce((total, w, i) => total + w * reel.vectors[at + 2 * i + axis], 0));
  const ends = scene.arrows.map((arrow) => [sum(arrow.tail), sum(arrow.head)]), all = ends.flat();
  const range = (axis) => [Math.min(...all.map((p) => p[axis])), Math.max(...all.map((p) => p[axis]))];
  const [x0, x1] = range(0), [y0, y1] = range(1), width = box.right - box.left, height = box.bottom - box.top;
  const span = Math.max((x1 - x0) / width, (y1 - y0) / height);
  if (!span) {
    const size = 4.6 * scene.tracks[0].width;
    Object.assign(pen, { fillStyle: "#000", font: `${size}px sans-serif`, textAlign: "center", textBaseline: "middle" });
    AT_REST.forEach((line, i) => pen.fillText(line, box.left + width / 2, box.top + height / 2 + 1.3 * size * (i - 1)));
    return;
  }
  const pixel = ([x, y]) => [
    box.left + width / 2 + (x - (x0 + x1) / 2) * 0.72 / span,
    box.top + height / 2 - (y - (y0 + y1) / 2) * 0.72 / span,
  ];
  scene.arrows.forEach((arrow, i) => drawArrow(pen, arrow, pixel(ends[i][0]), pixel(ends[i][1]), scene.tracks[0].width * 1.15));
}

function drawFrame(pen, scene, reel, position, step) {
  pen.drawImage(scene.bitmap, 0, 0);
  scene.tracks.forEach((track, number) => {
    const box = scene.boxes.axes[track.axes];
    const pixels = lineUpTo(reel, position * scene.tracks.length + number, step);
    clipped(pen, box, () => drawTrack(pen, track, pixels));
    clipped(pen, grown(box, MARK), () => drawMarks(pen, track, pixels, box));
  });
  drawArrows(pen, scene, reel, position, step);
}

// Play, step back and forth, scrub.
function playback(model, shown) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const range = element("input", { type: "range", min: 0, step: 1, data: own, aria: { label: "Step" } });
  const count = element("output", { className: "course-step" });
  const button = (textContent, label, onclick) => element("button", { type: "button", textContent, onclick, data: own, aria: { label } });
  const last = () => model.get("num_steps");
  let playing = null, step = model.get("step");
  const to = (value) => {
    step = Math.min(Math.max(value, 0), last());
    range.max = last();
    range.value = step;
    count.textContent = `${step} / ${last()}`;
    shown();
  };
  const stop = () => {
    if (playing === null) return;
    cancelAnimationFrame(playing);
    playing = null;
    play.textContent = "▶ Play";
    play.setAttribute("aria-label", "Play");
    tell();
  };
  const start = () => {
    if (calm.matches) return to(last()), tell(); // whoever asked for no motion gets the end at once
    const begin = step >= last() ? 0 : step, speed = Math.max(last() / 6000, 0.012); // steps in a millisecond
    let first = null;
    const tick = (now) => {
      first ??= now;
      to(Math.floor(begin + (now - first) * speed));
      if (step >= last()) return stop();
      playing = requestAnimationFrame(tick);
    };
    play.textContent = "❚❚ Pause";
    play.setAttribute("aria-label", "Pause");
    playing = requestAnimationFrame(tick);
  };
  const tell = () => { model.set("step", step); model.save_changes(); };
  const play = button("▶ Play", "Play", () => (playing === null ? start() : stop()));
  play.className = "course-play";
  const by = (stride) => () => { stop(); to(step + stride); tell(); };
  range.addEventListener("input", () => { stop(); to(Number(range.value)); });
  range.addEventListener("change", tell);
  const follow = () => { if (playing === null) to(model.get("step")); };
  model.on("change:step", follow);
  model.on("change:num_steps", follow);
  to(step);
  const node = element("div", { className: "course-controls course-playback" }, play, button("◀", "One step back", by(-1)),
    button("▶", "One step on", by(1)), element("label", { className: "course-slider course-scrub" }, element("span", { textContent: "Step" }), range, count));
  return { node, to, stop, step: () => Math.min(step, last()) };
}

function render({ model, el }) {
  const names = model.get("sweeping");
  const canvas = element("canvas", { className: "course-picture", data: { frames: 0, waiting: false }, aria: { role: "img" } });
  const pen = canvas.getContext("2d", { alpha: false });
  const values = Object.fromEntries(names.map((name) => [name, model.get(name)])); // what the hand says; the kernel may lag
  let scene = null, hand = names[0], drawing = null, resting = null, alone = null, loads = 0, loading = false, ground = null;

  // The reel of the slider in hand, if it was made for where the other sliders stand now; else any that fits.
  const fitting = () => [hand, ...names].find((name) => {
    const reel = scene.reels[name];
    return names.every((other) => other === name || reel.at[other] === values[other]) && reel.values.includes(values[name]);
  });

  const draw = () => {
    drawing = null;
    if (loading) return; // the values are newer than the lines: load draws when it has both
    const name = scene && fitting();
    canvas.dataset.waiting = !name;
    if (!name) return; // the old picture stays until the kernel has answered
    const reel = scene.reels[name], position = reel.values.indexOf(values[name]);
    drawFrame(pen, scene, reel, position, Math.min(player.step(), scene.numSteps));
    text.show(reel.captions[position]);
    canvas.setAttribute("aria-label", reel.captions[position]);
    canvas.dataset.frames = Number(canvas.dataset.frames) + 1;
  };
  const soon = () => { drawing ??= requestAnimationFrame(draw); };

  // Background, lines and where they lie belong together: all of them change in the same frame.
  const load = async () => {
    const mine = ++loads, background = model.get("background");
    loading = true;
    if (ground?.background !== background)
      ground = { background, bitmap: createImageBitmap(new Blob([background], { type: "image/png" })) };
    const bitmap = await ground.bitmap;
    if (mine !== loads) return; // newer ones are on the way
    loading = false;
    const next = {
      bitmap, boxes: model.get("boxes"), tracks: model.get("tracks"), arrows: model.get("arrows"), numSteps: model.get("num_steps"),
      reels: Object.fromEntries(names.map((name) => [name, decoded(model.get(`reel_${name}`))])),
    };
    clearTimeout(alone);
    const [width, height] = next.boxes.size;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    scene = next;
    soon();
  };

  // With no kernel to make a new sweep (an exported page), the other sliders go back to where this one was made.
  const goOnAlone = () => {
    if (!scene || fitting()) return;
    Object.assign(values, scene.reels[hand].at);
    for (const name of names) model.set(name, values[name]);
    soon();
  };

  const react = (trait, value, settled) => {
    if (!names.includes(trait)) {
      model.set(trait, value);
      model.save_changes();
      server.ask();
      return;
    }
    player.stop();
    hand = trait;
    values[trait] = value;
    soon();
    clearTimeout(resting);
    clearTimeout(alone);
    resting = setTimeout(() => {
      for (const name of names) model.set(name, values[name]);
      model.save_changes();
    }, settled ? 120 : 400);
    alone = setTimeout(goOnAlone, 3000);
  };

  const text = words(model);
  const player = playback(model, soon);
  const panel = controls(model, react);
  const figure = element("figure", { className: "course-figure" }, panel.node, screen(model, canvas), player.node, text.node);
  const server = kernel(model, figure, panel.made, (trait) => names.includes(trait));
  tellWhenNear(model, figure);
  text.node.append(server.note);
  points(canvas, model, react);
  for (const name of names) model.on(`change:${name}`, () => { values[name] = model.get(name); soon(); });
  for (const trait of ["background", "boxes", "tracks", "arrows", "num_steps", ...names.map((name) => `reel_${name}`)])
    model.on(`change:${trait}`, load);
  load();
  el.append(figure);
  const leave = onOneScreen(model, figure, panel.made, text.node);
  return () => { model.off(); leave(); player.stop(); clearTimeout(resting); clearTimeout(alone); };
}

export default { render };

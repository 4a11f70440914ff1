// A film shows a control's positions without the kernel; film.py makes it. controls.js stands before this file.
// `cinema(model, picture)` has its frames, on a `part` that lies over the picture.

const AHEAD = 3; // positions on either side
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const webp = (view) => URL.createObjectURL(new Blob([view], { type: "image/webp" }));

function cinema(model, picture) {
  const part = element("canvas", { className: "course-frame", aria: { hidden: true }, hidden: true });
  const under = new Image(); // the picture at rest, decoded before the first frame lies over it
  let film = null, base = null, images = new Map(), shown = null;

  const load = () => {
    images.forEach(({ src }) => URL.revokeObjectURL(src));
    images = new Map();
    if (base) URL.revokeObjectURL(base);
    film = model.get("film");
    base = film.base ? webp(film.base) : null;
    if (base) under.src = base;
  };
  const image = (frame) => {
    const [begin, end] = frame.bytes, { buffer, byteOffset } = film.data;
    if (!images.has(frame)) {
      const made = new Image();
      made.src = webp(new Uint8Array(buffer, byteOffset + begin, end - begin));
      made.decode().catch(() => {}); // what cannot be decoded is not shown either
      images.set(frame, made);
    }
    return images.get(frame);
  };
  // Positions beside `place` are decoded before the hand comes to them: then a key shows its picture in the next frame.
  const decode = (frames, place) => {
    for (const frame of frames.slice(Math.max(place - AHEAD, 0), place + AHEAD + 1)) if (frame.box[2]) image(frame);
  };
  const painted = () => { picture.dataset.frames = Number(picture.dataset.frames) + 1; };

  // The frame of `value`, if the other controls stand where they did when the film was made, or where this one took them.
  const frame = (trait, value) => {
    const own = film?.controls?.[trait];
    if (!own) return null;
    const of = (one) => own.frames[own.values.findIndex((other) => same(other, one))] ?? null;
    const stand = (at) => Object.entries(at).every(([other, one]) => other === trait || same(model.get(other), one));
    return stand(film.at) || stand({ ...film.at, ...of(model.get(trait))?.sets }) ? of(value) : null;
  };

  // Show what the film has; returns its frame, or null where only the kernel can tell.
  const show = (trait, value) => {
    const found = frame(trait, value);
    if (!found) return null;
    const { frames } = film.controls[trait];
    decode(frames, frames.indexOf(found));
    return paint(found);
  };
  const paint = (found) => {
    if (picture.src !== base) picture.src = base;
    part.dataset.bytes = found.bytes;
    shown = found;
    if (!found.box[2]) {
      part.hidden = true;
      painted();
    } else if (image(found).complete) draw(found);
    else image(found).decode().then(() => { if (shown === found) draw(found); }, () => {});
    return found;
  };
  const draw = (found) => {
    const [width, height] = model.get("boxes").size, [x, y, w, h] = found.box;
    Object.assign(part, { width: w, height: h, box: found.box, hidden: false });
    Object.assign(part.style, { left: `${100 * x / width}%`, top: `${100 * y / height}%`, width: `${100 * w / width}%`, height: `${100 * h / height}%` });
    const pen = part.getContext("2d");
    if (under.complete) pen.drawImage(under, x, y, w, h, 0, 0, w, h); // scaled, no edge lets what is below shine through
    pen.drawImage(image(found), 0, 0);
    painted();
  };

  // Where the other slider of the grid stands elsewhere than at rest, both move, from one place of the grid to the next.
  const showTogether = (trait, value) => {
    const { traits, values, frames } = film.together, mine = traits.indexOf(trait), now = model.get(trait);
    if (mine < 0) return false;
    const its = traits[1 - mine], place = nearest(values[1 - mine], model.get(its));
    if (same(values[1 - mine][place], film.at[its])) return false;
    let own = nearest(values[mine], value);
    if (values[mine][own] === now && value !== now) own = Math.min(Math.max(own + Math.sign(value - now), 0), values[mine].length - 1);
    const found = mine ? frames[place][own] : frames[own][place];
    for (const [other, at] of Object.entries(film.at)) if (!traits.includes(other)) model.set(other, at);
    paint(found);
    model.set({ [trait]: values[mine][own], [its]: values[1 - mine][place], caption: found.caption, problem: found.problem, ...found.sets });
    return true;
  };

  // Without a kernel others than the first two sliders move alone, and go back to where they rest, or where one takes them.
  const showAlone = (trait, value) => {
    if (film.together && showTogether(trait, value)) return;
    for (const [other, at] of Object.entries(film.at)) if (other !== trait) model.set(other, at);
    const found = show(trait, value);
    if (!found) return;
    model.set({ [trait]: value, caption: found.caption, problem: found.problem, ...found.sets });
  };

  picture.addEventListener("load", painted);
  model.on("change:film", load);
  load();
  const has = (trait) => frame(trait, model.get(trait)) !== null;
  return { part, show, showAlone, has, rest: () => { part.hidden = true; shown = null; }, resting: () => base };
}

// A live figure whose picture the kernel draws. controls.js stands before this file in the same module.

function render({ model, el }) {
  const react = (trait, value) => {
    model.set(trait, value);
    model.save_changes(); // one message is in flight at a time, the newest values follow: no queue of old frames
  };
  const panel = controls(model, react);
  const text = words(model);
  const picture = element("img", { className: "course-picture", draggable: false, data: { frames: 0 } });
  let url = null;
  const show = () => {
    const old = url;
    url = URL.createObjectURL(new Blob([model.get("picture")], { type: "image/png" }));
    picture.src = url;
    if (old) URL.revokeObjectURL(old);
  };
  const name = () => { picture.alt = model.get("caption"); };
  picture.addEventListener("load", () => { picture.dataset.frames = Number(picture.dataset.frames) + 1; });
  points(picture, model, react);
  model.on("change:picture", show);
  model.on("change:caption", name);
  show();
  name();
  el.append(element("figure", { className: "course-figure" }, panel.node, picture, text.node));
  return () => { model.off(); URL.revokeObjectURL(url); };
}

export default { render };

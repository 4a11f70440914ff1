// A live figure whose picture the kernel draws. controls.js, layout.js, panels.js and film.js stand before this file in the same module.

function render({ model, el }) {
  const picture = element("img", { className: "course-picture", draggable: false, data: { frames: 0 } });
  const figure = element("figure", { className: "course-figure" });
  const film = cinema(model, picture);
  const text = words(model);
  let url = null, inHand = false;
  const react = (trait, value, settled) => {
    if (model.alone) {
      film.showAlone(trait, value);
      return panel.show(); // a slider stands where its picture is, whatever the hand says
    }
    const frame = film.show(trait, value);
    inHand = frame !== null && !settled; // at rest the kernel draws; until then the film is ahead of it
    if (frame) text.show(frame.caption);
    model.set(trait, value);
    if (inHand) return;
    model.save_changes(); // one message is in flight at a time, the newest values follow: no queue of old frames
    server.ask();
  };
  const panel = controls(model, react);
  const server = kernel(model, figure, panel.made, film.has);
  const show = () => {
    if (inHand) return;
    const old = url;
    url = URL.createObjectURL(new Blob([model.get("picture")], { type: "image/png" }));
    picture.src = url;
    film.rest();
    if (old) URL.revokeObjectURL(old);
  };
  const name = () => { picture.alt = model.get("caption"); };
  panel.node.addEventListener("focusin", ({ target }) => {
    const control = panel.made.find(({ node }) => node.contains(target));
    if (control && !model.alone && !film.has(control.trait)) model.send({ film: control.trait });
  });
  tellWhenNear(model, figure);
  points(picture, model, react);
  model.on("change:picture", show);
  model.on("change:caption", name);
  if (film.resting() && model.alone) picture.src = film.resting();
  else show();
  name();
  figure.append(panel.node, screen(model, picture, film.part), text.node);
  text.node.append(server.note);
  const { apart } = model.get("film"); // two sliders whose pictures together were too heavy for the page
  if (model.alone && apart) text.node.append(element("p", { className: "course-apart", textContent: `One slider at a time here: the pictures of “${apart[0]}” and “${apart[1]}” together would weigh too much. In the notebook they move together.` }));
  el.append(figure);
  const leave = onOneScreen(model, figure, panel.made, text.node);
  return () => { model.off(); leave(); URL.revokeObjectURL(url); };
}

export default { render };

// Whether somebody draws: each figure asks when it is shown and after each change, and says so when nobody answers.
// controls.js stands before this file. `free(trait)`: whether that control moves without an answer.

const ANSWER = 3000; // milliseconds after which a kernel is said not to answer
const SILENT = "The kernel does not answer: it is busy, or it was restarted. If this stays, run the cell again.";

function kernel(model, figure, made, free) {
  if (model.alone) return { ask() {}, note: "" };
  const note = element("p", { className: "course-kernel", aria: { role: "status" } });
  let asked = 0, patience = null;
  const enable = (able) => {
    for (const { trait, node } of made)
      for (const input of node.querySelectorAll("input, select, button")) input.disabled = !able && !free(trait);
  };
  const state = (word) => {
    figure.dataset.kernel = word;
    note.textContent = word === "silent" ? SILENT : "";
    enable(word !== "silent");
  };
  const silent = () => state("silent");
  const ask = () => {
    model.send({ ask: ++asked });
    if (figure.dataset.kernel !== "silent") state("asked");
    clearTimeout(patience);
    patience = setTimeout(silent, ANSWER);
  };
  model.on("msg:custom", ({ answer }) => {
    if (answer !== asked) return;
    clearTimeout(patience);
    state("answers");
  });
  model.on("comm_live_update", () => { if (asked) silent(); }); // the connection was cut: a restart, a shutdown
  ask();
  return { ask, note };
}

// Say once that a hand or the keyboard has come to the figure: what it may choose next is drawn ahead of it.
function tellWhenNear(model, figure) {
  let told = Boolean(model.alone);
  const tell = () => {
    if (!told) model.send({ near: true });
    told = true;
  };
  for (const event of ["pointerenter", "focusin"]) figure.addEventListener(event, tell, { once: true });
}

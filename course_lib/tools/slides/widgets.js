// Live figures without a kernel: each gets a model that holds its state, and its own front end draws it.

const { states, modules } = JSON.parse(document.getElementById("widgets").textContent);

const questions = {}; // {id of a prediction: its models}, which hear from a poll
const loaded = {};
const front = (key) => (loaded[key] ??= import(URL.createObjectURL(new Blob([modules[key]], { type: "text/javascript" }))));

for (const place of document.querySelectorAll(".widget")) {
  const known = states[place.dataset.model];
  if (!known) continue;
  const model = new Model(known);
  if (known.state.kind === "predict") (questions[known.state.name] ??= []).push(model);
  const { default: { render } } = await front(known.module);
  render({ model, el: place });
  if (model.still) place.insertAdjacentHTML("beforeend", '<p class="still">More of this figure can be moved in the notebook.</p>');
}

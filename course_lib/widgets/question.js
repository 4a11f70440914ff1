// A question in the page: a quiz question (options with reasons), a prediction (options, or free text), or the outcome
// of one, which hears in the page what is written down, so that it needs no kernel and no order of cells.
// Everything that it says came with the model, so it goes on answering in a page without a kernel.

function part(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A text in the language of the course: the model brings the texts of other languages than English.
const say_in = (model, text) => model.get("words")?.[text] ?? text;

const WRITTEN = "course-prediction-written";
const quiet = { "data-lm-suppress-shortcuts": "true" }; // or JupyterLab takes the arrow keys for itself

function choices(model, name, say) {
  return model.get("options").map((text, index) => {
    const input = part("input", { type: "radio", name, value: index, ...quiet });
    input.checked = model.get("chosen") === index;
    input.addEventListener("change", () => say(index));
    return part("label", {}, input, part("span", {}, text));
  });
}

function quiz(model, box, name) {
  const verdict = part("p", { role: "status" });
  const show = () => {
    const chosen = model.get("chosen");
    box.dataset.state = chosen < 0 ? "open" : chosen === model.get("right") ? "right" : "wrong";
    const word = { open: "", right: "✓ Right.", wrong: "✗ Not quite." }[box.dataset.state];
    verdict.textContent = chosen < 0 ? "" : `${say_in(model, word)} ${model.get("reasons")[chosen]}`;
  };
  const say = (index) => {
    model.set("chosen", index);
    model.save_changes();
    show();
  };
  box.append(...choices(model, name, say), verdict);
  show();
}

function prediction(model, box, name) {
  const free = model.get("options").length === 0;
  let chosen = model.get("chosen");
  const text = part("textarea", { rows: 2, "aria-label": say_in(model, "Your prediction"), ...quiet });
  text.value = model.get("answer");
  const verdict = part("p", { role: "status" });
  const button = part("button", { type: "button" }, say_in(model, "Write it down"));
  const show = () => {
    const answer = model.get("answer");
    box.dataset.state = answer ? "noted" : "open";
    const noted = say_in(model, "Written down: {answer}. Now run the next cell.");
    verdict.textContent = answer ? noted.replace("{answer}", () => answer) : "";
  };
  button.addEventListener("click", () => {
    const answer = free ? text.value.trim() : (model.get("options")[chosen] ?? "");
    if (!answer) {
      const first = "First choose or write an answer: a wrong guess teaches more than none.";
      verdict.textContent = say_in(model, first);
      return;
    }
    model.set({ answer, chosen });
    model.save_changes();
    show();
    document.dispatchEvent(new CustomEvent(WRITTEN, { detail: { name: model.get("name"), chosen } }));
  });
  const inputs = free ? [text] : choices(model, name, (index) => (chosen = index));
  box.append(...inputs, part("div", { class: "course-writing" }, button), verdict);
  show();
  return free ? undefined : polled(model, box);
}

function tempting(model, chosen) {
  const [right, reasons] = [model.get("right"), model.get("reasons")];
  const others = model.get("options").map((text, index) => [text, index]);
  const rows = others
    .filter(([, index]) => index !== right && index !== chosen)
    .map(([text, index]) => part("li", {}, part("strong", {}, text), `: ${reasons[index]}`));
  if (!rows.length) return [];
  return [part("details", {}, part("summary", {}, say_in(model, "Why the others tempt")), part("ul", {}, ...rows))];
}

function outcome(model, box) {
  const said = part("div", { role: "status" });
  const show = () => {
    const [chosen, right] = [model.get("chosen"), model.get("right")];
    const [options, reasons] = [model.get("options"), model.get("reasons")];
    box.dataset.state = chosen < 0 ? "open" : chosen === right ? "right" : "wrong";
    const line = (word, index) =>
      part("p", {}, part("strong", {}, `${say_in(model, word)} ${options[index]}. `), reasons[index]);
    const lines = {
      open: () => [line("You predicted nothing. Right is:", right)],
      right: () => [line("✓ Your prediction was right:", right)],
      wrong: () => [line("✗ You predicted:", chosen), line("Right is:", right)],
    }[box.dataset.state]();
    said.replaceChildren(...lines, ...tempting(model, chosen));
  };
  const hear = (event) => {
    if (event.detail.name !== model.get("name") || event.detail.chosen === model.get("chosen")) return;
    model.set("chosen", event.detail.chosen);
    model.save_changes();
    show();
  };
  document.addEventListener(WRITTEN, hear);
  box.append(said);
  show();
  return () => document.removeEventListener(WRITTEN, hear);
}

function render({ model, el }) {
  // Every widget loads this module for itself: a counter would give all questions of the page one radio group.
  const name = `course-question-${Math.random().toString(36).slice(2)}`;
  const box = part("fieldset", { class: "course-question" }, part("legend", {}, model.get("question")));
  const gone = { quiz, predict: prediction, outcome }[model.get("kind")](model, box, name);
  el.append(box);
  return gone;
}

export default { render };

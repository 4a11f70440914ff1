// A question in the page: a quiz question (options with reasons) or a prediction (options, or free text).
// Everything that it says came with the model, so it goes on answering in a page without a kernel.

function part(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

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
    const word = { open: "", right: "✓ Right. ", wrong: "✗ Not quite. " }[box.dataset.state];
    verdict.textContent = chosen < 0 ? "" : word + model.get("reasons")[chosen];
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
  const text = part("textarea", { rows: 2, "aria-label": "Your prediction", ...quiet });
  text.value = model.get("answer");
  const verdict = part("p", { role: "status" });
  const button = part("button", { type: "button" }, "Write it down");
  const show = () => {
    const answer = model.get("answer");
    box.dataset.state = answer ? "noted" : "open";
    verdict.textContent = answer ? `Written down: ${answer}. Now run the next cell.` : "";
  };
  button.addEventListener("click", () => {
    const answer = free ? text.value.trim() : (model.get("options")[chosen] ?? "");
    if (!answer) {
      verdict.textContent = "First choose or write an answer: a wrong guess teaches more than none.";
      return;
    }
    model.set({ answer, chosen });
    model.save_changes();
    show();
  });
  const inputs = free ? [text] : choices(model, name, (index) => (chosen = index));
  box.append(...inputs, part("div", {}, button), verdict);
  show();
}

function render({ model, el }) {
  // Every widget loads this module for itself: a counter would give all questions of the page one radio group.
  const name = `course-question-${Math.random().toString(36).slice(2)}`;
  const box = part("fieldset", { class: "course-question" }, part("legend", {}, model.get("question")));
  (model.get("kind") === "quiz" ? quiz : prediction)(model, box, name);
  el.append(box);
}

export default { render };

// A poll of the class, beside the prediction that it asks: question.js stands before this file. The kernel, or the poll
// that shows the slides, says how it stands (null: none is held); then bars grow behind the options. Nothing of it is
// part of the model's state, so that nothing is left of it in a saved notebook.

const PRESSES = { waiting: [["ask", "Ask the class"]], open: [["tell", "Close, and tell"]], closed: [["ask", "Ask again"]] };

// What phones read: at the side, and as high as the screen for those who sit far away.
function code_of(model) {
  const [small, tall] = [part("img", {}), part("img", { alt: "" })];
  const [here, there] = [part("span", {}), part("span", {})];
  const button = part("button", { type: "button" }, small);
  const close = part("button", { type: "button" }, say_in(model, "Close"));
  const large = part("dialog", { class: "course-code-large" }, tall, there, close);
  button.addEventListener("click", () => large.showModal());
  close.addEventListener("click", () => large.close());
  const address = ({ phones, code }) => {
    if (large.getAttribute("aria-label") === phones) return;
    small.src = tall.src = code;
    small.alt = say_in(model, "QR code of {address}, larger").replace("{address}", phones);
    large.setAttribute("aria-label", phones);
    for (const one of [here, there]) one.replaceChildren("http://", part("wbr", {}), phones.replace(/^http:..|.$/g, ""));
  };
  return { side: part("div", { class: "course-poll-code" }, button, here), address, large };
}

function polled(model, box) {
  const say = (text) => say_in(model, text);
  const rows = [...box.querySelectorAll("label")].map((label) => [label, part("b", { class: "course-count" })]);
  const total = part("span", {}), { side, address, large } = code_of(model);
  const bars = part("button", { type: "button" }), presses = part("span", {});
  const below = part("div", { class: "course-poll" }, presses, bars, total);
  bars.addEventListener("click", () => {
    const hidden = box.toggleAttribute("data-hidden");
    bars.textContent = say(hidden ? "Show the bars" : "Hide the bars");
  });

  function pressing(state) {
    return PRESSES[state].map(([press, text]) => {
      const button = part("button", { type: "button" }, say(text));
      button.addEventListener("click", () => model.send({ poll: press }));
      return button;
    });
  }

  function begin(state) {
    const focused = presses.contains(document.activeElement);
    presses.replaceChildren(...pressing(state));
    bars.hidden = total.hidden = state === "waiting";
    bars.textContent = say("Hide the bars");
    box.removeAttribute("data-hidden");
    box.dataset.poll = state;
    for (const [label, count] of rows) label.append(count);
    box.querySelector("legend").after(...(state === "open" ? [side] : []));
    if (state !== "open") side.remove();
    if (state !== "open" && large.open) large.close();
    box.append(below, large);
    if (focused) presses.firstChild.focus(); // who presses with the keyboard stays where the next button is
  }

  function end() {
    delete box.dataset.poll;
    box.removeAttribute("data-hidden");
    for (const one of [side, below, large, ...rows.map(([, count]) => count)]) one.remove();
    for (const [label] of rows) {
      label.removeAttribute("style");
      label.removeAttribute("data-right");
    }
  }

  function show(poll) {
    if (!poll) return end();
    const all = poll.counts.reduce((sum, one) => sum + one, 0);
    if (box.dataset.poll !== poll.state) begin(poll.state);
    address(poll);
    total.textContent = say("{count} answered").replace("{count}", all);
    rows.forEach(([label, count], i) => {
      count.textContent = poll.state === "waiting" ? "" : `${i === poll.right ? "✓ " : ""}${poll.counts[i]}`;
      label.toggleAttribute("data-right", i === poll.right);
      label.style.setProperty("--share", `${all ? (100 * poll.counts[i]) / all : 0}%`);
    });
  }

  const hear = ({ poll }) => {
    if (poll === undefined) return;
    const before = box.dataset.poll;
    show(poll);
    if (before !== box.dataset.poll) box.dispatchEvent(new CustomEvent("course-poll", { bubbles: true })); // it takes other room now
  };
  model.on("msg:custom", hear);
  if (!model.alone) model.send({ poll: "look" });
  return () => model.off("msg:custom", hear);
}

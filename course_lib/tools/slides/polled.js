// A poll that shows these slides, at an address of its own: the predictions hear how their questions stand. Slides that
// were opened from a disk, or from elsewhere, ask nobody.

const HELD = /^(\/lecturer\/[\w-]+)\/slides$/, LOOK = 500, LOST = 4; // milliseconds; looks without an answer, after which it has ended
const SMALLER = [0.9, 0.85, 0.8]; // of 30 pixels, in which questions are set: 24

function tell(id, poll) {
  for (const model of questions[id] ?? [])
    for (const hear of model.listeners["msg:custom"] ?? []) hear({ poll });
}

// A question with bars and a code takes more room than it was set for.
function fit(body) {
  body.dataset.size ??= body.style.getPropertyValue("--size") || "1";
  const sizes = [body.dataset.size, ...SIZES.filter((one) => one < body.dataset.size), ...SMALLER];
  for (const size of sizes) {
    body.style.setProperty("--size", size);
    if (body.scrollHeight <= ROOM.height && body.scrollWidth <= ROOM.width) break;
  }
}

const fitShown = () => { for (const body of document.querySelectorAll(".slide.present .body:has(.course-question)")) fit(body); };

function follow(own) {
  let lost = 0, looking = null;
  const end = () => { for (const id of Object.keys(questions)) tell(id, null); };
  async function look() {
    try {
      const { questions: asked, phones, code } = await (await fetch(`${own}/counts`)).json();
      for (const { id, ...stands } of asked) tell(id, { ...stands, phones, code });
      lost = 0;
    } catch {
      if (++lost < LOST) return;
      clearInterval(looking);
      end();
    }
  }
  async function press(id, button) {
    const asked = (await (await fetch(`${own}/counts`)).json()).questions.findIndex((one) => one.id === id);
    await fetch(own, { method: "POST", body: new URLSearchParams({ do: button, question: asked }) });
    await look();
  }
  for (const [id, models] of Object.entries(questions))
    for (const model of models) model.send = ({ poll }) => press(id, poll).catch(() => {});
  looking = setInterval(look, LOOK);
  look();
}

document.addEventListener("course-poll", fitShown);
Reveal.on("slidechanged", fitShown);
const held = location.protocol.startsWith("http") && location.pathname.match(HELD);
if (held) follow(held[1]);

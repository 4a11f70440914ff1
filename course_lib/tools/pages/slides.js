// Slides: arrow keys, space, Page Up and Down, Home and End turn them; N shows the notes; the address remembers the slide.

const deck = [...document.querySelectorAll(".slide")];
const bar = document.createElement("nav");
bar.className = "bar";
bar.setAttribute("aria-label", "Slides");
const button = (label, action) => Object.assign(document.createElement("button"), { type: "button", textContent: label, onclick: action });
const where = Object.assign(document.createElement("progress"), { max: deck.length });
const count = document.createElement("output");
bar.append(button("◀ Back", () => turn(-1)), button("Next ▶", () => turn(1)), where, count, button("Notes (N)", () => notes()));
document.body.append(bar);

const number = () => Math.min(Math.max(Number(location.hash.slice(1)) || 1, 1), deck.length);

// The largest scale, of those tried, at which the whole slide is on the screen.
function fit(slide) {
  const room = window.innerHeight - bar.offsetHeight;
  for (let scale = 1; ; scale -= 0.04) {
    Object.assign(slide.style, { width: `${100 / scale}%`, height: "auto", bottom: "auto", transform: `scale(${scale})` });
    if (slide.scrollHeight * scale <= room || scale < 0.5) return;
  }
}

function show() {
  deck.forEach((slide, i) => slide.classList.toggle("now", i === number() - 1));
  where.value = number();
  count.textContent = `${number()} / ${deck.length}`;
  fit(deck[number() - 1]);
}

function turn(by) { location.hash = Math.min(Math.max(number() + by, 1), deck.length); }
function notes() { document.body.classList.toggle("notes"); show(); }

const KEYS = { ArrowRight: 1, ArrowLeft: -1, PageDown: 1, PageUp: -1, " ": 1, Home: -deck.length, End: deck.length };
addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea, button, summary, canvas")) return; // these keys are theirs
  if (event.key in KEYS) { event.preventDefault(); turn(KEYS[event.key]); }
  if (event.key === "n" || event.key === "N") notes();
});
addEventListener("hashchange", show);
addEventListener("resize", show);
for (const picture of document.images) picture.addEventListener("load", show);
show();

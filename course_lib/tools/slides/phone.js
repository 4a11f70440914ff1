// On a phone slides are read, one idea below another: of a screen for a hall a hand can do nothing. Answers are folded,
// stored pictures come apart at their panels, as those of live figures do (widgets/panels.js).

const NARROW = 600; // pixels of a phone's screen; page.css says the same
const LEGIBLE = 60, LARGEST = 85; // pixels an inch of a panel; panels.js says the same

// The lecturer's window shows slides in small frames: there they stay slides.
const isPhone = () => innerWidth <= NARROW && window === top;

function read(source) {
  document.body.classList.add("read");
  for (const idea of source.children) idea.classList.add("slide");
  source.querySelectorAll('[data-kind="answer"], [data-kind="outcome"]').forEach(folded);
  source.querySelectorAll("img[data-regions]").forEach(apart);
}

function folded(block) {
  const fold = document.createElement("details");
  fold.append(Object.assign(document.createElement("summary"), { textContent: "Answer" }), ...block.childNodes);
  block.append(fold);
}

// A picture is read aloud whole, and seen panel by panel.
function apart(picture) {
  const { size, dpi, panels } = JSON.parse(picture.dataset.regions);
  picture.classList.add("heard");
  picture.after(node("div", "course-panels", ...panels.map((place) => panelOf(picture, size, dpi, place))));
}

function panelOf(picture, [width, height], dpi, [x, y, w, h]) {
  const canvas = Object.assign(document.createElement("canvas"), { width: w, height: h, ariaHidden: "true" });
  canvas.getContext("2d").drawImage(picture, -x, -y, width, height);
  const inside = node("div", "course-window", canvas), panel = node("div", "course-panel", inside);
  inside.style.minWidth = `${(LEGIBLE * w) / dpi}px`;
  panel.style.width = `${(LARGEST * w) / dpi}px`;
  return panel;
}

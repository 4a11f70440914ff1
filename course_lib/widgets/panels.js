// What the picture stands on: dark where the page is dark, but for what keeps its colours, and panel by panel where it is narrow.
// The picture stays one; where it may be cut comes with it (figures/regions.py). controls.js stands before this file.

const NARROW = 600; // pixels of a phone's screen; page.css says the same
const LEGIBLE = 60, LARGEST = 85; // pixels an inch of a panel on a narrow screen; show.py says the same

const isNarrow = (width, { size: [w], dpi = 100 }) => innerWidth <= NARROW && width < (LEGIBLE * w) / dpi;
const percent = (share) => `${(100 * share).toFixed(2)}%`;

// CSS that leaves `kept` out of an area that covers `panel`.
function around(kept, [left, top, width, height]) {
  const holes = kept.flatMap(([x, y, w, h]) => {
    const low = Math.max(x, left), high = Math.min(x + w, left + width), first = Math.max(y, top), last = Math.min(y + h, top + height);
    if (low >= high || first >= last) return [];
    const corners = [[low, first], [high, first], [high, last], [low, last], [low, first]];
    return [...corners.map(([a, b]) => [(a - left) / width, (b - top) / height]), [0, 0]];
  });
  if (!holes.length) return "none";
  return `polygon(evenodd,${[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0], ...holes].map((corner) => corner.map(percent).join(" ")).join(",")})`;
}

// `picture` (an image or a canvas) and, where a film is shown, the `frame` that lies over it.
function screen(model, picture, frame) {
  const night = element("div", { className: "course-night" });
  const cut = element("div", { className: "course-panels", aria: { role: "img" }, hidden: true });
  const node = element("div", { className: "course-screen" }, picture, ...(frame ? [frame] : []), night, cut);
  const where = () => ({ size: [1, 1], dpi: 100, panels: [], kept: [], ...model.get("boxes") });
  let windows = [], boxes = null;

  const paint = () => {
    if (cut.hidden) return;
    const [width, height] = where().size;
    cut.setAttribute("aria-label", picture.alt || picture.getAttribute("aria-label") || "");
    for (const { pen, place: [x, y] } of windows) {
      pen.drawImage(picture, -x, -y, width, height);
      if (!frame || frame.hidden || !frame.box) continue;
      const [left, top, w, h] = frame.box;
      pen.drawImage(frame, left - x, top - y, w, h);
    }
  };

  const window = (place) => {
    const [x, y, w, h] = place, inches = w / where().dpi, canvas = element("canvas", { width: w, height: h });
    const veil = element("div", { className: "course-night" });
    veil.style.clipPath = around(where().kept, place);
    const inside = element("div", { className: "course-window" }, canvas, veil);
    inside.style.minWidth = `${LEGIBLE * inches}px`;
    const panel = element("div", { className: "course-panel" }, inside);
    panel.style.width = `${LARGEST * inches}px`;
    canvas.addEventListener("click", ({ offsetX, offsetY }) => {
      const point = [x + (offsetX * w) / canvas.clientWidth, y + (offsetY * h) / canvas.clientHeight];
      picture.dispatchEvent(new CustomEvent("course-pick", { detail: point }));
    });
    return { panel, place, pen: canvas.getContext("2d", { alpha: false }) };
  };

  const fit = () => {
    const { size, panels, kept } = where(), narrow = isNarrow(node.parentElement?.clientWidth ?? Infinity, where());
    if (boxes !== model.get("boxes")) night.style.clipPath = around(kept, [0, 0, ...size]);
    if (narrow && (boxes !== model.get("boxes") || !windows.length)) {
      windows = (panels.length ? panels : [[0, 0, ...size]]).map(window);
      cut.replaceChildren(...windows.map(({ panel }) => panel));
    }
    boxes = model.get("boxes");
    cut.hidden = !narrow;
    cut.tabIndex = picture.tabIndex;
    node.parentElement?.classList.toggle("course-narrow", narrow);
    paint();
  };

  cut.addEventListener("keydown", (event) => {
    const again = new KeyboardEvent("keydown", { key: event.key, shiftKey: event.shiftKey, cancelable: true });
    if (picture.tabIndex === 0 && !picture.dispatchEvent(again)) event.preventDefault();
  });
  model.on("change:boxes", fit);
  new MutationObserver(paint).observe(node, { subtree: true, attributeFilter: ["data-frames", "hidden"] }); // whatever painted it
  new ResizeObserver(fit).observe(node);
  return node;
}

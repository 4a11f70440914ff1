// The figure on one screen: the picture gets the height that controls and words leave, and what is seldom set is
// folded away where that is too little. F, or the button, gives the figure the whole screen. controls.js stands before.

const NARROWEST = 200, WIDEST = 1500; // pixels
const BETWEEN = 26; // pixels of height between the parts
const STAY = 4; // controls that are never folded
const CORNERS = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" fill="none" stroke="currentColor" stroke-width="2"/></svg>';

function onOneScreen(model, figure, made, caption) {
  const picture = figure.querySelector(".course-picture"), whole = () => document.fullscreenElement === figure;
  const full = element("button", { type: "button", className: "course-full", innerHTML: CORNERS, title: "Fill the screen (F)", data: own, aria: { label: "Fill the screen" } });
  const fill = () => (whole() ? document.exitFullscreen() : figure.requestFullscreen?.());
  full.addEventListener("click", fill);
  figure.addEventListener("keydown", (event) => {
    const typing = event.target.matches("select, input[type=text]");
    if (event.key.toLowerCase() !== "f" || typing || event.ctrlKey || event.metaKey || event.altKey || figure.closest(".slide")) return;
    event.preventDefault();
    event.stopPropagation();
    fill();
  });
  caption.prepend(full);
  const said = caption.querySelector(".course-caption"); // the figure's name is what it shows, not the button before it
  said.id = `course-caption-${Math.random().toString(36).slice(2)}`;
  figure.setAttribute("aria-labelledby", said.id);
  if (model.alone) return () => {}; // the page around it has a layout of its own

  const more = element("button", { type: "button", className: "course-more-controls", data: own, aria: { expanded: "false" } });
  made.at(-1)?.node.after(more);
  let open = false, planned = null, words = 0, last = "";
  const fold = (folded) => {
    const seen = made.filter(({ node }) => !node.hidden);
    seen.forEach(({ node }, place) => node.classList.toggle("course-folded", folded && !open && place >= STAY));
    more.hidden = !folded || seen.length <= STAY;
    more.textContent = open ? "Fewer controls" : `${seen.length - STAY} more controls`;
    more.setAttribute("aria-expanded", String(open));
  };
  const fit = () => {
    planned = null;
    const panel = figure.closest(".jp-WindowedPanel-outer, .jp-Notebook");
    const height = whole() ? innerHeight - 24 : Math.min(innerHeight, panel?.clientHeight || innerHeight) - 12;
    const width = whole() ? innerWidth - 40 : figure.parentElement?.clientWidth - 8, [w, h] = model.get("boxes").size ?? [2, 1];
    if (!(width > 0)) return; // not shown
    figure.classList.toggle("course-small", width < 1000 || height < 640);
    figure.classList.toggle("course-tiny", width < 560 || height < 480);
    if (last !== `${width} ${height}`) words = 0; // the longest caption of this width so far: the picture must not jump
    last = `${width} ${height}`;
    caption.style.minHeight = "";
    words = Math.max(words, caption.offsetHeight);
    caption.style.minHeight = `${words}px`;
    const others = () => [...figure.children].filter((node) => !node.contains(picture));
    const room = () => (height - others().reduce((sum, node) => sum + node.offsetHeight, BETWEEN)) * w / h;
    fold(false);
    if (room() < 0.75 * width) fold(true);
    if (isNarrow(width, { size: [w, h], ...model.get("boxes") })) return figure.style.removeProperty("--course-width"); // panel by panel, as wide as there is room
    const most = whole() ? width : Math.min(width, WIDEST);
    figure.style.setProperty("--course-width", `${Math.floor(Math.max(NARROWEST, Math.min(most, room())))}px`);
  };
  const soon = () => { planned ??= requestAnimationFrame(fit); };
  more.addEventListener("click", () => { open = !open; soon(); });
  const watch = new ResizeObserver(soon), panel = () => figure.closest(".jp-WindowedPanel-outer, .jp-Notebook");
  requestAnimationFrame(() => [figure.parentElement, panel()].forEach((node) => node && watch.observe(node)));
  window.addEventListener("resize", soon);
  document.addEventListener("fullscreenchange", soon);
  for (const trait of ["boxes", "hidden", "caption", "problem"]) model.on(`change:${trait}`, soon);
  picture.addEventListener("load", soon);
  soon();
  return () => {
    watch.disconnect();
    cancelAnimationFrame(planned);
    window.removeEventListener("resize", soon);
    document.removeEventListener("fullscreenchange", soon);
  };
}

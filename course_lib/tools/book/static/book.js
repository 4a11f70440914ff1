// The book's own script: formulas, and live figures and questions without a kernel. A live part is loaded when it comes
// near the screen, by a script, since a page that was opened from a disk may not fetch data.

const courseLive = (() => {
  const folder = new URL("live/", document.currentScript.src);
  const waiting = {}, asked = {};
  const came = (name, value) => { waiting[name]?.(value); };

  function ask(name) {
    return (asked[name] ??= new Promise((resolve, reject) => {
      waiting[name] = resolve;
      document.head.append(Object.assign(document.createElement("script"), { src: new URL(`${name}.js`, folder), onerror: reject }));
    }));
  }

  const fronts = {};
  const front = (key) => (fronts[key] ??= ask(key)
    .then((text) => import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })))));

  async function enliven(place) {
    const known = await ask(place.dataset.live);
    const { default: { render } } = await front(known.module);
    const model = new Model(known, place.dataset.controls?.split(" "));
    const room = document.createElement("div");
    render({ model, el: room });
    if (model.still) room.insertAdjacentHTML("beforeend", '<p class="course-more">More of this figure can be moved in the notebook.</p>');
    place.replaceChildren(room);
    place.dataset.ready = "true";
  }

  const start = (place) => enliven(place).catch(() => { place.dataset.ready = "false"; }); // the picture stays

  function watch() {
    const near = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        start(target);
      }
    }, { rootMargin: "800px" });
    for (const place of document.querySelectorAll(".course-live")) {
      if (place.querySelector(".course-asked")) start(place); // an outcome hears its prediction, wherever it is
      else near.observe(place);
    }
  }

  function formulas() {
    for (const node of document.querySelectorAll(".course-math"))
      katex.render(node.textContent, node, { displayMode: node.tagName === "DIV", throwOnError: false, strict: false });
  }

  // Search buttons and folds are named otherwise than they read: who speaks to a computer says what is seen.
  function names() {
    for (const button of document.querySelectorAll(".search-button__button"))
      if (button.textContent.trim()) button.setAttribute("aria-label", button.textContent.trim().replace(/\s+/g, " "));
    for (const summary of document.querySelectorAll("summary[aria-label]")) summary.removeAttribute("aria-label");
  }

  addEventListener("DOMContentLoaded", () => {
    names();
    watch();
    formulas();
    document.body.dataset.ready = "true";
  });
  // On paper: dark letters on white, and every answer open; the set-up cells stay folded.
  const root = document.documentElement;
  let theme = root.dataset.theme;
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    document.querySelectorAll("main details:not(.hide)").forEach((fold) => { fold.open = true; });
  });
  addEventListener("afterprint", () => { root.dataset.theme = theme; });
  return { state: came, module: came };
})();

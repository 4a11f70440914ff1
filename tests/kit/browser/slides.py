"""What can be wrong with a slide on a projector, asked of every slide of a deck that is open in a browser."""

FAULTS = r"""(size) => {
  const faults = [], scale = Reveal.getScale();
  const say = (slide, what) => faults.push(`${slide.querySelector("h1, h2")?.innerText ?? "?"}: ${what}`);
  const hidden = "aside, .katex-mathml, style, script, option";
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(hidden);

  // Text nodes that a class reads, with the element that sets their type.
  function* texts(slide) {
    const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (walker.currentNode.data.trim() && seen(element)) yield [walker.currentNode, element];
    }
  }

  const outside = ({ left, top, right, bottom, width }) =>
    width && (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1);
  const cuts = (one) => /hidden|auto|scroll|clip/.test(getComputedStyle(one).overflow) && !one.closest(".katex, svg")
    && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);

  function look(slide) {
    const title = slide.querySelector("h1, h2"), body = slide.querySelector(".body");
    const range = document.createRange();
    if (!title?.innerText.trim()) say(slide, "no heading");
    for (const [text, element] of texts(slide)) {
      const words = text.data.trim().slice(0, 40);
      const size = parseFloat(getComputedStyle(element.closest(".katex") ?? element).fontSize);
      if (size < 24) say(slide, `type of ${size} px: ${words}`);
      range.selectNodeContents(text);
      if (outside(range.getBoundingClientRect())) say(slide, `cut off: ${words}`);
      const tex = !element.closest("pre, code, .katex") && /\\[a-z]+|\$[^$]+\$/i.test(text.data);
      if (tex) say(slide, `raw TeX: ${words}`);
    }
    for (const { textContent: code } of slide.querySelectorAll(".code pre")) {
      if (/^\s*\n/.test(code)) say(slide, "code begins with an empty line");
      if (/^ {8}/.test(code)) say(slide, `code is cut inside of a loop: ${code.trim().slice(0, 40)}`);
    }
    for (const picture of slide.querySelectorAll("img, canvas"))
      if (seen(picture) && outside(picture.getBoundingClientRect())) say(slide, "a picture is cut off");
    if ([...body.querySelectorAll("*")].some(cuts)) say(slide, "something is cut inside");
    if (slide.querySelector(".katex-error")) say(slide, "a formula was not understood");
    for (const { children } of slide.querySelectorAll(".katex-display > .katex > .katex-html")) {
      const lines = [...children].map((child) => child.getBoundingClientRect());
      if (lines.some(({ top }) => top > lines[0].bottom)) say(slide, "a formula goes on below");
    }
    if (body.firstElementChild?.dataset.kind === "equation") say(slide, "an equation without its sentence");
    const parts = [...body.children].map((part) => part.getBoundingClientRect());
    const top = Math.min(...parts.map((part) => part.top)), bottom = Math.max(...parts.map((part) => part.bottom));
    const below = title.getBoundingClientRect().bottom, ends = below + bottom - top; // as if nothing were centred
    if (top < below - 1) say(slide, "text runs into the heading");
    if (!slide.matches(".title") && ends < innerHeight / 2) say(slide, `ends above the middle, at ${Math.round(ends)}`);
  }

  if (scale < 0.85 * size / 720) faults.push(`the scale is ${scale}`);
  for (const slide of Reveal.getSlides()) {
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v, 99);
    look(slide);
  }
  return faults;
}"""


def faults(page, size):
    """Sentences about what is wrong, slide by slide, with the window set to ``size``."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_function("([width, height]) => innerWidth === width && innerHeight === height", arg=list(size))
    page.evaluate("() => Reveal.layout()")
    return page.evaluate(FAULTS, size[1])

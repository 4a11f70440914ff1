"""A walk through a figure or a question with nothing but the keyboard, and what is wrong on the way."""

CONTROLS = "input:not([type=radio]), select, button, summary, textarea, [tabindex='0'], input[type=radio]"
USABLE = """(part, all) => {
    const usable = [...part.querySelectorAll(all)].filter((one) => one.checkVisibility() && !one.disabled);
    const chosen = (one) => usable.find((other) => other.name === one.name && other.checked) ??
        usable.find((other) => other.name === one.name);
    const stops = usable.filter((one) => one.type !== "radio" || chosen(one) === one);
    return """  # radio buttons are one stop
NAMES = (
    USABLE
    + """stops.map((one) => {
        const name = one.getAttribute("aria-label") ?? one.labels?.[0]?.innerText ?? one.innerText;
        return `${one.type ?? one.tagName} ${name.trim()}`;
    });
}"""
)
GO = "([part, all, number]) => (" + USABLE + "stops; })(part, all).at(number).focus()"
PLACE = (
    USABLE
    + """stops.findIndex((one) => one === document.activeElement
        || (one.type === "radio" && one.name === document.activeElement.name));
}"""
)
SEEN = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
}"""
VALUE = "one => one.type === 'checkbox' ? one.checked : one.value"
KEYS = {"range": ("ArrowRight", "ArrowLeft"), "select-one": ("ArrowDown", "ArrowUp"), "checkbox": ("Space", "Space")}


def faults(page, part):
    """Sentences: a control that the Tab key does not reach, or where one does not see it, a trap, a dead control."""
    return _reached(page, part) + _moved(part)


def _reached(page, part):
    names = part.evaluate(NAMES, CONTROLS)
    forwards = list(range(len(names)))
    return [*_walked(page, part, names, "Tab", forwards), *_walked(page, part, names, "Shift+Tab", forwards[::-1])]


def _walked(page, part, names, key, order):
    found = []
    page.evaluate(GO, [part.element_handle(), CONTROLS, order[0]])
    for number, stop in enumerate(order):
        if number:
            page.keyboard.press(key)
        place = part.evaluate(PLACE, CONTROLS)
        if place != stop:
            return [*found, f"{key} leads to {names[place] if place >= 0 else 'outside'}, not to {names[stop]}"]
        if not page.evaluate(SEEN):
            found.append(f"one does not see that {names[stop]} has the focus")
    page.keyboard.press(key)
    return [*found, f"{key} does not lead out"] if part.evaluate(PLACE, CONTROLS) >= 0 else found


def _moved(part):
    """Every slider, menu and box goes one step and back."""
    found = []
    for kind, (there, back) in KEYS.items():
        for control in part.locator("select" if kind == "select-one" else f"input[type={kind}]").all():
            if not (control.is_visible() and control.is_enabled()):
                continue  # another control may have taken it away
            values = [control.evaluate(VALUE)]
            for key in (there, back):
                control.press(key)
                values.append(control.evaluate(VALUE))
            if len(set(values)) == 1:
                found.append(f"no key moves {control.get_attribute('aria-label')}")
    return found

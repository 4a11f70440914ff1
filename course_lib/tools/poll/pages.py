"""The two pages: one that answers on any phone without a script, one that the class sees on the screen."""

from html import escape

import segno

LOOK = """:root { color-scheme: light dark; --ink: #111; --ground: #fff }
:root { --blue: #0072b2; --bar: #56b4e9; --line: #767676 }
@media (prefers-color-scheme: dark) { :root { --ink: #eee; --ground: #15181c; --blue: #7cc4f0; --bar: #1f6f9e } }
body { margin: 0 auto; padding: 16px; max-width: 36rem; font: 20px/1.45 system-ui, sans-serif;
  color: var(--ink); background: var(--ground) }
h1 { font-size: 1.3em; margin: 0 0 .7em }
fieldset { border: 0; margin: 0; padding: 0 } legend { font-weight: 600; padding: 0; margin-bottom: .6em }
label { display: flex; gap: .7em; padding: .7em; margin: .4em 0; border: 1px solid var(--line); border-radius: 8px }
label:has(:checked) { border: 2px solid var(--blue); padding: calc(.7em - 1px) }
input { width: 1.3em; height: 1.3em; margin: .1em 0 0; flex: none; accent-color: #0072b2 }
button { font: inherit; padding: .5em 1.2em; border: 1px solid #0072b2; border-radius: 8px; background: #0072b2;
  color: #fff; cursor: pointer } button:disabled { opacity: .4; cursor: default }
a { color: var(--blue) } :focus-visible { outline: 3px solid #d55e00; outline-offset: 2px }
.note { padding: .5em .8em; border-left: 5px solid #009e73 } .refused { border-color: #d55e00 }"""
SCREEN = """body { max-width: 76rem; font-size: 26px }
main { display: grid; grid-template-columns: 1fr 16rem; gap: 2rem }
aside { text-align: center; font-size: .8em; overflow-wrap: anywhere }
aside svg { width: 100%; height: auto; background: #fff }
ol { list-style: none; padding: 0; margin: 0 } li { margin: .7em 0 }
.option { display: flex; justify-content: space-between; gap: 1em } .right .option { font-weight: 700 }
.track { display: block; height: 1.1em; border: 1px solid var(--line); border-radius: 4px; overflow: hidden }
.bar { display: block; height: 100%; background: var(--bar) } .right .bar { background: #009e73 }
.hidden .bar { visibility: hidden } .hidden .count { visibility: hidden }
form { display: flex; flex-wrap: wrap; gap: .6em; margin-top: 1.2em; font-size: .75em }
@media (max-width: 50rem) { main { display: block } aside { max-width: 15rem } }"""
# A phone that waits looks whether something else is asked now; one without scripts has the link.
WAITING = """const { place, told } = document.querySelector("main").dataset;
setInterval(async () => {
  try {
    const now = await (await fetch("/now")).json();
    if (String(now.place) !== place || String(now.told) !== told) location.assign("/");
  } catch {} // the next look follows
}, 3000);"""
COUNTING = """const list = document.querySelector("ol"), total = document.querySelector("#total");
async function count() {
  try {
    const { place, told, counts } = await (await fetch(location.pathname + "/counts")).json();
    if (place !== Number(list.dataset.place) || String(told) !== list.dataset.told) location.reload();
    const all = counts.reduce((sum, one) => sum + one, 0);
    total.textContent = all;
    [...list.children].forEach((row, i) => {
      row.querySelector(".count").textContent = counts[i];
      row.querySelector(".bar").style.width = `${all ? (100 * counts[i]) / all : 0}%`;
    });
  } catch {} // one count that does not come is followed by the next
}
setInterval(count, 500);
const bars = document.querySelector("#bars");
bars.addEventListener("click", () => {
  const hidden = list.classList.toggle("hidden");
  bars.textContent = hidden ? "Show the bars" : "Hide the bars";
});"""


def _page(title, body, style=LOOK, script=""):
    code = f"<script>{script}</script>" if script else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>'
        f"<body>{body}{code}</body></html>\n"
    )


# --- The phone's ----------------------------------------------------------------------------------------


def phone(tally, chosen=None, change=False, refused=""):
    """What a phone shows: the question, or what this phone ``chosen`` (a number, or ``None``) until the next one comes.

    ``change``: it wants to choose anew. ``refused``: why its last answer does not count.
    """
    said = f'<p class="note refused" role="alert">{escape(refused)}</p>' if refused else ""
    asks = not tally.told and (chosen is None or change)
    inside = _form(tally, chosen) if asks else _closed(tally) if tally.told else _written(tally, chosen)
    state = f'data-place="{tally.place}" data-told="{str(tally.told).lower()}"'
    return _page("Prediction", f"<main {state}><h1>Predict</h1>{said}{inside}</main>", script="" if asks else WAITING)


def _form(tally, chosen):
    rows = "".join(
        f'<label><input type="radio" name="option" value="{place}" required{" checked" if place == chosen else ""}>'
        f"<span>{escape(option)}</span></label>"
        for place, option in enumerate(tally.question.options)
    )
    return (
        f'<form method="post" action="/"><input type="hidden" name="question" value="{tally.place}">'
        f"<fieldset><legend>{escape(tally.question.text)}</legend>{rows}</fieldset>"
        f"<p><button>Answer</button></p></form>"
    )


def _written(tally, chosen):
    return (
        f"<p>{escape(tally.question.text)}</p>"
        f'<p class="note" role="status">Written down: <strong>{escape(tally.question.options[chosen])}</strong></p>'
        f'<p><a href="/?change">Change my answer</a> · <a href="/">The next question</a></p>'
    )


def _closed(tally):
    right = f"<p>Right is: <strong>{escape(tally.question.right)}</strong>.</p>" if tally.question.right else ""
    return f'<p>{escape(tally.question.text)}</p>{right}<p>Look at the screen. <a href="/">The next question</a></p>'


# --- The screen's ---------------------------------------------------------------------------------------


def code_of(address):
    """A QR code as SVG."""
    return segno.make(address, error="m").svg_inline(scale=8, border=2, omitsize=True, svgclass=None, lineclass=None)


def code_as_picture(address):
    """A QR code as the address of a picture, which holds all of it."""
    return segno.make(address, error="m").svg_data_uri(scale=8, border=2, omitsize=True, light="#fff")


def screen(tally, title, address):
    """What the class sees: question, bars, address and QR code; below it what the lecturer presses."""
    counts, question = tally.counts(), tally.question
    rows = "".join(
        _row(option, count, sum(counts), tally) for option, count in zip(question.options, counts, strict=True)
    )
    why = f'<p class="note">{escape(question.why.get(question.right, ""))}</p>' if tally.told and question.why else ""
    body = (
        f'<main><section><h1>{escape(question.text)}</h1><ol data-place="{tally.place}" '
        f'data-told="{str(tally.told).lower()}">{rows}</ol>{why}'
        f'<p><span id="total">{sum(counts)}</span> answered · question {tally.place + 1} of {len(tally.questions)}</p>'
        f'{_buttons(tally)}</section><aside aria-label="How to answer">'
        f'<div role="img" aria-label="QR code of {address}">'
        f"{code_of(address)}</div><p><strong>{escape(address).replace('//', '//<wbr>')}</strong></p>"
        f"<p>{escape(title)}</p></aside></main>"
    )
    return _page(f"Poll, {title}", body, LOOK + SCREEN, script=COUNTING)


def _row(option, count, total, tally):
    right = ' class="right"' if tally.told and option == tally.question.right else ""
    mark = "✓ " if right else ""
    width = 100 * count / total if total else 0
    return (
        f'<li{right}><span class="option"><span>{mark}{escape(option)}</span><span class="count">{count}</span></span>'
        f'<span class="track"><span class="bar" style="width:{width:.1f}%"></span></span></li>'
    )


def _buttons(tally):
    last = tally.place + 1 == len(tally.questions)
    made = [
        ("tell", "Close, and tell", tally.told),
        ("again", "Ask again", False),
        ("back", "The one before", tally.place == 0),
        ("next", "Next question", last),
    ]
    rows = "".join(
        f'<button name="do" value="{name}"{" disabled" if off else ""}>{text}</button>' for name, text, off in made
    )
    return f'<form method="post">{rows}<button type="button" id="bars">Hide the bars</button></form>'

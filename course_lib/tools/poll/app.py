"""What the server answers: the phones' page, and the lecturer's behind an address that nobody can guess.

Below that address lie the counts, and the slides, if any are shown: what stands beside a figure reads the counts there.
No page of another origin may read anything, and who has this address has it from the lecturer's own file or screen.
"""

import re
import secrets
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

from course_lib.tools.poll import pages
from course_lib.tools.poll.tally import Phones, Refused

COOKIE = "phone"
LONGEST = 500  # bytes of an answer
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
SLIDES = {  # their scripts, styles and pictures all stand in the file itself
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' blob:; "
    "img-src data: blob:; font-src data:; connect-src 'self'; frame-src 'self'; base-uri 'none'",
}
SAYS = {404: "There is no such page.", 405: "This page is only read.", 500: "The poll could not do that."}


def poll_app(tally, title, address, slides=None):
    """``(application, path)`` of a poll; ``path`` is the lecturer's, different every time.

    Args:
        tally: a ``Tally``.
        title: of the chapter.
        address: where phones reach it, ``http://192.168.1.5:8700/``.
        slides: path of the file that is shown at ``path/slides``, if any.
    """
    phones, path = Phones(), f"/lecturer/{secrets.token_urlsafe(12)}"
    where = {"phones": address, "code": pages.code_as_picture(address)}

    async def show(request):
        cookie = request.cookies.get(COOKIE, "")
        name = phones.name(cookie)
        answer = _html(pages.phone(tally, tally.chosen_by(name), "change" in request.query_params))
        if not name:
            answer.set_cookie(COOKIE, phones.new(), httponly=True, samesite="lax")
        return answer

    async def answer(request):
        try:
            place, option = _numbers(await _sent(request), "question", "option")
            name = phones.name(request.cookies.get(COOKIE, ""))
            if not name:
                raise Refused("This phone has no cookie of this poll: open the page once more, with cookies allowed.")
            tally.choose(name, place, option)
        except Refused as error:
            return _html(pages.phone(tally, refused=str(error)), 400)
        return RedirectResponse("/", 303, HEADERS)

    async def screen(request):
        return _html(pages.screen(tally, title, address))

    async def press(request):
        try:
            sent = await _sent(request)
            _press(tally, sent.get("do", [""])[0], _numbers(sent, "question")[0] if "question" in sent else None)
        except Refused as error:
            return _sentence(str(error), 400)
        return RedirectResponse(path, 303, HEADERS)

    async def counts(request):
        asked = {"place": tally.place, "told": tally.told, "counts": tally.counts()}
        return JSONResponse({**asked, **where, "questions": _standing(tally)}, headers=HEADERS)

    async def shown(request):
        return FileResponse(slides, headers=SLIDES, media_type="text/html")

    async def now(request):
        return JSONResponse({"place": tally.place, "told": tally.told}, headers=HEADERS)

    routes = [
        Route("/now", now, methods=["GET"]),
        Route("/", show, methods=["GET"]),
        Route("/", answer, methods=["POST"]),
        Route(path, screen, methods=["GET"]),
        Route(path, press, methods=["POST"]),
        Route(f"{path}/counts", counts, methods=["GET"]),
        *([Route(f"{path}/slides", shown, methods=["GET"])] if slides else []),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _not_there, ClientDisconnect: _left}), path


def _standing(tally):
    """Every question, for what stands beside its prediction: ``right`` is its number once it was told."""
    made = []
    for place, question in enumerate(tally.questions):
        counts, told = tally.counts(place), tally.was_told(place)
        state = "closed" if told or (place != tally.place and sum(counts)) else "waiting"
        right = question.options.index(question.right) if told and question.right else None
        state = "open" if place == tally.place and not told else state
        made.append({"id": question.id, "state": state, "counts": counts, "right": right})
    return made


def _press(tally, pressed, question=None):
    """Do what was pressed; ``question`` is named by who stands beside one, which need not be the one that is asked."""
    last = len(tally.questions) - 1
    if question is not None and question > last:
        raise Refused("There is no such question.")
    if pressed == "ask" and question is not None:
        tally.ask(question)
    elif pressed == "tell" and question in (None, tally.place):
        tally.tell()
    elif pressed in ("again", "back", "next"):
        tally.ask(min(max(tally.place + {"again": 0, "back": -1, "next": 1}[pressed], 0), last))
    else:
        raise Refused("There is no such button.")


async def _sent(request):
    """The fields of a form; no more is read than an answer can be long."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            raise Refused("That is longer than any answer.")
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=4)
    except ValueError:
        raise Refused("That is no answer.") from None


def _numbers(fields, *names):
    """The whole numbers under these names."""
    texts = [fields.get(name, []) for name in names]
    if not all(len(text) == 1 and re.fullmatch("[0-9]{1,4}", text[0]) for text in texts):
        raise Refused("Choose one of the options.")
    return [int(text[0]) for text in texts]


def _html(text, status=200):
    return HTMLResponse(text, status, HEADERS)


def _sentence(text, status):
    return PlainTextResponse(text, status, HEADERS)


async def _not_there(request, error):
    return _sentence(SAYS.get(error.status_code, str(error.detail)), error.status_code)


async def _left(request, error):
    return _sentence("The request did not end.", 400)

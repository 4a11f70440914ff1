"""What is asked, and how many chose what: no names, and who chose what is forgotten when a question closes."""

import hashlib
import hmac
import secrets

PHONES = 2000  # that may answer one question


class Refused(ValueError):
    """An answer that does not count; the text is what its sender reads."""


class Tally:
    """The questions of a poll, one of which is asked, and the counts of all.

    Args:
        questions: at least one ``asked.Asked`` with options.

    Attributes:
        place: number of the question that is asked.
        told: whether it is closed, and its answer told.
    """

    def __init__(self, questions):
        if not questions:
            raise ValueError("There is no prediction with options to ask in this chapter.")
        self.questions = tuple(questions)
        self.place = 0
        self._told = set()  # numbers of the questions whose answers were told
        self._kept = [[0] * len(question.options) for question in self.questions]
        self._chosen = {}  # who chose what, of the question that is asked and until it closes

    @property
    def question(self):
        return self.questions[self.place]

    @property
    def told(self):
        return self.was_told(self.place)

    def was_told(self, place):
        """Whether the answer of a question was told, and it was not asked again since."""
        return place in self._told

    def counts(self, place=None):
        """How many chose each option of a question, of the one that is asked if none is named."""
        place = self.place if place is None else place
        made = list(self._kept[place])
        for option in self._chosen.values() if place == self.place else ():
            made[option] += 1
        return made

    def choose(self, phone, place, option):
        """Count an answer; a second one of a phone replaces its first.

        Raises:
            Refused: the question is closed, there is no such option, or too many phones answer.
        """
        if place != self.place or self.told:
            raise Refused("That question is closed.")
        if not 0 <= option < len(self.question.options):
            raise Refused("There is no such option.")
        if phone not in self._chosen and len(self._chosen) >= PHONES:
            raise Refused(f"{PHONES} phones have answered: there is no room for more.")
        self._chosen[phone] = option

    def chosen_by(self, phone):
        """The number of the option that a phone chose, ``None`` before and after."""
        return self._chosen.get(phone)

    def tell(self):
        """Close the question, and tell its answer: its counts stay, who chose what is forgotten."""
        self._close()
        self._told.add(self.place)

    def ask(self, place):
        """Ask a question anew; its counts, if it was asked before, begin at zero."""
        self._close()
        self.place = place
        self._told.discard(place)
        self._kept[place] = [0] * len(self.question.options)

    def _close(self):
        self._kept[self.place] = self.counts()
        self._chosen.clear()


class Phones:
    """Names for phones: random, signed with a key that only this process knows, so that none has to be kept."""

    def __init__(self):
        self._key = secrets.token_bytes(32)

    def new(self):
        """A cookie that no other phone has."""
        name = secrets.token_hex(8)
        return f"{name}.{self._signed(name)}"

    def name(self, cookie):
        """The name in a cookie of ours, "" for anything else."""
        name, _, mark = cookie.partition(".")
        return name if hmac.compare_digest(mark.encode(), self._signed(name).encode()) else ""

    def _signed(self, name):
        return hashlib.blake2b(name.encode(), key=self._key, digest_size=12).hexdigest()

"""Words as FTS5 keeps them: it takes accents from Latin letters only, so that й, ё, ї and ў stay in its index.

What is looked for comes without any accent (`app.values.words.folded_words`), as the index of PostgreSQL has it. So
where a word may have been written with such a letter, both forms are looked for: й and ў follow a vowel or begin a
word, and a word has ё once. Of Greek and of rarer letters of Cyrillic only the form without accents is found.
"""

from __future__ import annotations

from itertools import islice, product

MOST_FORMS = 64
"""Forms of one phrase that are looked for; of a longer phrase the first ones."""

_VOWELS = frozenset("аеиоуыэюяіє")
_AFTER_VOWELS = {"и": "й", "у": "ў"}
_ANYWHERE = {"і": "ї"}


def kept_forms(phrase: str) -> list[str]:
    """The phrase, and in how many other ways its words may stand in the index; words are separated by spaces."""
    if phrase.isascii():
        return [phrase]
    return [" ".join(words) for words in islice(product(*map(_forms, phrase.split())), MOST_FORMS)]


def _forms(word: str) -> list[str]:
    if word.isascii():
        return [word]
    choices = []
    for before, letter in zip(" " + word, word, strict=False):
        other = _ANYWHERE.get(letter)
        if before == " " or before in _VOWELS:
            other = _AFTER_VOWELS.get(letter, other)
        choices.append(letter if other is None else letter + other)
    forms = ["".join(letters) for letters in islice(product(*choices), MOST_FORMS)]
    places = [place for place, letter in enumerate(word) if letter == "е"]
    return forms + [form[:place] + "ё" + form[place + 1 :] for place in places for form in forms]

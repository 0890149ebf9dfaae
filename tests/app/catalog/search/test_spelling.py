"""A mistyped word is compared with the whole vocabulary, as a comparison letter by letter would."""

from __future__ import annotations

from hypothesis import given, strategies

from app.catalog.search.spelling import LONGEST, Vocabulary

WORDS = ["poster", "potter", "pottery", "post", "retro", "titanic", "titan", "yoga", "wedding", "welding", "cv"]


def slips_between(one: str, other: str) -> int:
    """Optimal string alignment, letter by letter."""
    table = [[max(i, j) if not min(i, j) else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            )
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


def test_slips_of_every_kind_are_found() -> None:
    words = Vocabulary(WORDS)
    assert words.near("retor")[0] == ("retro", 1)
    assert words.near("poser")[0] == ("poster", 1)
    assert [word for word, _ in words.near("poter")] == ["poster", "potter"]
    assert words.near("titannic") == [("titanic", 1)]
    assert words.near("weding")[0] == ("wedding", 1)
    assert words.near("yga") == [("yoga", 1)]
    assert words.near("zzz") == words.near("cb") == words.near("p" * 40) == []


def test_an_unfinished_word_is_compared_with_beginnings() -> None:
    assert Vocabulary(WORDS).near("titann", unfinished=True)[0][0] == "titan"
    assert ("titanic", 1) in Vocabulary(WORDS).near("titann", unfinished=True)
    assert Vocabulary(WORDS).near("titann") == [("titan", 1)]


def test_a_joined_word_is_parted_where_both_parts_are_words() -> None:
    assert Vocabulary(["star", "wars", "s", "tarwars"]).splits("starwars") == [("star", "wars")]


def test_a_word_too_long_to_be_compared_is_left_alone() -> None:
    assert Vocabulary(["x" * (LONGEST + 1)]).near("x" * LONGEST) == []


_word = strategies.text("abcd", min_size=3, max_size=9)


@given(words=strategies.lists(_word, min_size=1, max_size=12, unique=True), typed=_word)
def test_the_comparison_is_that_of_letter_by_letter(words: list[str], typed: str) -> None:
    slips = 2 if len(typed) >= 7 else 1
    near = {word: slips_between(typed, word) for word in words}
    expected = {
        word: count for word, count in near.items() if count <= slips and (len(typed) > 3 or word[0] == typed[0])
    }
    assert dict(Vocabulary(words).near(typed)) == expected

"""Which words carry a quotation: what is no small word, what denies, what is a number."""

from __future__ import annotations

from collections.abc import Iterable

from archive.research.quotes.signs import WORD, Token

# Words that stand on every page: they tell no passage from another.
_SMALL = (
    "a about after all also an and any are as at be because been before being but by can could did do does for from"
    " had has have he her him his how i if in into is it its may me more most my no not of on one only or other our out"
    " over own said shall she should so some such than that the their them then there these they this those through to"
    " under up upon us was we were what when where which while who whom whose will with within would you your"
)
_DENYING = (
    "no not never none nor neither nothing nobody nowhere without cannot except unless ain't hardly scarcely barely"
    " rarely seldom unable unlikely fail fails failed failing refuse refuses refused decline declines declined"
    " prohibit prohibits prohibited prohibiting forbid forbids forbidden bar bars barred lack lacks lacked deny denies"
    " denied ban bans banned false untrue"
)
_COUNTING = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion"
    " dozen half third quarter first second once twice double triple both all each every percent"
)
SMALL, _NEGATIONS, _NUMBERS = (frozenset(words.split()) for words in (_SMALL, _DENYING, _COUNTING))


def is_negation(word: str) -> bool:
    """Tell whether a word denies."""
    word = word.casefold()
    return word in _NEGATIONS or word.endswith("n't")


def is_number(word: str) -> bool:
    """Tell whether a word says how many."""
    return any(map(str.isdigit, word)) or word.casefold() in _NUMBERS


def is_small(word: str) -> bool:
    """Tell whether a word stands on every page."""
    return word.casefold() in SMALL or len(word) < 2


def is_weighty(tokens: Iterable[Token]) -> bool:
    """Tell whether words are enough to be a part of a quotation: two, and not all of them small."""
    words = [token.text for token in tokens if token.kind == WORD]
    said = [word for word in words if not is_small(word)]
    return bool(said) and (len(words) > 1 or len(said[0]) > 4)

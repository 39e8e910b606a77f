"""What a term of a watch stands for: the words that are looked for, and what has to be so where they stand.

A term in quotation marks is these words and nothing else; `vendor:` begins a vendor's name; a number that documents are
cited by stands for all its spellings, and so does an amount of money; anything else is words in this order. It knows
neither a watch nor where the text is from.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from string import ascii_letters

from archive.amounts import parse_amount
from archive.identifiers import WRITTEN_OUT, Identifier, find_identifiers, matches, parse_identifier, search_forms
from archive.watches.words import Words, words_of

WORDS, IDENTIFIER, AMOUNT, VENDOR = "words", "identifier", "amount", "vendor"
VENDOR_PREFIX = "vendor:"
MOST_WORDS, LONGEST = 40, 200
# Of a number's spellings, and of a vendor's, so many are looked for.
MOST_SPELLINGS = 400
_NEAR, _STRETCH = 200, 1_000
# Numbers that are what they are wherever they stand; the others are dates and counts where nothing says otherwise.
_UNMISTAKABLE = frozenset({"piid", "solicitation", "sam-notice", "award-id", "foia-case"})
_SCHEDULE = re.compile(r"GS([0-9]{2}F)([0-9]{4}[A-Z])")  # GS-35F-0119Y
_SCALES = {"thousand": 3, "k": 3, "million": 6, "m": 6, "mm": 6, "billion": 9, "b": 9, "bn": 9}
_MONEY = re.compile(r"(?:US)?\$\s?([0-9][0-9,.]{0,30}?)(?:\s?(thousand|million|billion|bn|mm|m|k|b))?", re.IGNORECASE)
_BEFORE = re.compile(r"(?:(?P<sign>\$|USD|US\$)\s{0,2}|(?P<more>[0-9][,.]?|[A-Za-z]))$")
_AFTER = re.compile(r"[,.]?[0-9]|[A-Za-z]")
_SCALE_AFTER = re.compile(r"[\s-]{0,3}(thousand|million|billion|bn|mm|m|k|b)(?![A-Za-z])", re.IGNORECASE)
# The parts of a vendor's name that are written in several ways (archive/research/vendors.py says why they are one).
_SHORT = {"corporation": "corp", "incorporated": "inc", "company": "co", "limited": "ltd"}
_ALIKE = {word: (long, short) for long, short in _SHORT.items() for word in (long, short)} | {"and": ("and", "")}
# What may stand behind "Department of Homeland Security/" in the place of a component's letters, by its last word.
_LAST_WORDS = {short: {name.split()[-1] for name, of in WRITTEN_OUT.items() if of == short} for short in
               WRITTEN_OUT.values()}  # fmt: skip

# Whether what was looked for stands at a place, given the words and where in `folded` it was found.
Check = Callable[[Words, int, int], bool]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words to be looked for: `words` as `Words.folded` has them, blanks at both ends. `cased` tells that they are as
    `Words.cased` has them, since all of them are written in capitals. `check` has the last word."""

    words: bytes
    cased: bool = False
    check: Check | None = field(default=None, compare=False)


def problem_with(term: str) -> str:
    """Return why a term can't be looked for, "" where it can."""
    if len(term) > LONGEST:
        return f"a term has at most {LONGEST} characters"
    wanted = term[len(VENDOR_PREFIX) :] if is_vendor(term) else term
    held = words_of(wanted)
    if not held:
        return "there is no letter and no digit in it"
    return f"a term has at most {MOST_WORDS} words" if len(held) > MOST_WORDS else ""


def is_vendor(term: str) -> bool:
    """Tell whether a term is a vendor's name."""
    return term[: len(VENDOR_PREFIX)].lower() == VENDOR_PREFIX


def vendor_of(term: str) -> str:
    """Return the name behind `vendor:`, without quotation marks."""
    return term[len(VENDOR_PREFIX) :].strip().strip('"“”').strip()


def patterns_of(term: str, names: Iterable[str] = ()) -> list[Pattern]:
    """Return what is looked for of a term that can be; of a vendor `names` are its names beside the one written."""
    if is_vendor(term):
        written = (spelling for name in (vendor_of(term), *names) for spelling in _vendor_spellings(name))
        return [Pattern(words) for words in itertools.islice(dict.fromkeys(written), MOST_SPELLINGS)]
    plain = term.strip('"“”').strip()
    if plain == term.strip():
        if (number := _number(plain)) is not None:
            return list(_of_number(number))
        if (amount := _amount(plain)) is not None:
            return list(_of_amount(amount))
    return [_of_words(plain)]


def kind_of(term: str) -> str:
    """Return what a term is taken for."""
    if is_vendor(term):
        return VENDOR
    plain = term.strip()
    if plain != plain.strip('"“”').strip():
        return WORDS
    return IDENTIFIER if _number(plain) else AMOUNT if _amount(plain) is not None else WORDS


def _number(text: str) -> Identifier | None:
    """Return the number that the whole of a term is, as it is typed or as it stands in text."""
    if (typed := parse_identifier(text)) is not None:
        return typed
    return next((one.identifier for one in find_identifiers(text) if (one.start, one.end) == (0, len(text))), None)


def _of_words(text: str) -> Pattern:
    """Words in capitals are met in capitals only: ICE is an agency, ice is not."""
    words = Words(text)
    capitals = tuple((place, word) for place, word in enumerate(words.cased.split()) if _is_capitals(word))
    if not capitals:
        return Pattern(words.folded)
    if all(_is_capitals(word) or not _has_case(word) for word in words.cased.split()):
        return Pattern(words.cased, cased=True)
    return Pattern(words.folded, check=lambda text, start, _: text.same_case(start, capitals))


def _is_capitals(word: bytes) -> bool:
    """Tell whether a word is two capitals at least, and no small letter."""
    letters = [sign for sign in word.decode() if sign.isalpha()]
    return len(letters) > 1 and all(sign.isupper() for sign in letters)


def _has_case(word: bytes) -> bool:
    return any(sign.isupper() or sign.islower() for sign in word.decode())


def _spelled(text: str) -> bytes:
    return Words(text).folded


def _of_number(number: Identifier) -> Iterator[Pattern]:
    """Yield what may be a spelling of a number; whether it is the finding of numbers in text says, at that place."""
    if number.scheme in _UNMISTAKABLE:
        forms = {number.value, *search_forms(number.value)}
        if found := _SCHEDULE.fullmatch(number.value):
            forms |= {first.join(("GS", found[1])) + second + found[2] for first in ("", "-") for second in ("", "-")}
        yield from (Pattern(words) for words in sorted({_spelled(form) for form in forms}))
        return
    check = _number_check(number)
    yield from (Pattern(words, check=check) for words in sorted(set(_anchors(number))))


def _anchors(number: Identifier) -> Iterator[bytes]:
    """Yield the words that every spelling of a number holds, one or another of them."""
    words = _spelled(number.value).decode().split()
    if number.scheme == "pia":
        digits, *letter = words[words.index("pia") + 1 :]
        for count in {digits, str(int(digits))}:
            for tail in {" ".join((count, *letter)), "".join((count, *letter))}:
                yield from (f" pia {tail} ".encode(), f" pia{tail} ".encode())
    elif number.scheme == "sorn":
        *owner, digits = words
        before = {owner[-1], "sorn", "s", "vi", *_LAST_WORDS.get(owner[-1].upper(), ())}
        yield from (f" {word} {digits} ".encode() for word in before)
    elif number.scheme == "fr-citation":
        volume, _, page = number.value.split()
        for printed in {page, f"{int(page):,}".replace(",", " ")}:
            yield from (f" {word} {printed} ".encode() for word in ("fr", "r", "reg", "register", "at", volume))
    elif number.scheme == "oig-report":
        year, digits, *part = words[1:]
        for count in {digits, str(int(digits)), digits.zfill(2)}:
            yield f" {' '.join((year, count, *part))} ".encode()
    else:
        yield f" {' '.join(words)} ".encode()


def _number_check(number: Identifier) -> Check:
    """Return what tells whether the numbers that are found around a place are the one that is looked for."""

    def check(words: Words, start: int, end: int) -> bool:
        first, last = words.place(start, end)
        return any(
            found.scheme == number.scheme
            and begins < last
            and ends > first
            and (found.value == number.value or matches(number.value, found.value))
            for found, begins, ends in _numbers_around(words, first, last)
        )

    return check


def _numbers_around(words: Words, first: int, last: int) -> Iterator[tuple[Identifier, int, int]]:
    """Yield the numbers near a place of a text, and where they stand; each stretch of it is looked through once."""
    for part in range(first // _STRETCH, last // _STRETCH + 1):
        if part not in words.noted:
            begun = max(part * _STRETCH - _NEAR, 0)
            found = find_identifiers(words.text[begun : (part + 1) * _STRETCH + _NEAR])
            words.noted[part] = [(one.identifier, one.start + begun, one.end + begun) for one in found]
        yield from words.noted[part]


def _amount(text: str) -> Decimal | None:
    """Return the amount of money that a term is: "$61,000", "$6.1 million"; None for anything else."""
    found = _MONEY.fullmatch(text)
    return _scaled(found[1], found[2] or "") if found else None


def _scaled(number: str, scale: str) -> Decimal | None:
    """Return what a number times its scale is, exact to the cent; None where it isn't."""
    if not scale:
        return parse_amount(number)
    try:
        value = Decimal(number.replace(",", "")).scaleb(_SCALES[scale.lower()])
    except ArithmeticError:
        return None
    return parse_amount(f"{value:f}")


def _of_amount(amount: Decimal) -> Iterator[Pattern]:
    """Yield the spellings of an amount: with and without points and cents, in thousands, millions and billions."""
    spellings = {f"{amount:,}", f"{amount}", f"{amount:f}".rstrip("0"), f"{amount:,f}".rstrip("0")}
    if amount == amount.to_integral():
        spellings |= {f"{int(amount):,}", f"{int(amount)}", f"{int(amount)}.0"}
    for name, places in _SCALES.items():
        scaled = amount.scaleb(-places).normalize()
        exponent = scaled.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -3 and scaled >= Decimal("0.1"):
            spellings |= {f"{scaled:f} {name}", f"{scaled:f}{name}"}
            spellings |= {f"{scaled:f}0 {name}", f"{scaled:f}0{name}"} if exponent < 0 else {f"{scaled:f}.0 {name}"}
    for words in sorted({_spelled(spelling) for spelling in spellings}):
        yield Pattern(words, check=lambda text, start, end: _is_amount(text, start, end, amount))


def _is_amount(words: Words, start: int, end: int, amount: Decimal) -> bool:
    """Tell whether what stands at a place is an amount by itself, of this worth, and is written as money is."""
    first, last = words.place(start, end)
    printed = words.text[first:last]
    before = _BEFORE.search(words.text[max(first - 6, 0) : first])
    if before and before["more"]:
        return False
    number = printed.rstrip(ascii_letters)
    scale, number = printed[len(number) :], number.strip(" \n-")
    if not scale and (_AFTER.match(words.text, last) or _SCALE_AFTER.match(words.text, last)):
        return False
    told = _scaled(number, scale) if scale else parse_amount(number)
    has_sign = bool(before and before["sign"]) or "," in number or "." in number
    return told == amount and has_sign


def _vendor_spellings(name: str) -> Iterator[bytes]:
    """Yield a name in the ways in which its parts are written: Corporation and Corp, “and” and “&”."""
    held = words_of(name.replace("&", " and "))
    for words in itertools.islice(itertools.product(*(_ALIKE.get(word, (word,)) for word in held)), 32):
        yield f" {' '.join(filter(None, words))} ".encode()

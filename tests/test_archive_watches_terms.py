"""Terms of watches: what matches and what doesn't, and that thousands in one pass find what each finds by itself."""

from __future__ import annotations

import random
import time
import unicodedata

import pytest

from archive.watches.matching import Matcher
from archive.watches.terms import kind_of, patterns_of, problem_with
from archive.watches.words import Words
from tests.figures import figure


def stands(term: str, text: str, *names: str) -> list[str]:
    """Return what of a text a term is found as."""
    return [text[one.start : one.end] for one in Matcher([patterns_of(term, names)]).places_in(text)]


@pytest.mark.parametrize(("term", "text", "found"), [
    ("license plate", "A License\nPlate, license plates; license-plate. A licence plate.",
     ["License\nPlate", "license-plate"]),
    ('"license plate"', "the license plate reader", ["license plate"]),
    ("ICE", "ICE, ice, Ice, POLICE, service, (ICE)", ["ICE", "ICE"]),
    ("ice", "ICE, ice, Ice, POLICE", ["ICE", "ice", "Ice"]),
    ("ICE detention", "ICE Detention; ice detention; ICE DETENTION", ["ICE Detention", "ICE DETENTION"]),
    ("ICE 287", "ICE 287(g), ice 287", ["ICE 287"]),
    ("cafe", "Café, CAFE\u0301, cafes", ["Café", "CAFE\u0301"]),
    ("Café", "cafe", ["cafe"]),
    ("finding", "a ﬁnding, a find\u00ading", ["ﬁnding", "find\u00ading"]),
    ("facilities", "in facilities¹¹ there", ["facilities"]),
    ("a", "a b, ab, (A)", ["a", "A"]),
    ("C++ (.*)", "c, and C++", ["c", "C"]),
    ("אגוז", "\u202bזה אגוז.\u202c", ["אגוז"]),
    ("don't", "don’t, don t, dont", ["don’t", "don t"]),
    ("U.S. Marshals", "U.S.\nMarshals, US Marshals", ["U.S.\nMarshals"]),
])  # fmt: skip
def test_words_stand_as_the_search_reads_them(term: str, text: str, found: list[str]) -> None:
    assert stands(term, text) == found


@pytest.mark.parametrize(("term", "text", "found"), [
    ("DHS/ICE/PIA-039(a)",
     "DHS/ICE/PIA–039(a), DHS ICE PIA 039a, DHS/ICE/PIA-039, DHS/ICE/PIA-039(b), DHS/CBP/PIA-039(a)", 2),
    ("PIA-039(a)", "DHS/ICE/PIA-039(a) and DHS/CBP/PIA-039(a), not DHS/ICE/PIA-039", 2),
    ("dhs ice pia 39", "DHS/ICE/PIA-039; 39 people; PIA 139", 1),
    ("DHS/ICE-011",
     "DHS/ICE–011; DHS/ICE-0110; Department of Homeland Security/U.S. Immigration and Customs Enforcement-011", 2),
    ("81 FR 72080", "81 FR 72080; 81 Fed. Reg. 72,080; 82 FR 72080; 81 F.R. 72080; 72,080 people", 3),
    ("2016-25197", "FR Doc. 2016-25197; a range 2016-25197 of pages", 1),
    ("HSCECR-14-Q-00006", "HSCECR14Q00006 and HSCECR-14-Q-00006, HSCECR-14-Q-00007", 2),
    ("70CDCR18P00000017", "70CDCR-18-P-00000017; CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-; 70CDCR18P000000171", 2),
    ("CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-", "CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-", 1),
    ("OIG-18-53", "OIG-18-53, OIG report 18-53, 18-53, OIG-18-153, OIG-18-53-D", 2),
    ("2017-ICFO-43023", "2017-ICFO-43023; 2017-ICFO-43024", 1),
    ("GS35F0119Y", "GS-35F-0119Y, GS35F0119Y, GS-35F-0118Y", 2),
    ("DHS-2016-0059", "Docket DHS-2016-0059-0001; DHS-2016-0058", 1),
    ("$1,855,000", "$1,855,000; $1,855,000.00; 1855000.00; $1.855 million; 1,855,000", 5),
    ("$1,855,000", "$11,855,000; $1,855,000.50; $1,855,0001; 1855000 people; $1,855,000 million; $2,1,855,000", 0),
    ("$6.1 million",
     "$6,100,000, $6.1 million, $6.1M, $6.1 billion, 6.1 million people, $16.1 million, $6.15 million", 4),
    ("$0.50", "$0.50, $.50, $10.50", 1),
])  # fmt: skip
def test_numbers_and_amounts_stand_in_their_spellings(term: str, text: str, found: int) -> None:
    assert len(stands(term, text)) == found, stands(term, text)


def test_vendors_stand_under_all_their_names() -> None:
    names = ["WEST PUBLISHING CORPORATION", "West, a Thomson Reuters business"]
    text = "West Publishing Corp., WEST PUBLISHING CORPORATION; West, a Thomson Reuters business; Westlaw"
    assert len(stands("vendor:West Publishing Corporation", text, *names)) == 3
    assert stands('vendor:"Smith & Sons"', "Smith and Sons, Smith & Sons, Smith, Sons") == [
        "Smith and Sons", "Smith & Sons", "Smith, Sons",
    ]  # fmt: skip
    kinds = {one: kind_of(one) for one in ("vendor:X", "ICE", "81 FR 72080", "$5", '"81 FR 72080"', "$", "39")}
    assert kinds == {"vendor:X": "vendor", "ICE": "words", "81 FR 72080": "identifier", "$5": "amount",
                     '"81 FR 72080"': "words", "$": "words", "39": "words"}  # fmt: skip


def test_a_term_that_cannot_be_looked_for_says_why() -> None:
    assert all(map(problem_with, ("…", "vendor:", "x" * 201, "a " * 41)))
    assert not problem_with("ICE")


WORDS = ["license", "plate", "ICE", "ice", "Ice", "café", "CAFE", "reader", "a", "B", "287", "g", "אגוז", "don’t",
         "ﬁne", "fine", "sighting", "sightings", "STRASSE", "straße", "x2", "2"]  # fmt: skip
JOINTS = [" ", "\n", ", ", ".", "-", "/", " (", ") ", "’", "_", "\u2014", "\u00a0", "\t", "; "]


def cut(written: str) -> list[str]:
    """Return the words of a text, as a plain loop over its signs has them: written apart from what is tested."""
    held: list[str] = [""]
    for sign in written:
        if unicodedata.combining(sign) or sign in "\u00ad\u200b":
            continue
        held[-1 if sign.isalnum() else len(held) :] = [held[-1] + sign] if sign.isalnum() else [""]
    return [one for one in held if one]


def bare(word: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", word) if not unicodedata.combining(one))


def plainly(wanted: list[str], held: list[str], plain: list[str]) -> bool:
    """Tell whether the words of a term stand among those of a page, case by case."""
    for at in range(len(held) - len(wanted) + 1):
        if all(
            held[at + place] == word if len(word) > 1 and word.isupper() and word.isalpha()
            else plain[at + place] == word.casefold()
            for place, word in enumerate(wanted)
        ):  # fmt: skip
            return True
    return False


def test_all_terms_at_once_find_what_a_plain_loop_finds() -> None:
    """DL-08: 2,500 terms (of several words, with accents, signs of patterns, right to left, of one letter)."""
    dice = random.Random(9)
    terms = list(dict.fromkeys(
        dice.choice(["", "", '"']) .join(["", " ".join(dice.choices(WORDS, k=dice.randint(1, 4))), ""])
        for _ in range(4_000)
    ))[:2_500]  # fmt: skip
    terms[:3] = ["[a-z]* (license|plate)", "\\d+ 287(g)", "license\u00a0plate"]
    pages = ["".join(dice.choice(WORDS) + dice.choice(JOINTS) for _ in range(60)) for _ in range(12)]
    matcher = Matcher([patterns_of(term) for term in terms])
    hits, differing = 0, []
    wanted = [[bare(word) for word in cut(term)] for term in terms]
    for page in pages:
        found = matcher.terms_in(page)
        held = [bare(word) for word in cut(page)]
        plain = [word.casefold() for word in held]
        expected = {number for number, words in enumerate(wanted) if plainly(words, held, plain)}
        hits += len(expected)
        differing += [(terms[number], page) for number in found ^ expected]
        assert {one.term for one in matcher.places_in(page)} == found
    figure("DL-08", terms=len(terms), pages=len(pages), hits=hits, differing=len(differing))
    assert hits > 1_000
    assert not differing, differing[0]


def test_every_place_of_a_word_leads_back_to_it() -> None:
    dice = random.Random(4)
    for _ in range(200):
        text = "".join(dice.choice(WORDS) + dice.choice(JOINTS) for _ in range(20))
        words = Words(text)
        assert words.folded.count(b" ") == words.cased.count(b" ")
        for number, word in enumerate(words.cased.split()):
            start = len(b" " + b" ".join(words.cased.split()[:number])) - (number == 0)
            first, last = words.place(*_at(words.folded, number))
            assert Words(text[first:last]).cased.split() == [word], (text, start)


def _at(folded: bytes, number: int) -> tuple[int, int]:
    """Return where the blank before a word stands, and the end of the blank behind it."""
    blanks = [place for place, sign in enumerate(folded) if sign == 32]
    return blanks[number], blanks[number + 1] + 1


@pytest.mark.parametrize(("left", "right", "between", "found"), [
    ("reads the license", "plate of each car", " ", 1),
    ("reads the li", "cense plate of each car", "", 1),
    ("reads the license plate", "of each car", " ", 0),
    ("of each car. License", "plate and license plate", "\n", 1),
    ("license", "license plate", " ", 0),
])  # fmt: skip
def test_a_phrase_is_found_over_the_end_of_a_page_and_once(left: str, right: str, between: str, found: int) -> None:
    assert len(Matcher([patterns_of("license plate")]).over(left, right, between)) == found


@pytest.mark.parametrize(("term", "unit"), [
    ("ICE access", "ice access "), ("plate", "plate "), ("DHS/ICE/PIA-039", "pia 39 "), ("80 FR 11214", "fr 11214 "),
    ("cafe", "café "),
])  # fmt: skip
def test_a_term_on_every_line_takes_no_square_of_the_text(term: str, unit: str) -> None:
    matcher, text = Matcher([patterns_of(term)]), unit * (100_000 // len(unit))
    began = time.process_time()
    matcher.terms_in(text)
    matcher.places_in(text)
    assert time.process_time() - began < 2.5, "the square takes from 4 to 60 seconds of a core"

"""Sentences that mean nothing and repeat nothing, the same for the same seed, with the places where words may break."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple


def listed(words: str) -> tuple[str, ...]:
    """Return the words of a list; a dot stands in them where they may be broken at a line's end."""
    return tuple(words.split())


NOUNS = listed("""
    agen·cy audit bor·der con·tract depart·ment sur·veil·lance in·for·ma·tion sys·tem re·cord of·fi·cial ben·e·fit
    of·fice file find·ing con·flict cer·tif·i·cate reg·u·la·tion pro·ce·dure as·sess·ment no·tice ven·dor ser·vice
    pro·gram re·view re·port sched·ule fa·cil·i·ty e·quip·ment main·te·nance leg·is·la·tion au·thor·i·ty coun·cil
    com·mit·tee pe·ri·od quar·ter bud·get ex·pense pay·ment in·voice de·liv·ery ware·house ve·hi·cle har·bor
    bridge rail·way traf·fic weath·er sta·tion sur·vey meas·ure·ment ac·cu·ra·cy thresh·old sam·ple pop·u·la·tion
    dis·trict coun·ty ter·ri·to·ry bound·a·ry stat·ute amend·ment sub·sec·tion par·a·graph ex·hib·it ap·pen·dix
    mem·o·ran·dum a·gree·ment par·tic·i·pant ap·pli·cant re·cip·i·ent con·trac·tor sup·pli·er man·u·fac·tur·er
    li·brar·y ar·chive cat·a·log in·dex data·base net·work trans·mis·sion en·cryp·tion pass·word ter·mi·nal
    in·spec·tion vi·o·la·tion pen·al·ty ap·peal hear·ing tes·ti·mo·ny ev·i·dence ob·jec·tion de·ci·sion rem·e·dy
    wa·ter for·est riv·er min·er·al fish·ery live·stock har·vest fer·til·iz·er ir·ri·ga·tion con·ser·va·tion
""")
VERBS = listed("""
    re·views de·scribes re·quires es·tab·lish·es main·tains col·lects trans·mits re·places a·mends sup·ports
    lim·its ex·tends mon·i·tors i·den·ti·fies pub·lish·es re·jects ap·proves clas·si·fies cer·ti·fies con·firms
    meas·ures com·pares re·duces de·lays af·fects re·flects sus·pends re·stores trans·fers sum·ma·riz·es il·lus·trates
    co·or·di·nates ad·min·is·ters eval·u·ates su·per·vis·es doc·u·ments con·sol·i·dates dis·trib·utes pre·cedes fol·lows
""")
ADJECTIVES = listed("""
    an·nu·al fed·er·al fi·nal spe·cif·ic sig·nif·i·cant pre·lim·i·nar·y ad·min·is·tra·tive tem·po·rar·y per·ma·nent
    re·gion·al na·tion·al in·ter·nal ex·ter·nal ef·fec·tive ef·fi·cient suf·fi·cient dif·fi·cult in·de·pend·ent
    con·fi·den·tial pub·lic pri·vate mu·nic·i·pal ag·ri·cul·tur·al com·mer·cial in·dus·tri·al sci·en·tif·ic
    tech·ni·cal fi·nan·cial e·co·nom·ic en·vi·ron·men·tal his·tor·i·cal re·vised com·bined sep·a·rate large small
    ear·li·er lat·er cur·rent pro·posed flex·i·ble con·tin·u·ous oc·ca·sion·al gen·er·al par·tic·u·lar writ·ten
""")
# Their hyphens are their own: a line may end at one, and the word keeps it.
COMPOUNDS = listed("""
    long-·term deci·sion-·mak·ing cross-·bor·der fol·low-·up record-·keep·ing cost-·ef·fec·tive third-·par·ty
    fact-·find·ing law-·en·force·ment high-·vol·ume part-·time first-·quar·ter well-·doc·u·ment·ed self-·as·sess·ment
""")
PREPOSITIONS = listed("of in for under with by af·ter be·fore with·out a·gainst through·out con·cern·ing")
OPENINGS = ("How·ev·er,", "In ad·di·tion,", "For ex·am·ple,", "Ac·cord·ing·ly,", "On re·view,", "As not·ed,")


class Term(NamedTuple):
    """A printed word, and the offsets at which it may be broken; behind a hyphen of its own none is added."""

    text: str
    breaks: tuple[int, ...] = ()


def term(marked: str) -> Term:
    """Read a word of the lists above: "no·tice" may be broken after its second letter."""
    parts = marked.split("·")
    ends = [sum(map(len, parts[:count])) for count in range(1, len(parts))]
    text = "".join(parts)
    return Term(text, tuple(end for end in ends if 2 <= end <= len(text) - 3))


def sentence(random: Random) -> list[Term]:
    """Return one sentence of 8 to 25 words. Its numbers have three digits or more, so that a note's mark is none."""
    words = [*random.choice(OPENINGS).split(), "the"] if random.random() < 0.2 else ["The"]
    words += [*_thing(random), random.choice(VERBS), random.choice(("the", "each", "a new", "this")), *_thing(random)]
    for _ in range(random.randint(0, 2)):
        words += [random.choice(PREPOSITIONS), "the", *_thing(random)]
    words += _ending(random)
    first, last = words[0], words[-1]
    return [term(one) for one in (first[0].upper() + first[1:], *words[1:-1], f"{last}.") for one in one.split()]


def _thing(random: Random) -> Iterator[str]:
    if random.random() < 0.75:
        yield random.choice(COMPOUNDS if random.random() < 0.2 else ADJECTIVES)
    noun = random.choice(NOUNS)
    yield f"{noun}’s" if (owned := random.random() < 0.06) else noun
    if owned or random.random() < 0.1:
        yield random.choice(NOUNS)


def _ending(random: Random) -> list[str]:
    kind = random.randrange(8)
    if kind == 0:
        return ["in", str(random.randint(1950, 2018))]
    if kind == 1:
        return ["(section", f"{random.randint(100, 999)}({random.choice('abcdef')}))"]
    if kind == 2:
        return ["called", f"“{random.choice(ADJECTIVES)}", f"{random.choice(NOUNS)}”"]
    if kind == 3:
        return ["at", f"${random.randint(1, 999)},{random.randint(100, 999)}", "a", random.choice(NOUNS)]
    return [random.choice(PREPOSITIONS), "the", *_thing(random)]


def title(random: Random, words: int) -> list[Term]:
    """Return a heading's words."""
    chosen = [random.choice(ADJECTIVES if index % 2 == 0 else NOUNS) for index in range(words)]
    return [Term(one.replace("·", "").capitalize()) for one in chosen]

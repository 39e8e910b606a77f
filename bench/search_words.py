"""Pages of made-up text whose words are as unequal as those of real ones: few are everywhere, most are rare.

How often a word comes follows Zipf's law with Mandelbrot's shift; each document has a topic, whose words come again and
again in it; and some two thousand phrases stand in it as phrases. The same seed gives the same pages.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from random import Random

from bench.sentences import ADJECTIVES, COMPOUNDS, NOUNS, VERBS, listed

# The most frequent words of English, in about that order.
EVERYWHERE = listed("""
    the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which
    one you were her all she there would their we him been has when who will more no if out so said what up its about
    into than them can only other new some could time these two may then do first any my now such like our over man
    me even most made after also did many before must through back years where much your way well down should because
    each just those people how too little state good very make world still own see men work long get here between
    both life being under never day same another know while last might us great old year off come since against go
    came right used take three
""")
VOCABULARY, TOPICS, OF_A_TOPIC, PHRASES = 120_000, 400, 150, 2_000
SHIFT, EXPONENT = 2.7, 1.07
WORDS_OF_A_PAGE = (100, 310)
_STARTS = listed("b c d f g h l m n p r s t v w br ch cl cr dr fl gr pl pr sc sh sp st str th tr")
_VOWELS = listed("a e i o u ai ea ee ia io ou")
_ENDS = listed("n r s t l nd nt rd st ck m ng tion ment ing ed er al ly")


class Words:
    """A language that means nothing, and its phrases by how common they are."""

    def __init__(self, seed: int) -> None:
        self._random = random = Random(seed)
        known = [one.replace("·", "") for one in (*NOUNS, *ADJECTIVES, *VERBS, *COMPOUNDS)]
        held = dict.fromkeys((*EVERYWHERE, *known))
        while len(held) < VOCABULARY:
            held[self._made_up()] = None
        self.words = list(held)
        self._often = list(accumulate(1 / (rank + SHIFT) ** EXPONENT for rank in range(len(self.words))))
        self._topics = [random.sample(self.words[300:20_000], OF_A_TOPIC) for _ in range(TOPICS)]
        self._of_topic = list(accumulate(1 / (rank + SHIFT) for rank in range(OF_A_TOPIC)))
        self.phrases = [" ".join(random.sample(self.words[60:4_000], random.choice((2, 2, 3)))) for _ in range(PHRASES)]
        self._of_phrases = list(accumulate(1 / (rank + SHIFT) for rank in range(PHRASES)))

    def _made_up(self) -> str:
        random = self._random
        syllables = random.choice((1, 2, 2, 3))
        made = "".join(random.choice(_STARTS) + random.choice(_VOWELS) for _ in range(syllables))
        return made + random.choice(_ENDS)

    def topic(self) -> list[str]:
        """Return the words of a topic, its most frequent ones first."""
        return self._random.choice(self._topics)

    def title(self, topic: list[str]) -> str:
        """Return a document's title, of words of its topic."""
        return " ".join(self._random.choices(topic, cum_weights=self._of_topic, k=self._random.randint(3, 7))).title()

    def page(self, topic: list[str]) -> str:
        """Return a page of a document: some 1,600 characters, in sentences."""
        random = self._random
        length = random.randint(*WORDS_OF_A_PAGE)
        words = random.choices(self.words, cum_weights=self._often, k=length)
        words[::7] = random.choices(topic, cum_weights=self._of_topic, k=len(words[::7]))
        words[4::41] = random.choices(self.phrases, cum_weights=self._of_phrases, k=len(words[4::41]))
        if not random.randrange(4):
            words.insert(random.randrange(length), f"section {random.randint(100, 9_999)}")
        cuts = [*range(0, length, 16), length]
        return "\n".join(f"{' '.join(words[a:b]).capitalize()}." for a, b in pairwise(cuts) if a < b)

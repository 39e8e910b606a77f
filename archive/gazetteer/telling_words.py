"""Words that tell whether a name is meant as a place: what shortens states, what makes a paper or a person of it."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# As news and letters shorten states (AP), beside the two letters of the post.
SHORT = {
    "Ala.": "AL", "Ariz.": "AZ", "Ark.": "AR", "Calif.": "CA", "Cal.": "CA", "Colo.": "CO", "Conn.": "CT", "Del.": "DE",
    "Fla.": "FL", "Ga.": "GA", "Ill.": "IL", "Ind.": "IN", "Kan.": "KS", "Kans.": "KS", "Ky.": "KY", "La.": "LA",
    "Md.": "MD", "Mass.": "MA", "Mich.": "MI", "Minn.": "MN", "Miss.": "MS", "Mo.": "MO", "Mont.": "MT", "Neb.": "NE",
    "Nev.": "NV", "N.H.": "NH", "N.J.": "NJ", "N.M.": "NM", "N.Y.": "NY", "N.C.": "NC", "N.D.": "ND", "Okla.": "OK",
    "Ore.": "OR", "Pa.": "PA", "R.I.": "RI", "S.C.": "SC", "S.D.": "SD", "Tenn.": "TN", "Tex.": "TX", "Vt.": "VT",
    "Va.": "VA", "Wash.": "WA", "W.Va.": "WV", "Wis.": "WI", "Wyo.": "WY", "D.C.": "DC",
}  # fmt: skip
# Letters that are words too: of a line in capitals they are believed with a postal code only.
LETTERS_OF_WORDS = _words("AL CO DE HI ID IN LA MA ME MO MS OH OK OR PA")
# With one of these behind it a name stands for a newspaper, a street, a team, a school.
MAKES_ANOTHER = _words("""
times post tribune herald globe sun chronicle news journal register star gazette examiner bulletin observer dispatch
union-tribune inquirer courant review mercury weekly magazine daily sentinel street st st. avenue ave. ave road rd
rd. boulevard blvd blvd. drive lane parkway highway square river
creek lake bay bridge broncos bears bulls cubs cowboys yankees
giants lakers dodgers padres raiders eagles phillies patriots celtics bruins seahawks mariners texans astros rockets
rangers saints pelicans dolphins marlins heat falcons braves hawks jets mets knicks college university law accords
convention protocol
""")
# What makes another place of a state's name.
MAKES_NO_STATE = _words("""
city beach springs falls county parish river street st st. avenue ave ave. road rd rd. boulevard blvd blvd. drive dr dr.
lane ln heights valley bay
""")
# First names, and a country: as states they count with a word beside that says so.
FIRST_NAMES = _words("virginia georgia")
BEFORE_STATES = _words("in of from across throughout and or to the through for by")
BODIES_OF_STATES = _words("""
state department police attorney general code statute supreme legislature senate house governor bureau office division
public highway commonwealth national motor
""")
# Names of people, of things and of virtues, and of places abroad, that cities have too: they need their state.
ALSO_ELSE = _words("""
washington orange mobile reading lincoln jackson madison austin charlotte aurora henderson arlington lexington newark
stockton irving chandler buffalo riverside plano corona columbus cleveland jacksonville raleigh orlando mesa anaheim
lancaster bakersfield springfield richmond rochester montgomery augusta providence independence enterprise commerce
industry normal surprise temple hope liberty eagle alexandria athens birmingham cambridge dover durham glendale hampton
hayward hollywood kent manchester oxford portland salem victoria warren york garland gilbert gary elizabeth norman
carson clinton garfield grant monroe jefferson franklin marion moore pierce sterling tyler vernon wayne lawrence allen
berkeley bell garner kenner macon nelson odessa paterson paris berlin london rome moscow cairo geneva vienna toledo
naples florence venice milan peru cuba lima brooklyn queens manhattan bronx page bend beach clarence chesapeake concord
cicero compton everett dayton fremont hialeah memphis
""")
# Such names of the largest cities: they count amid words that speak of a place.
NEED_MORE = _words("denver dallas houston phoenix")
BODIES_OF_CITIES = _words("police fire sheriff council mayor department office officers airport residents metro")
BEFORE_PLACES = _words("in from near to around outside at")
# Words with a capital that stand before cities, and are no first names.
NO_FIRST_NAMES = _words("""
in at of from the and greater downtown metropolitan metro north south east west northern southern eastern western
central near suburban between both outside inside around
""")
TITLES = _words("""
mr. mrs. ms. dr. prof. sen. rep. gov. judge justice secretary president officer agent detective
""")
SCHOOLS = frozenset({"university of", "college of"})

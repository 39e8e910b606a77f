"""Tables are found among words and boxes, ruled or not; prose and lists of contents are not tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.tables import Cell, compare, from_rows, relations, score, squeezed
from pipelines.text.drawn import Box, Word
from pipelines.text.table_lines import is_figure, lines_of
from pipelines.text.table_prose import unstretched
from pipelines.text.table_turns import turned_boxes, turned_words
from pipelines.text.tables import FoundTable, Span, find_tables

WIDTH, HEIGHT, SIZE, PITCH = 612.0, 792.0, 10.0, 13.0
# Letters of half their size, and blanks of a quarter: about those of Times.
LETTER, BLANK = 5.0, 2.5

PROSE = tuple(
    word
    for line in (
        "The agency shall keep a record of each request and of what was done with it so that anyone can follow how a",
        "decision came about and on what it rests and shall publish the record within thirty days of the decision",
        "unless the law says otherwise; then the reason stands in its place and the record is kept for ten years",
    )
    for word in line.split()
)


def text(words: str, x: float, top: float, font: str = "Times") -> list[Word]:
    """Return a line of words, the first beginning at `x`."""
    line = []
    for word in words.split():
        line.append(Word(word, x, top, x + LETTER * len(word), top + SIZE, SIZE, font))
        x = line[-1].x1 + BLANK
    return line


def right(words: str, x: float, top: float) -> list[Word]:
    """Return a line of words, the last ending at `x`."""
    line = text(words, 0, top)
    return [word._replace(x0=word.x0 + x - line[-1].x1, x1=word.x1 + x - line[-1].x1) for word in line]


def paragraph(x: float, top: float, width: float, lines: int) -> list[Word]:
    """Return running text."""
    words, given_words = [], list(PROSE * 10)
    for number in range(lines):
        line: list[str] = []
        while sum(map(len, line)) * LETTER + len(line) * BLANK < width - 35:
            line.append(given_words.pop(0))
        words += text(" ".join(line), x, top + number * PITCH)
    return words


def across(y: float, x0: float, x1: float) -> Box:
    return Box(x0, y, x1, y, stroked=True)


def upright(x: float, top: float, bottom: float) -> Box:
    return Box(x, top, x, bottom, stroked=True)


def rows(table: FoundTable) -> list[list[str]]:
    return [list(row) for row in table.rows]


def found(words: list[Word], boxes: list[Box] = []) -> list[FoundTable]:  # noqa: B006
    return find_tables(words, boxes, WIDTH, HEIGHT)


STATES = [("Maine", "1,200", "3.4"), ("Ohio", "980", "12.1"), ("Texas", "15,030", "7.9"), ("Utah", "77", "0.3")]


def plain(x: float, top: float) -> list[Word]:
    """Return a table without rules: a header, and four rows of a name and two figures."""
    words = text("State", x, top) + right("Cases", x + 150, top) + right("Share", x + 220, top)
    for number, (name, cases, share) in enumerate(STATES, start=1):
        y = top + number * PITCH
        words += text(name, x, y) + right(cases, x + 150, y) + right(share, x + 220, y)
    return words


def test_a_table_without_rules_is_found_between_paragraphs_which_it_leaves_alone() -> None:
    before, after = paragraph(72, 72, 460, 5), paragraph(72, 300, 460, 5)
    words = before + plain(72, 180) + after
    (table,) = found(words)
    assert rows(table) == [["State", "Cases", "Share"], *map(list, STATES)]
    assert table.headers == 1
    assert table.words == frozenset(range(len(before), len(words) - len(after)))
    assert table.box == (72, 180, 292, 180 + 4 * PITCH + SIZE)


def test_rules_above_and_below_bound_a_table_and_its_title_is_no_row() -> None:
    title = text("Table 3. Cases by state, as of June 30, 2024", 72, 150)
    words = title + plain(72, 180)
    boxes = [across(178, 72, 300), across(191.5, 72, 300), across(244.5, 72, 300)]
    (table,) = found(words, boxes)
    assert rows(table) == [["State", "Cases", "Share"], *map(list, STATES)]
    assert table.headers == 1
    assert not table.words & set(range(len(title)))


def test_boxed_cells_of_several_lines_are_one_cell_each() -> None:
    xs, ys = [72, 180, 300, 420], [100, 118, 158, 198]
    boxes = [across(y, 72, 420) for y in ys] + [upright(x, 100, 198) for x in xs]
    words = text("Office", 75, 104, "Bold") + text("Duty", 183, 104, "Bold") + text("Reviewed", 303, 104, "Bold")
    words += (
        text("Records", 75, 122) + text("Keeps what is", 183, 122) + text("given", 183, 135) + text("2021", 303, 122)
    )
    words += text("Field", 75, 162) + text("Travels", 183, 162) + text("Not yet", 303, 162) + text("decided", 303, 175)
    (table,) = found(words, boxes)
    assert rows(table) == [
        ["Office", "Duty", "Reviewed"],
        ["Records", "Keeps what is given", "2021"],
        ["Field", "Travels", "Not yet decided"],
    ]
    assert (table.headers, table.spans) == (1, ())


def test_boxed_cells_that_span_are_said_to() -> None:
    boxes = [across(100, 72, 300), across(120, 148, 300), across(140, 72, 300), across(160, 72, 300)]
    boxes += [across(180, 72, 300), upright(72, 100, 180), upright(148, 100, 180), upright(224, 120, 180)]
    boxes += [upright(300, 100, 180)]
    words = text("Year", 80, 113) + text("Persons held", 180, 105) + text("men", 160, 125) + text("women", 230, 125)
    words += text("2019", 80, 145) + text("40", 160, 145) + text("6", 230, 145)
    words += text("2020", 80, 165) + text("38", 160, 165) + text("9", 230, 165)
    (table,) = found(words, boxes)
    assert rows(table) == [["Year", "Persons held", ""], ["", "men", "women"], ["2019", "40", "6"], ["2020", "38", "9"]]
    assert table.spans == (Span(0, 0, 2, 1), Span(0, 1, 1, 2))
    assert table.headers == 2


def boxed(entries: list[list[str]], left: float = 72, top: float = 100) -> tuple[list[Word], list[Box]]:
    """Return a grid of closed cells 100 by 20 points large, and the words in them."""
    high, wide = len(entries), len(entries[0])
    words = [
        word
        for row, line in enumerate(entries)
        for column, said in enumerate(line)
        for word in (text(said, left + 10 + 100 * column, top + 5 + 20 * row) if said else [])
    ]
    boxes = [across(top + 20 * row, left, left + 100 * wide) for row in range(high + 1)]
    boxes += [upright(left + 100 * column, top, top + 20 * high) for column in range(wide + 1)]
    return words, boxes


OFFICES = [["Office", "Cases"], ["North", "12"], ["South", "7"], ["West", "31"]]


def test_a_title_and_a_source_in_the_frame_of_a_table_are_no_rows() -> None:
    words, boxes = boxed(OFFICES)
    title = text("Exhibit 9: Cases by office", 90, 85)
    source = text("Source: what the offices told us in 2019", 80, 185)
    boxes += [across(80, 72, 272), across(200, 72, 272)]
    boxes += [upright(x, top, top + 20) for x in (72, 272) for top in (80, 180)]
    (table,) = found(title + words + source, boxes)
    assert rows(table) == OFFICES
    assert not table.words & set(range(len(title)))


def test_a_shade_within_its_cell_makes_no_column() -> None:
    words, boxes = boxed(OFFICES)
    shades = [Box(178, 100 + 20 * row, 266, 120 + 20 * row, 0.8) for row in (1, 2)]
    (table,) = found(words, boxes + shades)
    assert (rows(table), table.spans) == (OFFICES, ())


def test_labels_beside_a_grid_that_has_no_rules_there_are_of_its_rows() -> None:
    words, boxes = boxed([["Cases", "Share"], ["12", "3.1"], ["7", "1.2"], ["31", "9.9"], ["5", "0.8"]], left=172)
    boxes += [across(100, 72, 372), across(120, 72, 372), across(200, 72, 372)]
    labels = [
        word for row, name in enumerate(["North", "South", "East", "West"]) for word in text(name, 80, 125 + 20 * row)
    ]
    (table,) = found(labels + words, boxes)
    assert [row[0] for row in rows(table)] == ["", "North", "South", "East", "West"]


def test_the_bars_of_a_chart_are_no_cells() -> None:
    bars = [Box(100 + 30 * bar, 300 - 20 * (bar + 2), 130 + 30 * bar, 300, 0.3 + 0.1 * bar) for bar in range(6)]
    labels = [word for bar in range(6) for word in text(f"{bar + 2}", 112 + 30 * bar, 285 - 20 * (bar + 2))]
    years = [word for bar in range(6) for word in text(f"{2010 + bar}", 104 + 30 * bar, 303)]
    assert found(labels + years, bars) == []


def test_a_frame_around_the_head_of_a_memorandum_is_no_table() -> None:
    words: list[Word] = []
    for number, (name, said) in enumerate([("FROM:", "The Director"), ("TO:", "All offices"), ("RE:", "Records")]):
        words += text(name, 80, 105 + 20 * number) + text(said, 160, 105 + 20 * number)
    assert found(words, [Box(72, 100, 400, 170, stroked=True)]) == []
    assert found(words, [across(100, 72, 400), across(170, 72, 400)]) == []


def test_a_list_of_contents_between_rules_is_no_table() -> None:
    words = text("Contents", 72, 85) + text("Page", 520, 85)
    for number in range(6):
        words += text("What was found . . . . . .", 72, 105 + number * PITCH)
        words += right(str(3 + 4 * number), 540, 105 + number * PITCH)
    assert found(words, [across(80, 72, 540), across(98, 72, 540), across(190, 72, 540)]) == []


def test_a_header_over_a_short_rule_spans_the_columns_under_the_rule() -> None:
    words = text("2005", 200, 100) + text("2010", 350, 100)
    words += text("Group", 72, 115)
    for x, name in ((200, "Number"), (260, "Percent"), (350, "Number"), (410, "Percent")):
        words += right(name, x + 30, 115)
    for number in range(5):
        y = 130 + number * PITCH
        words += text("aged about " + "abcde"[number], 72, y)
        words += [w for x in (200, 260, 350, 410) for w in right(f"{number}{x},{x}", x + 30, y)]
    boxes = [across(98, 72, 450), across(112.5, 160, 292), across(112.5, 310, 442), across(127.5, 72, 450)]
    boxes += [across(197, 72, 450)]
    (table,) = found(words, boxes)
    assert rows(table)[:2] == [["Group", "2005", "", "2010", ""], ["", "Number", "Percent", "Number", "Percent"]]
    assert table.spans == (Span(0, 0, 2, 1), Span(0, 1, 1, 2), Span(0, 3, 1, 2))
    assert (table.headers, len(table.rows)) == (2, 7)


def test_a_label_that_goes_on_in_the_next_line_is_one_cell() -> None:
    words: list[Word] = []
    for top, label in ((100, "Persons who were held"), (113, "for more than a day"), (126, "Persons moved")):
        words += text(label, 72, top)
    for top in (113, 126, 139):
        words += right("12,400", 300, top) + right("7.1", 360, top)
    words += text("Persons released", 72, 139)
    boxes = [across(98, 72, 370), across(151, 72, 370)]
    (table,) = found(words, boxes)
    assert [row[0] for row in rows(table)] == [
        "Persons who were held for more than a day",
        "Persons moved",
        "Persons released",
    ]


def test_two_columns_of_prose_are_no_table() -> None:
    words = paragraph(72, 72, 220, 40) + paragraph(320, 72, 220, 40)
    assert found(words) == []
    assert found(words, [across(60, 72, 540), across(700, 72, 540)]) == []


def test_three_columns_of_prose_are_no_table() -> None:
    assert found([word for x in (50, 230, 410) for word in paragraph(x, 72, 160, 45)]) == []


def test_a_table_beside_a_column_of_prose_is_found_without_it() -> None:
    prose = paragraph(72, 72, 220, 30)
    (table,) = found(prose + plain(330, 150))
    assert rows(table) == [["State", "Cases", "Share"], *map(list, STATES)]


@pytest.mark.parametrize("leader", [" . . . . . . . .", "............", ""], ids=["spaced", "dots", "none"])
def test_a_list_of_contents_is_no_table(leader: str) -> None:
    words: list[Word] = []
    for number, title in enumerate(("Summary", "What was asked", "What was found", "Advice", "Answer of the agency")):
        top = 100 + number * PITCH
        words += text(title + leader, 72, top) + right(str(3 + 4 * number), 540, top)
    assert found(words) == []


def test_numbered_paragraphs_are_no_table() -> None:
    words: list[Word] = []
    for number in range(6):
        words += text(f"{number + 1}.", 72, 100 + number * 2 * PITCH)
        words += paragraph(100, 100 + number * 2 * PITCH, 440, 2)
    assert found(words) == []


def test_a_frame_around_prose_is_no_table() -> None:
    frame = Box(60, 60, 550, 400, stroked=True)
    assert found(paragraph(72, 72, 460, 20), [frame]) == []


def test_more_than_a_page_holds_gives_no_tables() -> None:
    words = [Word("7", x % 600, x // 600, x % 600 + 4, x // 600 + 5, 5) for x in range(100_000)]
    assert find_tables(words, [], WIDTH, HEIGHT) == []
    boxes = [Box(i % 600, i // 600, i % 600 + 50, i // 600 + 50, stroked=True) for i in range(20_000)]
    assert len(find_tables(plain(72, 180), boxes, WIDTH, HEIGHT)) <= 1


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_table_on_a_turned_page_is_read_as_it_is_turned(turn: int) -> None:
    words, boxes = plain(72, 180), [across(178, 72, 300), across(191.5, 72, 300), across(244.5, 72, 300)]
    shape = (HEIGHT, WIDTH) if turn != 180 else (WIDTH, HEIGHT)
    back = turned_words(words, 360 - turn, WIDTH, HEIGHT)
    sideways = [word._replace(turn=turn) for word in back]
    (table,) = find_tables(sideways, turned_boxes(boxes, 360 - turn, WIDTH, HEIGHT), *shape)
    assert rows(table) == [["State", "Cases", "Share"], *map(list, STATES)]
    assert table.box[0] == min(word.x0 for word in sideways)
    assert table.box[3] == max(word.bottom for word in sideways)


def test_lines_of_prose_in_columns_above_and_below_a_table_are_not_its_rows() -> None:
    table = plain(72, 180)
    edges = [word for y in (167, 245) for x in (72, 320) for word in paragraph(x, y, 230, 1)]
    assert [rows(one) for one in found(table + edges)] == [[["State", "Cases", "Share"], *map(list, STATES)]]


def stretched(words: str, x: float, top: float, width: float) -> list[Word]:
    """Return a line whose blanks are widened until it is as wide as its column."""
    line = text(words, x, top)
    more = (x + width - line[-1].x1) / (len(line) - 1)
    return [word._replace(x0=word.x0 + n * more, x1=word.x1 + n * more) for n, word in enumerate(line)]


# In the first and the third line of a column the blanks are as wide as those between columns.
STRETCHED = (
    "publishes conservation documents",
    "and the agency shall keep a record of",
    "measurement. Decision accordingly",
    "each request and of what was done in",
    "the law says so",
)


def columns_of_prose(top: float, first: int = 0) -> list[Word]:
    """Return two columns of stretched lines; the last line of a column begins a sentence."""
    return [
        word
        for x in (72, 265)
        for n, line in enumerate(STRETCHED[first:])
        for word in (stretched(line, x, top + n * PITCH, 175) if n < 4 - first else text(line, x, top + n * PITCH))
    ]


@pytest.mark.parametrize("first", [0, 2])
def test_stretched_lines_of_columns_under_and_over_a_table_are_not_its_rows(first: int) -> None:
    both = columns_of_prose(180 - PITCH * (6 - first), first) + plain(72, 180) + columns_of_prose(248, first)
    assert [rows(one) for one in found(both)] == [[["State", "Cases", "Share"], *map(list, STATES)]]


def test_stretched_lines_in_columns_are_no_table() -> None:
    assert found([word for n in range(6) for word in columns_of_prose(72 + 5 * n * PITCH)]) == []


def test_a_raised_mark_between_two_lines_of_prose_does_not_make_the_first_a_row() -> None:
    lines = "publishes conservation documents quarterly", "and the agency shall keep a record of them"
    prose = [word for x in (72, 320) for n in (0, 1) for word in text(lines[n], x, 245 + n * PITCH)]
    mark = Word("3", 304, 257.5, 307, 263.5, 6)
    assert [rows(one) for one in found([*plain(72, 180), *prose, mark])] == [
        [["State", "Cases", "Share"], *map(list, STATES)]
    ]


def test_a_table_as_wide_as_the_stretched_lines_around_it_keeps_its_rows() -> None:
    lines = [
        word
        for top in (141, 245)
        for n in range(3)
        for word in stretched(
            "the agency shall keep a record of each request that it has had from anyone", 72, top + n * PITCH, 340
        )
    ]
    table = text("State", 72, 180) + text("Cases", 200, 180) + right("Share", 412, 180)
    for number, (name, cases, share) in enumerate(STATES, start=1):
        y = 180 + number * PITCH
        table += text(name, 72, y) + right(cases, 225, y) + right(share, 412, y)
    assert [rows(one) for one in found(lines + table)] == [[["State", "Cases", "Share"], *map(list, STATES)]]


def test_headers_parted_almost_evenly_that_end_where_lines_of_prose_do_are_no_line_of_prose() -> None:
    prose = [
        word
        for n in range(3)
        for word in stretched("the agency shall keep a record of each request", 196, 260 + n * PITCH, 228)
    ]
    table = text("State", 72, 180) + text("Cases", 200, 180) + right("Deaths", 330, 180) + right("Share", 424, 180)
    for number, (name, cases, share) in enumerate(STATES, start=1):
        y = 180 + number * PITCH
        table += text(name, 72, y) + right(cases, 225, y) + right(cases, 330, y) + right(share, 424, y)
    (found_one,) = found(table + prose)
    assert rows(found_one)[0] == ["State", "Cases", "Deaths", "Share"]


def test_the_head_of_a_court_paper_is_no_table() -> None:
    words: list[Word] = []
    for number, (left, side) in enumerate(
        [("A. PERSON,", ""), ("Plaintiff,", "Case No. 1"), ("v.", ""), ("AN AGENCY,", "COMPLAINT"), ("Defendant.", "")]
    ):
        top = 100 + number * PITCH
        words += text(left, 72, top) + text(":", 300, top) + (text(side, 330, top) if side else [])
    assert found(words) == []


def test_two_tables_that_follow_one_another_are_two() -> None:
    words: list[Word] = []
    for top, offset in ((100, 0), (200, 37)):
        words += text("Effect", 72, top)
        for column in range(4):
            words += right(f"1.{column}", 200 + offset + 50 * column, top)
            for row in range(4):
                words += right(f"{row}{column}0", 200 + offset + 50 * column, top + 26 + row * PITCH)
        for row in range(4):
            words += text(f"0.{row} . . . . . .", 72, top + 26 + row * PITCH)
    assert [len(table.rows) for table in found(words)] == [5, 5]


def test_the_same_words_in_another_order_give_the_same_rows() -> None:
    words = plain(72, 180)
    assert rows(found(words[::-1])[0]) == rows(found(words)[0])


coordinates = st.floats(-100, 900, allow_nan=False) | st.sampled_from([72.0, 100.0, 112.0, 124.0, 200.0, 300.0])
extents = st.floats(0, 300) | st.sampled_from([0.0, 10.0, 20.0])
texts = st.sampled_from(["12", "1,300", "–", "Total", "of", "....", "-----", "a", "", "(X)"]) | st.text(max_size=4)
random_words = st.builds(
    lambda said, x, y, wide, high, turn: Word(said, x, y, x + wide, y + high, high, turn=turn),
    texts, coordinates, coordinates, extents, st.sampled_from([0.0, 8.0, 10.0]), st.sampled_from([0, 0, 0, 90]),
)  # fmt: skip
random_boxes = st.builds(
    lambda x, y, wide, high, shade, stroked: Box(x, y, x + wide, y + high, shade, stroked),
    coordinates, coordinates, extents, extents, st.sampled_from([None, 0.0, 0.9, 1.0]), st.booleans(),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(random_words, max_size=30), st.lists(random_boxes, max_size=12))
def test_any_words_and_boxes_give_square_tables_that_share_no_word(words: list[Word], boxes: list[Box]) -> None:
    seen: set[int] = set()
    for table in find_tables(words, boxes, WIDTH, HEIGHT):
        assert len({len(row) for row in table.rows}) == 1
        assert 0 <= table.headers <= len(table.rows)
        assert table.words <= set(range(len(words)))
        assert not table.words & seen
        seen |= table.words
        for span in table.spans:
            assert span.row + span.rows <= len(table.rows)
            assert span.column + span.columns <= len(table.rows[0])
        said = sorted(words[place].text for place in table.words)
        assert set("".join(cell for row in table.rows for cell in row)) <= set("".join(said) + " ")


@given(st.lists(random_words, max_size=30))
def test_joining_the_pieces_of_lines_of_prose_keeps_every_word_in_its_line(words: list[Word]) -> None:
    lines = lines_of(words, range(len(words)))
    for prose in (set(), set(range(len(words)))):
        made, joined = unstretched(words, lines, prose)
        assert joined <= set(range(len(words)))
        assert [[place for piece in line.pieces for place in piece.words] for line in made] == [
            [place for piece in line.pieces for place in piece.words] for line in lines
        ]


@pytest.mark.parametrize("figure", ["12", "1,300.5", "$4M", "(2.3)", "12%", "–", "NA", "(X)", "*0.6", "1996", "10.4**"])
def test_a_figure_is_told(figure: str) -> None:
    assert is_figure(figure)


@pytest.mark.parametrize("word", ["Total", "of", "A", "U.S.", "Section", "18-year-old", "•"])
def test_a_word_is_no_figure(word: str) -> None:
    assert not is_figure(word)


def test_a_line_is_parted_by_wide_gaps_and_figures_by_any() -> None:
    words = text("Total held 12", 72, 100) + text("13", 141, 100) + text("in all", 300, 100)
    (line,) = lines_of(words, range(len(words)))
    assert [piece.text for piece in line.pieces] == ["Total held 12", "13", "in all"]


def test_relations_skip_empty_cells_and_count_spans_once() -> None:
    table = from_rows([["a", "", "b"], ["c", "d", ""]])
    assert set(relations(table)) == {("a", "b", "right"), ("c", "d", "right"), ("a", "c", "below")}
    spanning = [Cell("h", 0, 0, 0, 1), Cell("x", 1, 0, 1, 0), Cell("y", 1, 1, 1, 1)]
    assert set(relations(spanning)) == {("h", "x", "below"), ("h", "y", "below"), ("x", "y", "right")}
    assert squeezed(" All\n ages . . . .") == "Allages"


def test_precision_and_recall_are_of_all_tables_of_a_document() -> None:
    true = [from_rows([["a", "b"], ["c", "d"]]), from_rows([["e", "f"]])]
    part = compare([from_rows([["a", "b"], ["c", "d"]])], true)
    assert (part.precision, part.recall) == (1.0, 4 / 5)
    assert compare([], true).f1 == 0


@pytest.mark.corpus
def test_tables_of_the_competition_are_read_as_well_as_they_were(corpus: Path) -> None:
    """The quality gate of table reading (see bench/tables.py); stock pdfplumber's mean F1 is 0.47."""
    found = score(corpus / "pdf/bench/icdar2013-us/competition-dataset-us")
    assert len(found) == 20 + 1
    assert found["mean"] >= 0.985

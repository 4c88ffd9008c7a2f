"""Tables: read back by docutils, every cell says what was put in."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rstread import parsed, tables
from test_rst_escape import TEXTS
from uapigen import rst
from uapigen.tables import table

CELLS = st.one_of(TEXTS, st.sampled_from(["", "0x10", "rw", "x" * 70, "_A" * 40, "two words"]))


@settings(deadline=None)
@given(
    st.integers(2, 6).flatmap(
        lambda count: st.tuples(
            st.lists(
                st.sampled_from(["Offset", "Name", "What was said", "x"]), min_size=count, max_size=count
            ),
            st.lists(st.lists(CELLS, min_size=count, max_size=count), min_size=1, max_size=5),
        )
    )
)
def test_read_back_the_cells_are_what_was_put_in(content: tuple[list[str], list[list[str]]]) -> None:
    header, rows = content
    text = table(header, rows, rst.lines, 80)
    assert max(map(len, text.split("\n"))) <= 80
    assert not any(line != line.rstrip() for line in text.split("\n"))
    assert tables(parsed(text)) == [[[" ".join(cell.split()) for cell in row] for row in (header, *rows)]]


def test_a_table_whose_rows_begin_with_one_line_is_simple() -> None:
    text = table(("Offset", "Meaning"), (("0", "word " * 30), ("4", "")), rst.lines, 80)
    assert text.startswith("======  ====")


def test_a_table_whose_first_cells_are_empty_or_long_is_a_grid() -> None:
    for first in ("", "word " * 20):
        assert table(("Name", "Meaning"), ((first, "x"),), rst.lines, 80).startswith("+-")


def test_words_stay_whole_where_there_is_room() -> None:
    name = "VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY"
    assert name in table(("Value", "Name", "Meaning"), (("2", name, "word " * 60),), rst.lines, 80)


def test_columns_give_room_to_those_that_need_it_more() -> None:
    """Of a short text and a long one, the short one is broken rather than the long one once more."""
    rows = [("1", "a label of five words", "word " * 22) for _ in range(3)]
    text = table(("No.", "Label", "Effect"), rows, rst.lines, 80)
    labels, effects = (len(column) for column in text.split("\n")[0].split("  ")[1:])
    assert labels < len("a label of five words")
    assert effects > 52
    assert len(text.split("\n")) == 4 + 3 * 2 + 2


def test_blank_lines_set_off_the_rows_of_several_lines() -> None:
    rows = [("1", "x"), ("2", "y"), ("3", "word " * 30), ("4", "x"), ("5", "y")]
    text = table(("No.", "Meaning"), rows, rst.lines, 80)
    body = text.split("\n")[3:-1]
    assert [line[:1] for line in body] == ["1", "2", "", "3", " ", "", "4", "5"]

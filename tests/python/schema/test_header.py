"""Where a table begins in a text, and by what its cells are parted."""

import pytest
from clarion.schema.files import fields_in
from clarion.schema.header import find_header, records, unwrapped
from hypothesis import given
from hypothesis import strategies as st

FITS = fields_in("campaigns", ("start", "end"), [])
HEAD = "id,name,start,end,budget"
ROW = "a,Spring,2026-03-01,2026-03-10,1000"
TABLE = f"{HEAD}\n{ROW}\n{ROW}\n"


def cells(text, delimiter=","):
    return [record.cells for record in records(text, delimiter)]


def test_a_table_begins_at_its_first_line():
    found = find_header(TABLE, None, FITS)
    assert found.names == HEAD.split(",")
    assert (found.delimiter, found.skipped, found.wrapped) == (",", [], False)
    assert TABLE[found.end :].startswith("a,Spring")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_reports_begin_with_is_passed_over(delimiter):
    table = TABLE.replace(",", delimiter)
    text = f"Campaign report\nPeriod{delimiter} Jan - Mar\n\n{table}"
    found = find_header(text, None, FITS)
    assert found.names == HEAD.split(",")
    assert found.delimiter == delimiter
    assert found.skipped == ["Campaign report", "Period Jan - Mar"]
    assert text[found.end :].startswith(f"a{delimiter}Spring")


def test_the_line_that_names_the_most_is_the_header():
    # A legend of the fields does not go on with rows that are as wide.
    text = f"Legend\n\nid,start,end\nnote,of,the,author,only\n\n{TABLE}"
    found = find_header(text, None, FITS)
    assert found.names == HEAD.split(",")
    assert len(found.skipped) == 3


def test_where_nothing_fits_the_first_wide_line_is_taken():
    text = "A list of plants\n\nname;height;since\nrose;1,5;1990\noak;20,1;1700\n"
    found = find_header(text, None, FITS)
    assert found.names == ["name", "height", "since"]
    assert found.delimiter == ";"
    assert find_header("alone\n1\n2\n", None, FITS).names == ["alone"]


def test_excel_says_the_delimiter():
    found = find_header("sep=|\r\n" + TABLE.replace(",", "|").replace("\n", "\r\n"), None, FITS)
    assert (found.delimiter, found.names) == ("|", HEAD.split(","))


def test_rows_may_end_in_a_delimiter_that_the_header_lacks():
    text = f"{HEAD}\n{ROW},\n{ROW},\n"
    assert find_header(text, None, FITS).names == [*HEAD.split(","), ""]


def test_lines_may_stand_quoted_in_one_cell():
    quoted = "".join(f'"{line}"\n' for line in TABLE.splitlines())
    assert find_header(quoted, None, FITS).wrapped
    assert unwrapped(quoted) == TABLE


def test_a_header_may_be_longer_than_what_was_looked_at():
    assert find_header(HEAD, None, FITS, whole=False) is None
    assert find_header(HEAD, None, FITS, whole=True).names == HEAD.split(",")


def test_blank_texts_have_no_names():
    for text in ("", "\n\n", " \t\n", "sep=;\n\n"):
        assert find_header(text, None, FITS).names == []


def test_quotes_hold_delimiters_breaks_and_quotes():
    assert cells('a,"b,c",d\r\n1,"x\ny","he said ""no"""\n') == [
        ["a", "b,c", "d"],
        ["1", "x\ny", 'he said "no"'],
    ]
    assert cells('5" pipe,x\n') == [['5" pipe', "x"]]
    assert cells('"open\n,x\n') == [["open\n,x\n"]]
    assert cells("a,b\r1,2") == [["a", "b"], ["1", "2"]]
    assert [len(list(records("a\n" * 9, ",", most=most))) for most in (0, 4, 20)] == [0, 4, 9]


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), min_size=2), min_size=1)
)
def test_what_is_written_with_quotes_is_cut_into_the_same_cells(rows):
    text = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows)
    assert cells(text) == rows


@given(st.text(st.sampled_from('ab",;|\t\n\r= é'), max_size=120), st.booleans())
def test_any_text_has_a_header_within_it(text, whole):
    found = find_header(text, None, FITS, whole=whole)
    if found is not None:
        assert 0 <= found.end <= len(text)
        assert bool(found.names) == bool(text.strip()) or text.lower().startswith("sep=")

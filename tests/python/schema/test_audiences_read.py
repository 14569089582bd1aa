"""Membership tables as people have them: right, counted, or refused with what to do."""

import bz2
import gzip
import json
import uuid

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
import pytest
from clarion import Audiences, ClarionError
from hypothesis import given, settings
from hypothesis import strategies as st

HEAD = "campaign,customer\n"
GOOD = HEAD + "spring,7\nspring,8\nautumn,7\n"
WANTED = {"autumn": ["7"], "spring": ["7", "8"]}


@pytest.fixture
def read(tmp_path):
    def of(data, name="members.csv", **options):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return checked(Audiences.read(path, **options))

    return of


def checked(audiences):
    report = audiences.report
    assert report.rows_read == report.rows_accepted + report.rows_quarantined
    assert report.rows_accepted == audiences.n_memberships + report.duplicates
    assert len(report.quarantined) == min(report.rows_quarantined, 100)
    return audiences


def frame(data, **options):
    return checked(Audiences.from_frame(data, **options))


def members(audiences):
    return {campaign: list(audiences.members(campaign)) for campaign in audiences}


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.rstrip("\n"),
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace(",", "|"),
        "\ufeff" + GOOD,
        GOOD.encode("utf-16"),
        GOOD.replace("spring", '"spring"').replace(",7", ", 7 "),
        GOOD.replace("campaign,customer", "Campaign ID,Household Key"),
        "Members of all campaigns\n\n" + GOOD,
        GOOD.replace("\n", ",2026-03-01\n").replace("customer,2026-03-01", "customer,since"),
        "sep=,\n" + GOOD,
        gzip.compress(GOOD.encode()),
        bz2.compress(GOOD.encode()),
    ],
)
def test_forms_of_the_same_file(read, text):
    assert members(read(text)) == WANTED


def test_kinds_of_files(read, tmp_path):
    rows = [{"campaign": c, "customer": i} for c, of in WANTED.items() for i in of]
    assert members(read(json.dumps(rows), "members.json")) == WANTED
    assert members(read("\n".join(map(json.dumps, rows)), "members.jsonl")) == WANTED
    table = pa.Table.from_pylist(rows)
    parquet.write_table(table, tmp_path / "members.csv")  # a file is what it holds, not what it is called
    assert members(checked(Audiences.read(tmp_path / "members.csv"))) == WANTED
    feather.write_feather(table, tmp_path / "members.arrow")
    assert members(checked(Audiences.read(tmp_path / "members.arrow"))) == WANTED


def test_latin_1_with_semicolons(read):
    text = "Kampagne;Kundennummer;Größe\nFrühling;Jürgen;5\nFrühling;Zoë;\n"
    assert members(read(text.encode("cp1252"))) == {"Frühling": ["Jürgen", "Zoë"]}
    # the same where only the end of a long file tells
    long = HEAD + "".join(f"c{i % 3},{i}\n" for i in range(150_000)) + "c0,J\xfcrgen\n"
    audiences = read(long.encode("latin-1"))
    assert audiences.contains("c0", "Jürgen")
    assert audiences.n_memberships == 150_001


def test_missing_columns_name_those_there_are(read, tmp_path):
    with pytest.raises(
        ClarionError, match=r"members.csv: no column holds the customer ids.*customer=.*campaign, mood"
    ):
        read("campaign,mood\na,1\n")
    with pytest.raises(ClarionError, match=r"no column holds the campaign ids.*campaign=.*foo, bar"):
        read("foo,bar\na,1\n")
    with pytest.raises(ValueError, match=r'"kustomer" for customer.*did you mean "customer"'):
        read(GOOD, customer="kustomer")
    with pytest.raises(ValueError, match="one column of its own"):
        read(GOOD, campaign="customer", customer="customer")
    parquet.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    with pytest.raises(ClarionError, match=r"no column holds the campaign ids.*\(columns: a\)"):
        Audiences.read(tmp_path / "a.parquet")
    for rows in (
        {"campaign": ["a"], "mood": [1]},
        [{"campaign": "a", "mood": 1}],
        pd.DataFrame({"campaign": ["a"], "mood": [1]}),
        pl.DataFrame({"campaign": ["a"], "mood": [1]}),
    ):
        with pytest.raises(
            ValueError, match='"customer" is not allowed; name one of the columns: campaign, mood'
        ):
            Audiences.from_frame(rows)
    with pytest.raises(ValueError, match="a column each"):
        Audiences.from_frame({"id": [1]}, campaign="id", customer="id")


def test_tables_without_rows(read):
    for audiences in (
        read(HEAD),
        read(HEAD.rstrip("\n")),
        read("\n\n" + HEAD + "\n\n"),
        frame({"campaign": [], "customer": []}),
        frame(pd.DataFrame({"campaign": [], "customer": []})),
        frame(pl.DataFrame({"campaign": [], "customer": []})),
    ):
        assert len(audiences) == audiences.report.rows_read == 0
    for nothing in ([], {}, pd.DataFrame()):
        with pytest.raises(ValueError, match="the table has no columns"):
            Audiences.from_frame(nothing)


def test_files_that_are_no_table_say_so(read, tmp_path):
    def refused(why, data, name="members.csv"):
        with pytest.raises(ClarionError, match=why):
            read(data, name)

    refused("members.csv is empty", "")
    refused("blank lines only", "\n \n")
    refused("not text", bytes(100))
    refused("page of HTML", "<!DOCTYPE html><html></html>")
    refused("a PDF", "%PDF-1.7")
    refused(r"named \.parquet and is no such file", GOOD, "members.parquet")
    refused(r"named \.gz and is not packed", GOOD, "members.csv.gz")
    refused("save the sheet as CSV", b"PK\x03\x04", "members.xlsx")
    refused("cannot be read", b"PAR1 and then nothing", "members.parquet")
    refused("JSON", "{", "members.json")
    refused("cannot be read", gzip.compress(GOOD.encode())[:-9], "members.csv.gz")
    with pytest.raises(ClarionError, match="is a folder"):
        Audiences.read(tmp_path)
    with pytest.raises(ClarionError, match="no such file"):
        Audiences.read(tmp_path / "absent.csv")
    for odd in (None, "members.csv", tmp_path / "members.csv", 3):
        with pytest.raises(TypeError, match="cannot read rows"):
            Audiences.from_frame(odd)


def test_rows_without_an_id_are_set_aside(read):
    text = HEAD + 'a,\n,2\nNULL,3\nb,4\n" ",5\nb,N/A\n'
    audiences = read(text)
    assert members(audiences) == {"a": [], "b": ["4"]}
    assert audiences.report.quarantined == (
        (0, "the customer is missing"),
        (1, "the campaign is missing"),
        (2, "the campaign is missing"),
        (4, "the campaign is missing"),
        (5, "the customer is missing"),
    )
    rows = [
        {"campaign": "a", "customer": 1},
        {"campaign": "b"},
        {"customer": 2},
        {"campaign": None, "customer": 3},
    ]
    assert [row for row, _ in frame(rows).report.quarantined] == [1, 2, 3]
    assert [row for row, _ in read(json.dumps(rows), "x.json").report.quarantined] == [1, 2, 3]


def test_lines_that_cannot_be_cut_are_counted_where_they_stand(read):
    audiences = read(HEAD + "a,1\na\n,2\nb,2,3\n\nb,2\n")
    assert members(audiences) == {"a": ["1"], "b": ["2"]}
    assert audiences.report.rows_read == 5
    assert audiences.report.quarantined == (
        (1, "1 cell where 2 are expected"),
        (2, "the campaign is missing"),
        (3, "3 cells where 2 are expected"),
    )
    audiences = read('{"campaign": "a", "customer": 1}\nnope\n{"campaign": "b", "customer": 2}\n', "x.jsonl")
    assert members(audiences) == {"a": [1], "b": [2]}
    assert [row for row, _ in audiences.report.quarantined] == [1]
    with pytest.raises(ClarionError, match="a quote may not be closed"):
        read(HEAD + 'a,"1\n' + "b,2\n" * (1 << 21))


def test_doubled_memberships_are_counted_and_kept_once(read):
    audiences = read(GOOD + "spring,7\nautumn, 7\n")
    assert members(audiences) == WANTED
    assert (audiences.report.rows_accepted, audiences.report.duplicates) == (5, 2)


def test_negative_ids_are_ids(read):
    assert members(read(HEAD + "-1,-5\n-1,5\n")) == {"-1": ["-5", "5"]}
    assert members(frame({"campaign": [-1, -1, 2], "customer": [5, -5, -(2**63)]})) == {
        "-1": [-5, 5],
        "2": [-(2**63)],
    }


def test_floats_are_ids_where_they_are_whole(read):
    audiences = frame({"campaign": [8.0, 8.0, 8.5], "customer": [1.0, 2.5, 3.0]})
    assert members(audiences) == {"8": [1]}
    assert [why for _, why in audiences.report.quarantined] == [
        "the customer is not a whole number of 64 bits",
        "the campaign is not a whole number of 64 bits",
    ]
    # in a file of texts they are texts
    assert members(read(HEAD + "a,1.0\na,1\n")) == {"a": ["1", "1.0"]}


def test_ids_of_several_types_are_texts(read):
    data = {"campaign": ["a", 1, None, True], "customer": [1, "x", 3, 4.5]}
    rows = [dict(zip(data, row, strict=True)) for row in zip(*data.values(), strict=True)]
    for source in (data, pd.DataFrame(data), rows):
        audiences = frame(source)
        assert members(audiences) == {"1": ["x"], "a": ["1"], "true": ["4.5"]}
        assert audiences.report.quarantined == ((2, "the campaign is missing"),)
    assert members(read(HEAD + "a,1\n7,x\n")) == {"7": ["x"], "a": ["1"]}
    person = uuid.uuid4()
    assert members(frame([{"campaign": "a", "customer": person}])) == {"a": [str(person)]}
    large = [2**70, 2**70 + 1]
    assert members(frame([{"campaign": "a", "customer": one} for one in large])) == {
        "a": list(map(str, large))
    }


def test_cells_that_are_no_ids_are_refused():
    for cell in ([1, 2], {"x": 1}):
        with pytest.raises(ClarionError, match=r"column customer: ids of Arrow type .* cast them"):
            Audiences.from_frame(pa.table({"campaign": ["a"], "customer": pa.array([cell])}))
    with pytest.raises(ClarionError, match="differ in length: campaign 2, customer 1"):
        Audiences.from_frame({"campaign": ["a", "b"], "customer": [1]})


cell = st.sampled_from(["a", "b", "7", "-3", "1.5", "", " ", "NULL", "ä", "x y", '"q"', "a;b"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cell, cell), max_size=30), st.sampled_from([",", ";", "\t"]))
def test_rows_in_are_accepted_or_set_aside(tmp_path_factory, rows, delimiter):
    def quoted(text):
        return '"' + text.replace('"', '""') + '"' if delimiter in text or '"' in text else text

    lines = [HEAD.replace(",", delimiter), *(delimiter.join(map(quoted, row)) + "\n" for row in rows)]
    path = tmp_path_factory.mktemp("rows") / "members.csv"
    path.write_text("".join(lines), encoding="utf-8")
    audiences = checked(Audiences.read(path))
    assert audiences.report.rows_read == len(rows)
    known = {(c.strip(), i.strip()) for c, i in rows if {c.strip(), i.strip()}.isdisjoint({"", "NULL"})}
    assert {(c, i) for c, of in members(audiences).items() for i in of} == known


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "members.csv"
    path.write_bytes(data)
    try:
        checked(Audiences.read(path))
    except ClarionError as problem:
        assert str(problem).startswith(str(path))

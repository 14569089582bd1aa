"""Portfolios out of whatever people export."""

import bz2
import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
import pytest
from clarion import ClarionError, Portfolio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HEAD = "id,name,start,end,budget,channel,owner"
ROWS = ["a,Spring,2026-03-01,2026-03-10,1000,Email,Ann", "b,Summer,2026-06-01,2026-06-10,2000,SMS,Bob"]
ROWS_AS_DICTS = [dict(zip(HEAD.split(","), row.split(","), strict=True)) for row in ROWS]


def make(folder: Path, text: str | bytes, name: str = "plan.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(folder, text, name="plan.csv", **options):
    plan = Portfolio.read(make(folder, text, name), **options)
    assert len(plan) + len(plan.quarantine) == plan.rows_read
    assert all(plan.quarantine["reasons"])
    return plan


def plain(plan):
    return [
        (one.id, one.name, one.start.isoformat(), one.end.isoformat(), one.budget, one.channel, one.owner)
        for one in plan
    ]


GOOD = "\n".join([HEAD, *ROWS]) + "\n"
WANTED = [
    ("a", "Spring", "2026-03-01", "2026-03-10", 1000.0, "Email", "Ann"),
    ("b", "Summer", "2026-06-01", "2026-06-10", 2000.0, "SMS", "Bob"),
]


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace(",", "|"),
        GOOD.rstrip("\n"),
        "\n\n" + GOOD.replace("\n", "\n\n") + "\n\n",
        GOOD.replace("Spring", '"Spring"'),
        GOOD.encode("utf-16"),
        GOOD.encode("utf-16-le"),
        GOOD.encode("utf-16-be"),
    ],
)
def test_forms_of_the_same_file(tmp_path, text):
    plan = read(tmp_path, text)
    assert plain(plan) == WANTED
    assert {item.code for item in plan.findings} <= {"S107"}


def test_packed_and_suffixes(tmp_path):
    assert plain(read(tmp_path, gzip.compress(GOOD.encode()), "plan.csv.gz")) == WANTED
    assert plain(read(tmp_path, GOOD.replace(",", "\t"), "plan.tsv")) == WANTED
    assert plain(read(tmp_path, GOOD, "plan")) == WANTED
    rows = ROWS_AS_DICTS
    assert plain(read(tmp_path, json.dumps(rows), "plan.json")) == WANTED
    assert plain(read(tmp_path, "\n".join(map(json.dumps, rows)), "plan.jsonl")) == WANTED
    assert plain(read(tmp_path, json.dumps({"campaigns": rows}), "plan.json")) == WANTED
    assert plain(read(tmp_path, ("\ufeff" + json.dumps(rows)).encode("utf-16"), "plan.json")) == WANTED


def test_latin_1_and_quoted_line_breaks(tmp_path):
    text = 'id;name;start;end;budget;channel;owner;Größe\na;"Früh\nling; 1";01-03-2026;13-03-2026;1.000,50 €;E-Mail;Jürgen;ß\n'
    plan = read(tmp_path, text.encode("cp1252"))
    assert plan[0].name == "Früh\nling; 1"
    assert plan[0].budget == 1000.5
    assert plan[0].currency == "EUR"
    assert plan[0].start.isoformat() == "2026-03-01"
    assert plan[0].owner == "Jürgen"
    assert plan.extras == ["Größe"]
    assert plan.findings.count("S107") == 1
    # the same where only the end of a long file tells
    long = HEAD + "\n" + "".join(f"c{i},n{i},2026-03-01,2026-03-10,1,Email,Ann\n" for i in range(40_000))
    plan = read(tmp_path, (long + "last,fin,2026-03-01,2026-03-10,1,Email,J\xfcrgen\n").encode("latin-1"))
    assert plan["last"].owner == "Jürgen"
    assert len(plan) == 40_001


def test_ragged_lines_are_quarantined_where_they_stand(tmp_path):
    lines = [
        HEAD,
        ROWS[0],
        "too,short",
        "",
        ROWS[1],
        "x," * 9 + "long",
        ROWS[0].replace("a,Spring", "c,Autumn"),
    ]
    plan = read(tmp_path, "\n".join(lines))
    assert plan.rows_read == 5
    assert [one.id for one in plan] == ["a", "b", "c"]
    assert plan.quarantine["row"].tolist() == [2, 4]
    assert plan.quarantine["id"][0] == "too,short"
    assert "2 cells where 7 are expected" in plan.quarantine["reasons"][0]
    assert plan.findings.count("S013") == 2
    assert [(row, [item.code for item in found]) for row, _, found in plan.quarantined] == [
        (2, ["S013"]),
        (4, ["S013"]),
    ]


def test_files_that_are_no_table_say_so(tmp_path):
    def refused(path, why):
        with pytest.raises(ClarionError, match=why):
            Portfolio.read(path)

    refused(tmp_path, "is a folder")
    refused(tmp_path / "absent.csv", "no such file")
    refused(make(tmp_path, ""), "is empty")
    refused(make(tmp_path, "\n\n  \n"), "empty")
    refused(make(tmp_path, os.urandom(4096)), "not text|cannot be read|no column")
    refused(make(tmp_path, bytes(range(256)) * 20), "not text")
    refused(make(tmp_path, b"\x00" * 100), "not text")
    refused(make(tmp_path, "just words\n"), "no column holds the start and end")
    refused(make(tmp_path, "PAR1 but not really", "x.parquet"), "cannot be read")
    refused(make(tmp_path, "{", "x.json"), "JSON")
    refused(make(tmp_path, "[1, 2", "x.json"), "JSON")
    refused(make(tmp_path, "not gzip", "x.csv.gz"), "cannot be read")
    refused(make(tmp_path, "PK", "x.xlsx"), "save the sheet as CSV")
    refused(make(tmp_path, "id,name,start\n1,x,2026-01-01\n"), "no column holds the end")


def test_small_tables(tmp_path):
    plan = read(tmp_path, HEAD + "\n")
    assert (plan.rows_read, len(plan)) == (0, 0)
    assert [item.code for item in plan.findings] == ["S110"]
    assert plain(read(tmp_path, HEAD + "\n" + ROWS[0])) == WANTED[:1]


def test_wide_and_doubled_columns(tmp_path):
    extra = [f"c{i}" for i in range(10_000)]
    text = ",".join([HEAD, *extra]) + "\n" + ",".join([ROWS[0], *("1" for _ in extra)]) + "\n"
    plan = read(tmp_path, text)
    assert len(plan.extras) == 10_000
    plan = read(tmp_path, HEAD + ",name,budget\n" + ROWS[0] + ",other,5\n")
    assert plan.findings.count("S106") == 2
    assert plan[0].name == "Spring"
    assert plan.extras == ["name (2)", "budget (2)"]


def test_odd_values(tmp_path):
    rows = [
        "a,ok,2026-03-01,2026-03-10,10,Email,Ann",
        "b,inf,2026-03-01,2026-03-10,inf,Email,Ann",
        "c,nan,2026-03-01,2026-03-10,nan,Email,Ann",
        "d,huge,2026-03-01,2026-03-10,1e300,Email,Ann",
        "e,year 9999,9999-12-01,9999-12-31,10,Email,Ann",
        "f,reversed,2026-03-10,2026-03-01,10,Email,Ann",
        "a,twice,2026-03-01,2026-03-10,10,Email,Ann",
        "g,leap,2026-02-29,2026-03-10,10,Email,Ann",
    ]
    plan = read(tmp_path, "\n".join([HEAD, *rows]))
    assert [one.id for one in plan] == ["a"]
    reasons = dict(zip(plan.quarantine["row"].tolist(), plan.quarantine["reasons"], strict=True))
    assert [reasons[row][:4] for row in range(2, 9)] == [
        "S010",
        "S005",
        "S010",
        "S017",
        "S001",
        "S008",
        "S009",
    ]


def test_a_stranger_export_of_1500_campaigns(tmp_path):
    head = "Kampagne ID;Campaign Name;Start Date;End Date;Planned Budget (EUR);Marketing Channel;Campaign Owner;Land"
    lines = ["", head]
    for i in range(1500):
        start, end = 1 + i % 28, 1 + (i + 3) % 28
        lines.append(
            f"K{i};Kampagne für Käufer {i};{start:02}-{1 + i % 11:02}-2026;{end:02}-{2 + i % 11:02}-2026;"
            f"{1 + i % 40}.{i % 1000:03},50;{'E-mail' if i % 7 else 'Radio'};Jürgen {i % 9};DE"
        )
        if i % 100 == 0:
            lines.append("")
    plan = Portfolio.read(make(tmp_path, "\r\n".join(lines).encode("latin-1")), columns={"id": "Kampagne ID"})
    assert plan.rows_read == 1500
    assert len(plan) == 1500
    assert plan["K7"].budget == 8007.5
    assert plan["K7"].currency == "EUR"
    assert plan["K13"].start.isoformat() == "2026-03-14"
    assert plan.extras == ["Land"]
    mapped = plan.findings.with_code("S101")[0]
    assert "owner=Campaign Owner" in mapped.evidence["mapping"]
    assert plan["K1"].channel == "Email"
    assert plan.counts["S014"] == sum(i % 7 == 0 for i in range(1500))


def test_mappings_are_checked(tmp_path):
    path = make(tmp_path, GOOD)
    with pytest.raises(ValueError, match='did you mean "budget"'):
        Portfolio.read(path, columns={"bugdet": "budget"})
    with pytest.raises(ValueError, match='did you mean "owner"'):
        Portfolio.read(path, columns={"owner": "ovner"})
    with pytest.raises(ValueError, match="decimal"):
        Portfolio.read(path, decimal=";")
    with pytest.raises(ValueError, match="delimiter"):
        Portfolio.read(path, delimiter=";;")
    with pytest.raises(ValueError, match="n_jobs"):
        Portfolio.read(path, n_jobs=0)
    with pytest.raises(TypeError):
        Portfolio.read(7)


@pytest.fixture
def data():
    folder = os.environ.get("CLARION_DATA")
    if not folder:
        pytest.skip("CLARION_DATA is not set")
    return Path(folder)


def test_complete_journey(data):
    plan = Portfolio.read(data / "complete-journey" / "campaign_descriptions.csv.gz")
    assert (len(plan), plan.rows_read) == (27, 27)
    assert plan["1"].start.isoformat() == "2017-03-03"
    assert plan["1"].name == "1"
    assert plan.extras == ["campaign_type"]
    assert sorted(plan.counts) == ["S101", "S102"]
    absent = plan.findings.with_code("S102")[0]
    assert absent.evidence["fields"] == ["name", "budget", "channel", "owner"]
    assert absent.severity == "warning"


frames = {
    "pyarrow": lambda t: t,
    "pandas": lambda t: t.to_pandas(),
    "polars": lambda t: pytest.importorskip("polars").from_arrow(t),
    "duckdb": lambda t: pytest.importorskip("duckdb").from_arrow(t),
    "mapping": lambda t: t.to_pydict(),
    "rows": lambda t: t.to_pylist(),
}


@pytest.mark.parametrize("kind", frames)
def test_every_kind_of_frame(kind):
    import datetime as dt

    table = pa.table(
        {
            "id": ["a", "b"],
            "name": ["Spring", "Summer"],
            "start": [dt.date(2026, 3, 1), dt.date(2026, 6, 1)],
            "end": [dt.datetime(2026, 3, 10, 12), dt.datetime(2026, 6, 10)],
            "budget": [1000, 2000],
            "channel": pa.array(["Email", "SMS"]).dictionary_encode(),
            "owner": ["Ann", "Bob"],
            "audience": [["new", "loyal; vip"], []],
            "spend": [1.5, None],
        }
    )
    plan = Portfolio.read(frames[kind](table))
    assert plain(plan) == WANTED
    assert plan[0].audience == ["new", "loyal; vip"]
    assert plan[0].spend == 1.5 and plan[1].spend is None
    back = plan.to_frame()
    if kind in ("pandas", "polars", "pyarrow"):
        assert type(back).__module__.split(".")[0] == kind


def test_pandas_of_mixed_objects():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "id": [1, "b", None], "name": ["x", "y", "z"], "start": ["2026-01-01"] * 3, "end": ["2026-01-02"] * 3,
            "budget": [1.0, "2,500", float("nan")], "channel": ["Email"] * 3, "owner": ["Ann"] * 3,
        }
    )  # fmt: skip
    plan = Portfolio.read(frame)
    assert (len(plan), plan.rows_read) == (2, 3)
    assert plan["b"].budget == 2500.0


cell = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "",
            "2026-01-01",
            "31/12/2026",
            "1.234,5",
            "x",
            "Email",
            "-",
            "9999-01-01",
            "nan",
            "5",
            "12 k",
            "a;b",
        ]
    ),
    st.text(max_size=12),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*[cell] * 8), max_size=12))
def test_rows_in_are_rows_accepted_and_quarantined(rows):
    names = [*HEAD.split(","), "clicks"]
    table = pa.table({name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(names)})
    plan = Portfolio.read(table)
    assert plan.rows_read == len(rows) == len(plan) + len(plan.quarantine)
    seen = plan._core.source_row.tolist() + plan.quarantine["row"].tolist()
    assert sorted(seen) == list(range(1, len(rows) + 1))
    for (row, _, found), reasons in zip(plan.quarantined, plan.quarantine["reasons"], strict=True):
        assert reasons
        assert {item.row for item in found} == {row}
    json.loads(plan.findings.to_json())


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = make(Path(folder), text.encode("utf-8", "ignore"))
        try:
            plan = Portfolio.read(path)
        except ClarionError as problem:
            assert str(problem)
        else:
            assert plan.rows_read == len(plan) + len(plan.quarantine)


def test_rows_of_delimiters_alone_are_one_reason(tmp_path):
    plan = read(tmp_path, GOOD.replace(",", ";") + ";;;;;;\n;;;;;;\n")
    assert plain(plan) == WANTED
    assert plan.counts == {"S034": 2}
    assert plan.quarantine["reasons"] == ["S034 blank row"] * 2


def test_thousands_of_exports(tmp_path):
    plan = read(tmp_path, GOOD.replace("1000", '"$1,500"').replace("2000", '"$12,250"'))
    assert [one.budget for one in plan] == [1500.0, 12250.0]
    assert len(plan.findings) == 0


def test_files_are_known_by_what_they_hold(tmp_path):
    def refused(why, data, name="plan.csv"):
        with pytest.raises(ClarionError, match=why):
            Portfolio.read(make(tmp_path, data, name))

    table = pa.table({name: [row[name] for row in ROWS_AS_DICTS] for name in HEAD.split(",")})
    parquet.write_table(table, tmp_path / "plan.csv")
    assert plain(Portfolio.read(tmp_path / "plan.csv")) == WANTED
    feather.write_feather(table, tmp_path / "plan.csv")
    assert plain(Portfolio.read(tmp_path / "plan.csv")) == WANTED
    assert plain(read(tmp_path, json.dumps(ROWS_AS_DICTS), "plan.txt")) == WANTED
    assert plain(read(tmp_path, gzip.compress(GOOD.encode()), "plan.csv")) == WANTED
    assert plain(read(tmp_path, bz2.compress(GOOD.encode()), "plan")) == WANTED
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("plan.csv", GOOD)
    refused("a zip archive of plan.csv; unpack it first", archive.getvalue())
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("xl/workbook.xml", "")
    refused("a workbook; save the sheet as CSV", archive.getvalue())
    refused("a workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "plan.xls")
    refused("a page of HTML or XML", "\n<html><body>Sign in</body></html>")
    refused("a PDF", "%PDF-1.7 ...")
    refused(r"named \.parquet and is no such file", GOOD, "plan.parquet")
    refused(r"named \.zst and is not packed at all", GOOD, "plan.csv.zst")


def test_reports_begin_with_a_title_and_end_in_totals(tmp_path):
    total = "Grand total,,,,3000,,"
    plan = read(tmp_path, f"Marketing plan\nas of 1 March\n\n{GOOD}{total}\n")
    assert plain(plan) == WANTED
    assert plan.counts == {"S035": 1, "S111": 1}
    assert plan.quarantine["reasons"] == ["S035 row of totals"]
    assert "Marketing plan" in next(item.message for item in plan.findings if item.code == "S111")
    assert plain(read(tmp_path, "sep=;\n" + GOOD.replace(",", ";"))) == WANTED
    assert plain(read(tmp_path, "".join(f'"{line}"\n' for line in GOOD.splitlines()))) == WANTED


def test_an_open_quote_is_told_and_swallows_no_row_in_silence(tmp_path):
    lines = [ROWS[0].replace("a,", f"c{i},") for i in range(300)]
    plan = read(tmp_path, "\n".join([HEAD, ROWS[0].replace("Spring", '"Spring'), *lines]))
    assert len(plan) == 0
    assert plan.findings.count("error") == 1
    text = f"{HEAD}\n{ROWS[0]}\n{ROWS[1].replace('Summer', chr(34) + 'Summer' + ',' * 5000 + chr(34))}\n"
    plan = read(tmp_path, text)
    assert plan.counts == {"S036": 1}
    assert max(len(item.value) for item in plan.findings) == 1003

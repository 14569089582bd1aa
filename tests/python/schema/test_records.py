"""Tables of records out of whatever people export: nothing is lost, however it is cut."""

import json
import subprocess
import sys
import textwrap

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from clarion import ClarionError
from clarion._core import Policy
from clarion.schema import Branches, Events, Responses, Transactions
from clarion.schema.records import TABLES
from hypothesis import given, settings
from hypothesis import strategies as st

CELL = st.one_of(
    st.sampled_from(
        [
            "",
            "a",
            "b",
            "1",
            "-1",
            "0",
            "1e12",
            "2026-01-02",
            "2026-01-02 10:00",
            "31/12/2025",
            "1,5",
            "NULL",
            "C1",
            "sale",
        ]
    ),
    st.text(max_size=6),
    st.none(),
)
NAMES = ("id", "customer", "date", "amount", "quantity", "kind", "product")
ROW = st.fixed_dictionaries(dict.fromkeys(NAMES, CELL))


@settings(max_examples=150, deadline=None)
@given(st.lists(ROW, max_size=12), st.integers(1, 5), st.sampled_from(["row", "id", "keep"]))
def test_accepted_and_quarantined_rows_are_those_read(rows, part, duplicates):
    table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in NAMES})
    mapping = {"duplicates": duplicates, "cancellation": [{"field": "id", "prefix": "C"}]}
    read = Transactions.read(table, mapping)
    assert len(read) + len(read.quarantine) == read.rows_read == len(rows)
    assert all(read.quarantine["reasons"])
    parts = Transactions.parts(table, mapping, rows=part)
    pieces = [(piece.to_arrow(), piece.quarantine.to_dict()) for piece in parts]
    assert sum(len(kept) + len(out["row"]) for kept, out in pieces) == parts.rows_read == len(rows)
    assert [row for _, out in pieces for row in out["row"]] == list(read.quarantine["row"])
    assert [row for kept, _ in pieces for row in kept.column("amount").to_pylist()] == (
        read["amount"].to_pylist() if len(read) else []
    )
    assert parts.counts == read.counts


def rows(n):
    return {
        "customer": [f"c{i % 97}" for i in range(n)], "date": [f"2026-01-{i % 28 + 1:02}" for i in range(n)],
        "amount": [str(i / 4) for i in range(n)],
    }  # fmt: skip


def test_the_same_rows_from_every_kind_of_source(tmp_path):
    content = rows(500)
    table = pa.table(content)
    wanted = Transactions.read(content).to_arrow()
    lines = "customer,date,amount\n" + "".join(
        ",".join(row) + "\n" for row in zip(*content.values(), strict=True)
    )
    (tmp_path / "a.csv").write_text(lines)
    (tmp_path / "a.json").write_text(
        json.dumps([dict(zip(content, row, strict=True)) for row in zip(*content.values(), strict=True)])
    )
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=64)
    pd = pytest.importorskip("pandas")
    sources = [
        table,
        pd.DataFrame(content),
        tmp_path / "a.csv",
        tmp_path / "a.json",
        tmp_path / "a.parquet",
        table.to_reader(33),
    ]
    for source in sources[:-1]:
        assert Transactions.read(source).to_arrow().to_pylist() == wanted.to_pylist()
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.from_arrow(table)
    for source in (*sources, relation):
        pieces = [piece.to_arrow() for piece in Transactions.parts(source, rows=100)]
        assert len(pieces) == 5
        assert [row for piece in pieces for row in piece.to_pylist()] == wanted.to_pylist()


def test_parts_tell_of_lines_and_ends(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("customer,date,amount\na,2026-01-01,1\nb,2026-01-01\nc,2026-01-01,3\n")
    parts = Transactions.parts(path)
    with pytest.raises(ClarionError, match="has not been read to its end"):
        _ = parts.findings
    assert sum(len(part) for part in parts) == 2
    assert parts.rows_read == 2
    assert [row for row, _, _ in parts.unreadable] == [2]
    whole = Transactions.read(path)
    assert whole.rows_read == 3
    assert whole.counts["S013"] == 1
    with pytest.raises(ValueError, match="rows"):
        Transactions.parts(path, rows=0)


def test_the_other_tables():
    assert len(Branches.read([{"id": "1", "opened": "2020-01-01"}])) == 1
    assert Responses.read([{"campaign": "x", "customer": "a", "outcome": "bought", "value": 5}])[
        "value"
    ].to_pylist() == [5]
    seen = Events.read([{"cookie": "k", "time": "2026-01-01T10:00:00Z", "kind": "view"}])
    assert seen["time"].to_pylist()[0].hour == 10
    assert set(TABLES) == {"transactions", "customers", "branches", "responses", "events"}


def test_what_a_table_shows():
    read = Transactions([{"customer": "<b>", "date": "2026-01-01", "amount": 5, "channel": "web"}])
    assert "<b>" not in read._repr_html_()
    assert "&lt;b&gt;" in read._repr_html_()
    assert "1 rows" in repr(read)
    assert read.codes("channel")[1].to_pylist() == ["web"]
    with pytest.raises(ValueError, match="ids and categories"):
        read.codes("amount")
    for backend in ("pandas", "polars", "pyarrow"):
        pytest.importorskip(backend)
        assert len(read.to_frame(backend)) == 1
    with pytest.raises(ValueError, match="backend"):
        read.to_frame("excel")
    policy = Policy()
    policy.severities = {"S207": "error"}
    assert len(Transactions.read([{"customer": "a", "date": "2026-01-01", "amount": 0}], policy=policy)) == 0


MEASURED = """
    import os, resource, sys
    import pyarrow as pa, pyarrow.parquet as parquet
    from clarion.schema import Transactions

    def anonymous():
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1024

    path, mapping = sys.argv[1], {"duplicates": sys.argv[2]}
    kept = 0
    early = late = 0.0
    start = anonymous()
    for part in Transactions.parts(path, mapping, rows=200_000, n_jobs=1):
        kept += len(part)
        now = anonymous() - start
        early, late = (max(early, now), late) if kept <= 2_000_000 else (early, max(late, now))
    print(kept, early, late)
"""


@pytest.mark.slow
def test_memory_is_that_of_a_part(tmp_path):
    """9 million rows, 980 MiB as Arrow. A part and what is read ahead take the same room however many rows there are."""
    import numpy as np

    path = tmp_path / "big.parquet"
    schema = pa.schema(
        [
            ("id", pa.string()),
            ("customer", pa.string()),
            ("date", pa.date32()),
            ("amount", pa.float64()),
            ("note", pa.string()),
        ]
    )
    n, block = 9_000_000, 250_000
    text = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for begin in range(0, n, block):
            at = np.arange(begin, begin + block)
            note = pa.array(
                np.char.add("a note that nobody reads and that takes its room ", (at % 1000).astype(str))
            )
            ids = pa.array(np.char.add("transaction-number-", at.astype(str)))
            batch = pa.table([ids, pa.array(np.char.add("customer-", (at % 5000).astype(str))), pa.array((at % 365 + 18000).astype(np.int32)).cast(pa.date32()),
                              pa.array((at % 100 + 1).astype(float)), note], schema=schema)  # fmt: skip
            text += batch.nbytes
            writer.write_table(batch)
    assert text > 950 * 2**20
    for duplicates, state in (("keep", 0), ("row", n * 16 / 0.375 / 2**20)):
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(MEASURED), str(path), duplicates],
            capture_output=True,
            text=True,
            check=True,
        )
        kept, early, late = map(float, done.stdout.split())
        assert kept == n
        assert early < 340 + state / 3, f"{early} MiB for duplicates = {duplicates}"
        assert late < 1.02 * early + state, f"{late} MiB after {early} for duplicates = {duplicates}"

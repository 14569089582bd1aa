import hashlib
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from clarion import ClarionError, sample
from clarion.segment import DefinitionSet, cycle, engagement, preference, ready_suppression, rfm

COLUMNS = {"table": "transactions", "columns": {"date": "day"}}


@pytest.fixture(scope="module")
def events():
    return sample.transactions(customers=3000)


@pytest.fixture(scope="module")
def people():
    known = sample.people(customers=3000)
    return {"customer": known["customer"], "consent": known["consents_email"]}


@pytest.fixture(scope="module")
def found(events, people):
    return cycle(events, COLUMNS, customers=people)


def test_every_row_and_customer_is_accounted_for(found, events):
    assert found.records.rows_read == len(events)
    assert len(found.records) + len(found.records.quarantine) == len(events)
    table = found.customers
    assert len(set(table["customer"])) == len(table) == len(found.rfm)
    counts = found.suppression.to_dict()
    assert sum(counts["first"].values()) + counts["remaining"] == len(table)
    assert sum(found.clusters["customers"]) == len(table)


def test_parts_are_those_of_the_functions_alone(found):
    alone = rfm(found.records, kind="kind")
    np.testing.assert_array_equal(alone.segment, found.customers["rfm_segment"])
    assert found.propensity is not None and found.propensity.auc > 0.6
    assert found.value is not None and found.value.total["value"] > 0
    chance = np.asarray(found.customers["propensity"])
    assert ((chance > 0) & (chance < 1)).all()
    alive = np.asarray(found.customers["p_alive"])
    assert ((alive >= 0) & (alive <= 1)).all()
    # Means fall from the first cluster on.
    assert list(found.clusters["monetary"]) == sorted(found.clusters["monetary"], reverse=True)


def test_those_without_consent_are_left_out(found, people):
    allowed = dict(zip(people["customer"], people["consent"], strict=True))
    for customer, reason in zip(found.customers["customer"], found.customers["suppressed"], strict=True):
        if not allowed[int(customer)]:
            assert reason is not None


def test_the_same_files_again(found, events, people, tmp_path):
    def digests(of, place):
        out = {}
        for path in of.write(place):
            text = path.read_bytes()
            if path.name in ("cycle.json", "report.html"):
                text = text[: text.index(b'"seconds"' if path.suffix == ".json" else b"<footer>")]
            out[path.name] = hashlib.sha256(text).hexdigest()
        return out

    again = cycle(events, COLUMNS, customers=people, n_jobs=1)
    assert digests(found, tmp_path / "one") == digests(again, tmp_path / "two")


def test_habits_and_places_are_those_of_the_functions_alone():
    random = np.random.default_rng(3)
    n = 4000
    rows = {
        "customer": random.integers(0, 500, n),
        "date": np.datetime64("2024-01-01") + random.integers(0, 700, n),
        "amount": np.round(random.lognormal(3, 1, n), 2),
        "channel": random.choice(["app", "shop", "web"], n, p=[0.6, 0.3, 0.1]),
        "branch": [f"B{k}" for k in random.integers(0, 30, n)],
    }
    seen = {
        "customer": random.integers(0, 400, 2000),
        "time": np.datetime64("2025-06-01") + random.integers(0, 200, 2000),
        "kind": random.choice(["view", "click"], 2000),
    }
    told = []
    found = cycle(rows, events=seen, n_clusters=3, progress=told.append)
    table = found.customers
    favoured = preference(found.records, "channel", weight="amount", customers=table["customer"])
    assert list(table["channel"]) == list(favoured.favourite)
    scored = engagement(seen, at=found.at, customers=table["customer"])
    np.testing.assert_array_equal(table["engagement"], scored.score)
    assert len(found.clusters["engagement"]) == 3

    assert list(found.places) == ["branch", "channel"]
    by_channel = found.places["channel"].to_dict()
    counts = Counter(zip(table["channel"], [each or "none" for each in table["segment"]], strict=True))
    for level, segment, customers in zip(*by_channel.values(), strict=True):
        assert counts[level, segment] == customers
    branches = found.places["branch"].to_dict()
    assert sum(branches["customers"]) == len(table)
    assert branches["level"][-1] == "18 others"

    assert told == sorted(told) and told[-1] == 1.0


def test_texts_are_escaped(tmp_path):
    rows = [
        {
            "customer": f"<b>{k % 40}</b>",
            "date": f"2024-{1 + k % 12:02}-{1 + k % 28:02}",
            "amount": 5.0 + k % 7,
            "branch": f"<i>{k % 3}</i>",
        }
        for k in range(400)
    ]
    rules = DefinitionSet.from_json(
        '{"definitions": [{"name": "<script>x</script>", "version": "1", "when": {"field": "recency", "op": ">", "value": 10}}]}'
    )
    found = cycle(rows, suppression=rules, horizon_days=30)
    for path in found.write(tmp_path):
        if path.suffix == ".html":
            text = path.read_text(encoding="utf-8")
            assert "<script>x" not in text and "<b>1</b>" not in text and "<i>1</i>" not in text


def test_what_cannot_be_had_is_said():
    once = [{"customer": k, "date": "2024-05-01", "amount": 10.0} for k in range(50)]
    found = cycle(once, n_clusters=2)
    assert found.value is None and found.propensity is None
    assert any("lifetime value" in note for note in found.notes)
    assert any("propensity" in note for note in found.notes)
    one = cycle(once[:1])
    assert len(one.customers) == 1 and one.clusters["customers"][0] == 1


def test_what_is_not_allowed(events):
    with pytest.raises(ValueError, match="horizon_days"):
        cycle(events, COLUMNS, horizon_days=0)
    with pytest.raises(ValueError, match="twice"):
        cycle(events, COLUMNS, customers={"customer": [1, 1], "consent": [True, False]})
    with pytest.raises(ValueError, match="customer"):
        cycle(events, COLUMNS, customers={"id": [1]})
    with pytest.raises(ClarionError):
        cycle(
            pa.table(
                {
                    "customer": pa.array([], pa.int64()),
                    "date": pa.array([], pa.date32()),
                    "amount": pa.array([], pa.float64()),
                }
            )
        )
    assert ready_suppression().names

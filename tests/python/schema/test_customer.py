"""Customers: who they are and what they agreed to."""

import datetime as dt

import pytest
from clarion._core import Policy
from clarion.schema import Customers


def test_customers_of_any_frame():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {"customer_id": [1, 2, 2], "joined": pd.to_datetime(["2020-01-01", None, "2021-01-01"]), "newsletter": [True, False, True],
         "age": ["25-34", "", "35-44"]}
    )  # fmt: skip
    policy = Policy()
    policy.today = dt.date(2026, 1, 1)
    people = Customers.read(frame, policy=policy)
    assert people.counts["S210"] == 1
    assert people["id"].dictionary_decode().to_pylist() == [1, 2]
    assert people["joined"].to_pylist() == [dt.date(2020, 1, 1), None]
    assert people["consent_email"].to_pylist() == [True, False]
    assert people["age_band"].to_pylist() == ["25-34", None]
    back = people.to_frame()
    assert type(back).__module__.startswith("pandas")
    assert back.id.tolist() == [1, 2]
    assert people.columns == ["id", "joined", "age_band", "consent_email"]
    assert "region" not in people
    with pytest.raises(KeyError, match="the source has no region"):
        people["region"]
    with pytest.raises(ValueError, match="fields of customers are"):
        people["mood"]
    assert people.mapping["consent_email"] == "newsletter"


def test_ids_of_an_integer_column_with_gaps_stay_integers():
    pd = pytest.importorskip("pandas")
    people = Customers.read(pd.DataFrame({"id": [1.0, None, 1e6]}))
    assert people["id"].dictionary_decode().to_pylist() == ["1", "1000000"]
    assert people.counts["S034"] == 1

"""Small plans for the tests of this room."""

from datetime import date, timedelta

import clarion as cl
import pytest


@pytest.fixture(scope="session")
def plan():
    """Makes a plan of campaigns in one line each: ids C0, C1, ...; whatever a row leaves out is unremarkable."""

    def make(*rows):
        campaigns = []
        for i, given in enumerate(rows):
            row = dict(given)
            start = row.pop("start", date(2026, 3, 2))
            end = start + timedelta(days=row.pop("days", 7) - 1)
            usual = {"channel": "Email", "budget": 1000.0, "owner": "Ada", "status": "planned"}
            campaigns.append(
                {"id": f"C{i}", "name": f"Campaign {i}", "start": start, "end": end, **usual, **row}
            )
        return cl.Portfolio(campaigns)

    return make


@pytest.fixture(scope="session")
def members():
    """Makes audiences of C0, C1, ... from collections of customers."""

    def make(*audiences):
        rows = [(f"C{c}", customer) for c, each in enumerate(audiences) for customer in each]
        return cl.Audiences.from_frame({"campaign": [c for c, _ in rows], "customer": [i for _, i in rows]})

    return make

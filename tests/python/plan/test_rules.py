"""The codes of every room."""

import clarion as cl
import pytest


def test_every_room_has_rules():
    codes = [rule.code for rule in cl.plan.rules()]
    assert codes == sorted(set(codes))
    assert {"S001", "C101", "C511", "P001", "P101", "P201", "P301", "P402", "P501"} <= set(codes)
    for rule in cl.plan.rules():
        assert rule.title and rule.explanation and rule.remedy
        assert rule.severity in ("error", "warning", "info")


def test_a_code_is_explained():
    assert cl.plan.explain("p402").title == "Strong season without a campaign"
    with pytest.raises(ValueError, match="P50"):
        cl.plan.explain("P5O1")

from datetime import date

import pytest
from clarion import ClarionError, config


def load(tmp_path, text):
    path = tmp_path / "clarion.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path)


def test_reads_everything(tmp_path):
    (tmp_path / "channels.csv").write_text("name,capacity,cost_per_contact\nFax,0.5,0.2\nemail,5,\n")
    loaded = load(
        tmp_path,
        """
        select = ["S", "C1"]
        ignore = ["S001"]
        tag_pattern = "[a-z]+"
        today = 2026-08-01
        channels = "channels.csv"
        [severity]
        C101 = "error"
        [[accept]]
        code = "C101"
        campaign = "BF"
        by = "Ana"
        reason = "planned"
        until = 2026-12-31
        [[blackout]]
        start = 2026-12-24
        end = "2026-12-26"
        name = "Christmas"
        [[channel]]
        name = "Billboard"
        capacity = 3
        [timing]
        rest_days = 3
        """,
    )
    policy = loaded.policy
    assert (policy.select, policy.ignore, policy.tag_pattern) == (["S", "C1"], ["S001"], "[a-z]+")
    assert policy.today == date(2026, 8, 1)
    assert policy.severities == {"C101": "error"}
    accepted = policy.accepted[0]
    assert (accepted.code, accepted.campaign, accepted.by, accepted.until) == (
        "C101",
        "BF",
        "Ana",
        date(2026, 12, 31),
    )
    blackout = policy.blackouts[0]
    assert (blackout.start, blackout.end, blackout.name) == (
        date(2026, 12, 24),
        date(2026, 12, 26),
        "Christmas",
    )
    capacity = {channel.name: channel.capacity for channel in policy.channels}
    assert (capacity["Fax"], capacity["email"], capacity["Billboard"]) == (0.5, 5.0, 3.0)
    assert "Email" not in capacity and "SMS" in capacity
    assert loaded.options == {"timing": {"rest_days": 3}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "'selct' is not known; did you mean 'select'"),
        ("select = 'S001'", "select: 'S001' is not allowed"),
        ("today = 'soon'", "today: 'soon' is not allowed"),
        ("[severity]\nS001 = 'fatal'", "'fatal' is not allowed"),
        ("[[accept]]\ncode = 'S001'\nby = 'Ana'", "accept: reason is missing"),
        ("[[accept]]\ncode = 'S001'\nby = 'Ana'\nreason = 'x'\nuntil = 'never'", "accept: until: 'never'"),
        ("[[blackout]]\nstart = 2026-12-24\nend = 2026-12-01", "must not be before the start"),
        ("[[blackout]]\nname = 'x'", "blackout: start is missing"),
        ("[[channel]]\nname = 'Fax'", "capacity is missing"),
        ("[[channel]]\nname = 'Fax'\ncapacity = -1", "capacity: -1 is not allowed"),
        ("timing = 3", "timing: 3 is not allowed; write it as a table"),
        ("accept = 'all'", "accept: 'all' is not allowed"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, text, message):
    with pytest.raises(ValueError) as problem:
        load(tmp_path, text)
    assert message in str(problem.value)


@pytest.mark.parametrize("content", [b"select = [", b"\xff\xfe\x00", b'channels = "nowhere.csv"'])
def test_what_cannot_be_read_is_a_clarion_error(tmp_path, content):
    path = tmp_path / "clarion.toml"
    path.write_bytes(content)
    with pytest.raises(ClarionError):
        config.load(path)


def test_missing_file(tmp_path):
    with pytest.raises(ClarionError, match="cannot be read"):
        config.load(tmp_path / "clarion.toml")


def test_channels_as_json(tmp_path):
    path = tmp_path / "channels.json"
    path.write_text('[{"name": "Fax", "capacity": 1}]')
    assert [channel.name for channel in config.read_channels(path)] == ["Fax"]
    path.write_text('{"name": "Fax"}')
    with pytest.raises(ClarionError, match="no list of channels"):
        config.read_channels(path)

"""The pictures of the brief as inline SVG: no script, no network, colours from the page's own variables.

Each comes in two widths: one beside whose rows the names stand, and a narrow one for a phone with the names above them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup, escape

__all__ = [
    "MAX_GANTT_ROWS",
    "MAX_MOVED",
    "calendar_rows",
    "gantt",
    "lanes",
    "overlap_heatmap",
    "reallocation",
    "share_bars",
    "whisker",
]

Row = dict[str, Any]
MAX_GANTT_ROWS = 60
MAX_MOVED = 15
WIDE, NARROW = 1080.0, 340.0
ROOM = 44.0  # of a month's label


def _element(name: str, content: Any = "", **attributes: Any) -> Markup:
    shown = Markup("").join(
        Markup(' {}="{}"').format(
            key.rstrip("_").replace("_", "-"), round(value, 1) if isinstance(value, float) else value
        )
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{}{}>{}</{}>").format(Markup(name), shown, escape(content), Markup(name))


def _join(parts: Sequence[Markup]) -> Markup:
    return Markup("").join(parts)


def _text(content: Any, x: float, y: float, css: str = "tick", anchor: str | None = None) -> Markup:
    return _element("text", content, x=x, y=y, class_=css, text_anchor=anchor)


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> Markup:
    return _element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=css)


def _hint(text: str) -> Markup:
    return _element("title", text)


def _svg(width: float, height: float, label: str, content: Markup, css: str = "") -> Markup:
    return _element(
        "svg",
        content,
        viewBox=f"0 0 {round(width)} {round(height)}",
        width=round(width),
        height=round(height),
        role="img",
        aria_label=label,
        class_=f"chart {css}".strip(),
    )


def _short(name: str, letters: int) -> str:
    return name if len(name) <= letters else name[: letters - 1].rstrip() + "…"


def _months(first: date, last: date) -> list[date]:
    months, at = [], first.replace(day=1)
    while at <= last:
        months.append(at)
        at = (at + timedelta(days=32)).replace(day=1)
    return months


def _ticks(months: Sequence[date], per_month: float) -> list[tuple[date, str]]:
    """The months that have room for a label: every one, or every third, sixth or twelfth."""
    step = next((n for n in (1, 3, 6, 12) if n * per_month >= ROOM), 12)
    shown = [month for month in months if step == 1 or (month.month - 1) % step == 0]
    return [(at, at.strftime("%b ’%y" if at == shown[0] or at.month == 1 else "%b")) for at in shown]


def calendar_rows(calendar: Sequence[Row]) -> list[Row]:
    """The campaigns that the Gantt chart has room for: those with the most conflicts, back in order of start."""
    kept = sorted(calendar, key=lambda row: (-len(row["conflicts_with"]), row["start"], row["id"]))
    return sorted(kept[:MAX_GANTT_ROWS], key=lambda row: (row["start"], row["end"], row["id"]))


def gantt(
    calendar: Sequence[Row],
    gaps: Sequence[Row],
    names: Mapping[str, str],
    marks: Mapping[str, int],
    narrow: bool = False,
) -> Markup:
    """Campaigns as bars over the months, coloured by A/B group. On the days when two collide their bars are red at the foot,
    and a red arc joins them. ``marks`` are the numbers by which the page knows the campaigns."""
    rows = calendar_rows(calendar)
    if not rows:
        return Markup("")
    span = [(date.fromisoformat(row["start"]), date.fromisoformat(row["end"])) for row in rows]
    months = _months(min(start for start, _ in span), max(end for _, end in span))
    origin, last = months[0], (months[-1] + timedelta(days=32)).replace(day=1)
    left, top, pitch, label = (4.0, 24.0, 34.0, 13.0) if narrow else (206.0, 26.0, 24.0, 0.0)
    width = NARROW if narrow else WIDE
    day = (width - left - (8 if narrow else 34)) / (last - origin).days
    height = top + pitch * len(rows) + 6

    def x(at: date) -> float:
        return left + min(max((at - origin).days, 0), (last - origin).days) * day

    parts: list[Markup] = []
    for gap in gaps:
        from_, to = x(date.fromisoformat(gap["from"])), x(date.fromisoformat(gap["to"]))
        if from_ < to and gap["objective"] and gap["strong"]:
            parts.append(
                _element("rect", _hint(f"no {gap['objective']} campaign"), x=from_, y=top, width=to - from_,
                         height=height - top, class_="gap")
            )  # fmt: skip
    for month, text in _ticks(months, 30 * day):
        parts += [_line(x(month), top - 6, x(month), height, "grid"), _text(text, x(month) + 3, 13)]

    groups = sorted({row["group"] for row in rows if row["group"]})
    at = {row["id"]: i for i, row in enumerate(rows)}
    foot = top + label + (16 if not narrow else 15)
    bars: list[Markup] = []
    for i, row in enumerate(rows):
        begin, stop = span[i]
        y = top + pitch * i + label
        length = max(2.0, x(stop + timedelta(days=1)) - x(begin))
        slot = groups.index(row["group"]) % 4 + 1 if row["group"] in groups else 0
        money = f"{row['budget']:,.0f}" if row["budget"] is not None else "no budget"
        hint = f"{names[row['id']]} · {row['start']} to {row['end']} · {row['channel'] or 'no channel'} · {money}"
        if row["conflicts_with"]:
            hint += (
                f" · collides with {', '.join(names.get(other, other) for other in row['conflicts_with'])}"
            )
        fixed = " (fixed)" if row["fixed"] else ""
        name = (
            _text(_short(names[row["id"]], 40) + fixed, left, y - 1, "label")
            if narrow
            else _text(_short(names[row["id"]], 30), left - 10, y + 15, "label", "end")
        )
        bars.append(
            _element(
                "g",
                _join([
                    _hint(hint), name,
                    _element("rect", x=x(begin), y=y + 4, width=length, height=12.0, rx=3,
                             class_=f"bar g{slot}" + (" collides" if row["conflicts_with"] else "")),
                    _text("fixed", x(begin) + length + 4, y + 14) if fixed and not narrow else Markup(""),
                ]),
                class_="row",
                data_c=marks[row["id"]],
            )
        )  # fmt: skip
    links: list[Markup] = []
    for i, row in enumerate(rows):
        for other in row["conflicts_with"]:
            j = at.get(other, -1)
            if j <= i:
                continue
            begin, stop = max(span[i][0], span[j][0]), min(span[i][1], span[j][1])
            # Runs that only follow each other closely collide too: the link then stands between them.
            centre = x(min(begin, stop)) + (abs((stop - begin).days) + 1) * day / 2
            feet = [foot + pitch * k for k in (i, j)]
            bend = min(26.0, 6.0 + (feet[1] - feet[0]) / 10)
            clash = [
                _element(
                    "rect", x=x(begin), y=y - 4, width=max(2.0, (stop - begin).days * day + day), height=4.0
                )
                for y in feet
                if begin <= stop
            ]
            arc = f"M{centre:.1f} {feet[0] - 2:.1f} q{bend:.1f} {(feet[1] - feet[0]) / 2:.1f} 0 {feet[1] - feet[0]:.1f}"
            links.append(
                _element(
                    "g",
                    _join([
                        _hint(f"{names[row['id']]} collides with {names[other]}"), *clash, _element("path", d=arc),
                        *(_element("circle", cx=centre, cy=y - 2, r=2.5) for y in feet),
                    ]),
                    class_="link",
                    data_c=f"{marks[row['id']]} {marks[other]}",
                )
            )  # fmt: skip
    crowd = " crowded" if len(links) > 40 else ""
    told = f"Calendar of {len(rows)} campaigns, {len(links)} pairs of which collide"
    return _svg(
        width, height, told, _join([*parts, *bars, *links]), ("months" if narrow else "gantt") + crowd
    )


def overlap_heatmap(
    overlap: Row, names: Mapping[str, str], marks: Mapping[str, int], narrow: bool = False
) -> Markup:
    """Jaccard similarity of audiences, pair by pair: the darker, the more customers two campaigns share."""
    ids, jaccard, shared = overlap["campaigns"], overlap["jaccard"], overlap["shared"]
    n = len(ids)
    if n < 2:
        return Markup("")
    left, letters = (96.0, 11) if narrow else (230.0, 30)
    wide = min(44.0, ((NARROW if narrow else WIDE) - left) / (n - 1))
    high = max(11.0, min(24.0, wide))
    peak = max((jaccard[i][j] or 0.0 for i in range(n) for j in range(i)), default=0.0) or 1.0
    parts: list[Markup] = []
    for i, campaign in enumerate(ids):
        y = high * i
        parts.append(
            _text(_join([escape(_short(names.get(campaign, campaign), letters)), _element("tspan", f"  {i + 1}", class_="tick")]),
                  left - 6, y + high / 2 + 4,
                  "label small" if narrow else "label", "end")
        )  # fmt: skip
        for j in range(i):
            value, count = jaccard[i][j] or 0.0, shared[i][j]
            people = f", {count:,.0f} customers" if count is not None else ""
            hint = (
                f"{names.get(campaign, campaign)} and {names.get(ids[j], ids[j])}: {value:.0%} alike{people}"
            )
            strength = value / peak
            parts.append(
                _element("rect", _hint(hint), x=left + wide * j, y=y, width=wide - 1.5, height=high - 1.5, rx=2,
                         class_="cell", style=f"--strength:{strength:.2f}", data_c=f"{marks[campaign]} {marks[ids[j]]}")
            )  # fmt: skip
            if value >= 0.005 and wide >= 17:
                css = "cell-value strong" if strength > 0.7 else "cell-value"
                parts.append(
                    _text(
                        f"{value * 100:.0f}", left + wide * (j + 0.5) - 1, y + high / 2 + 3.5, css, "middle"
                    )
                )
    every = math.ceil(14 / wide)
    for j in range(0, n - 1, every):
        parts.append(_text(j + 1, left + wide * (j + 0.5) - 1, high * n + 12, anchor="middle"))
    return _svg(
        left + wide * (n - 1), high * n + 18, f"Audience overlap of {n} campaigns", _join(parts), "heat"
    )


def lanes(weeks: Sequence[str], rows: Sequence[Row], unit: str, narrow: bool = False) -> Markup:
    """A lane a channel or owner (name, capacity, load by week, over by week): columns against the line of its capacity."""
    rows = [row for row in rows if any(row["load"])]
    if not weeks or not rows:
        return Markup("")
    left, lane, label = (4.0, 62.0, 16.0) if narrow else (160.0, 52.0, 0.0)
    top, width = 22.0, NARROW if narrow else WIDE
    step = min(26.0, (width - left - 6) / len(weeks))
    height = top + lane * len(rows) + 4
    right = left + step * len(weeks)
    parts: list[Markup] = []
    days = [date.fromisoformat(week) for week in weeks]
    # A month that the first week is the end of has no room for its label.
    months = [month for month in _months(days[0], days[-1]) if (month - days[0]).days > -15]
    for month, text in _ticks(months, step * 4.35):
        x = left + step * max(0.0, (month - days[0]).days / 7)
        parts += [_line(x, top - 6, x, height, "grid"), _text(text, x + 3, 12)]
    for i, row in enumerate(rows):
        base = top + lane * (i + 1) - 8
        capacity = row["capacity"] or 0.0
        most = max(value or 0.0 for value in row["load"])
        scale = (lane - 14 - label) / (max(most, capacity) or 1.0)
        said = f"peak {most:.2g} of {capacity:g}" if row["capacity"] is not None else f"peak {most:.2g}"
        if narrow:
            head = [_element("text", _join([_element("tspan", row["name"], class_="label"), escape(f"  {said}")]),
                             x=left, y=base - lane + 20, class_="tick")]  # fmt: skip
        else:
            head = [
                _text(_short(row["name"], 22), left - 10, base - 14, "label", "end"),
                _text(said, left - 10, base, "tick", "end"),
            ]
        columns = [
            _element(
                "rect", _hint(f"{row['name']}, week of {weeks[k]}: {value:.2f} {unit}, capacity {capacity:g}"),
                x=left + step * k, y=base - value * scale, width=max(1.0, step - 1), height=value * scale,
                class_="load over" if row["over"][k] else "load",
            )
            for k, value in enumerate(row["load"])
            if value
        ]  # fmt: skip
        limit = (
            [_line(left, base - capacity * scale, right, base - capacity * scale, "capacity")]
            if capacity
            else []
        )
        parts.append(
            _element("g", _join([*head, *columns, *limit, _line(left, base, right, base, "axis")]), class_="lane",
                     data_lane=row["name"])
        )  # fmt: skip
    over = sum(any(row["over"]) for row in rows)
    return _svg(right + 6, height, f"Weekly load of {len(rows)}, {over} above capacity", _join(parts))


def share_bars(dimension: Row, top: int = 8) -> Markup:
    """Shares of the budget along one dimension as bars: months in their order, everything else by size."""
    shares = dimension["shares"]
    by_month = dimension["dimension"] == "month"
    shares = sorted(shares, key=lambda item: str(item["key"]))[:12] if by_month else shares[:top]
    if not shares:
        return Markup("")
    left, pitch, span = 140.0, 21.0, 136.0
    peak = max(item["share"] for item in shares) or 1.0
    parts = []
    for i, item in enumerate(shares):
        y = pitch * i
        key = str(item["key"]) or "(none)"
        length = max(1.0, span * item["share"] / peak)
        parts += [
            _text(_short(key, 20), left - 8, y + 14, "label", "end"),
            _element("rect", _hint(f"{key}: {item['amount']:,.0f}"), x=left, y=y + 3, rx=2, width=length,
                     height=pitch - 6, class_="share"),
            _text(f"{item['share']:.0%}", left + length + 6, y + 14),
        ]  # fmt: skip
    return _svg(
        left + span + 42, pitch * len(shares) + 4, f"Budget by {dimension['dimension']}", _join(parts)
    )


def reallocation(
    rows: Sequence[Row],
    names: Mapping[str, str],
    marks: Mapping[str, int],
    narrow: bool = False,
    most: int = MAX_MOVED,
) -> Markup:
    """Budget before (hollow) and after (filled) the proposed reallocation, campaign by campaign."""
    moved = sorted(
        (row for row in rows if row["before"] is not None and row["after"] is not None),
        key=lambda row: -abs(row["after"] - row["before"]),
    )[:most]
    if not moved:
        return Markup("")
    left, top, pitch, label = (8.0, 20.0, 36.0, 16.0) if narrow else (206.0, 22.0, 24.0, 0.0)
    span = (NARROW if narrow else 760.0) - left - 62
    peak = max(max(row["before"], row["after"]) for row in moved) or 1.0
    parts: list[Markup] = []
    for tick in range(5):
        x = left + span * tick / 4
        parts.append(_line(x, top - 4, x, top + pitch * len(moved), "grid"))
        if not narrow or tick % 2 == 0:
            parts.append(_text(f"{peak * tick / 4:,.0f}", x, 12, anchor="middle" if tick else "start"))
    for i, row in enumerate(moved):
        y = top + pitch * i + label + (pitch - label) / 2
        before, after = left + span * row["before"] / peak, left + span * row["after"] / peak
        name = names.get(row["campaign"], row["campaign"])
        change = row["after"] - row["before"]
        way = "up" if change >= 0 else "down"
        parts.append(
            _element(
                "g",
                _join([
                    _hint(f"{name}: {row['before']:,.0f} to {row['after']:,.0f} ({change:+,.0f})"),
                    _text(_short(name, 40), left - 4, y - 10, "label") if narrow
                    else _text(_short(name, 30), left - 10, y + 4, "label", "end"),
                    _line(before, y, after, y, f"move {way}"),
                    _element("circle", cx=before, cy=y, r=4, class_="before"),
                    _element("circle", cx=after, cy=y, r=5, class_=f"after {way}"),
                    _text(f"{change:+,.0f}", max(before, after) + 10, y + 4),
                ]),
                class_="row",
                data_c=marks.get(row["campaign"], ""),
            )
        )  # fmt: skip
    told = f"Budget of {len(moved)} campaigns before and after"
    return _svg(left + span + 62, top + pitch * len(moved) + 4, told, _join(parts))


def whisker(row: Row, low: float, high: float) -> Markup:
    """One campaign's index with its interval on the scale from ``low`` to ``high``, the usual as a line."""
    if row["index"] is None:
        return Markup("")
    width = 130.0

    def x(value: float) -> float:
        share = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
        return 4 + (width - 8) * min(1.0, max(0.0, share))

    a, b, middle = x(row["index_low"]), x(row["index_high"]), x(row["index"])
    told = f"{row['index']:.2f} times the usual, {row['index_low']:.2f} to {row['index_high']:.2f}"
    marks = [
        _line(x(1.0), 0, x(1.0), 18, "norm"),
        _line(a, 9, b, 9, f"reach {row['standing']}"),
        _element("circle", cx=middle, cy=9, r=4, class_=f"index {row['standing']}"),
    ]
    return _svg(width, 18, told, _join([_hint(told), *marks]), "whisker")

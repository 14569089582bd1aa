"""The pictures of the brief as inline SVG: no script, no network, colours from the page's own variables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup, escape

__all__ = ["calendar_rows", "channel_load", "gantt", "overlap_heatmap", "reallocation", "share_bars"]

MAX_GANTT_ROWS = 120


def _element(name: str, content: Any = "", **attributes: Any) -> Markup:
    shown = Markup("").join(
        Markup(' {}="{}"').format(
            key.rstrip("_").replace("_", "-"), round(value, 2) if isinstance(value, float) else value
        )
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{}{}>{}</{}>").format(Markup(name), shown, escape(content), Markup(name))


def _join(parts: Sequence[Markup]) -> Markup:
    return Markup("").join(parts)


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


def _months(first: date, last: date) -> list[date]:
    months, at = [], first.replace(day=1)
    while at <= last:
        months.append(at)
        at = (at + timedelta(days=32)).replace(day=1)
    return months


def calendar_rows(calendar: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The campaigns that the Gantt chart has room for: those with the most conflicts, back in order of start."""
    kept = sorted(calendar, key=lambda row: (-len(row["conflicts_with"]), row["start"], row["id"]))[
        :MAX_GANTT_ROWS
    ]
    return sorted(kept, key=lambda row: (row["start"], row["end"], row["id"]))


def gantt(calendar: Sequence[dict[str, Any]], gaps: Sequence[dict[str, Any]] = ()) -> Markup:
    """Campaigns as bars over the months, coloured by A/B group; conflicts join the bars that collide."""
    rows = calendar_rows(calendar)
    if not rows:
        return Markup("")
    first = min(date.fromisoformat(row["start"]) for row in rows)
    last = max(date.fromisoformat(row["end"]) for row in rows)
    months = _months(first, last)
    origin = months[0]
    end = (months[-1] + timedelta(days=32)).replace(day=1)
    left, top, pitch = 210.0, 26.0, 24.0
    day = max(1.6, 860.0 / max(1, (end - origin).days)) if (end - origin).days < 800 else 1.0
    width = left + (end - origin).days * day + 40
    height = top + pitch * len(rows) + 8

    def x(at: date) -> float:
        return left + (at - origin).days * day

    parts: list[Markup] = []
    for gap in gaps:
        gap_from, gap_to = (
            max(origin, date.fromisoformat(gap["from"])),
            min(end, date.fromisoformat(gap["to"])),
        )
        if gap_from < gap_to and gap.get("objective") and gap.get("strong", True):
            parts.append(
                _element("rect", _element("title", f"no {gap['objective']} campaign"), x=x(gap_from), y=top,
                         width=x(gap_to) - x(gap_from), height=height - top, class_="gap")
            )  # fmt: skip
    for month in months:
        parts.append(_element("line", x1=x(month), x2=x(month), y1=top - 6, y2=height, class_="grid"))
        label = month.strftime("%b %Y") if month.month == 1 or month == origin else month.strftime("%b")
        parts.append(_element("text", label, x=x(month) + 4, y=14, class_="tick"))
    groups = sorted({row["group"] for row in rows if row["group"]})
    at = {row["id"]: i for i, row in enumerate(rows)}
    bars: list[Markup] = []
    for i, row in enumerate(rows):
        begin, stop = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
        y = top + pitch * i
        bar = max(day, x(stop + timedelta(days=1)) - x(begin))
        slot = groups.index(row["group"]) % 4 + 1 if row["group"] in groups else 0
        money = f"{row['budget']:,.0f}" if row["budget"] is not None else "no budget"
        hint = f"{row['name']} · {row['start']} to {row['end']} · {row['channel']} · {money}"
        if row["conflicts_with"]:
            hint += f" · collides with {', '.join(row['conflicts_with'])}"
        name = row["name"] or row["id"]
        bars.append(
            _element(
                "g",
                _join([
                    _element("title", hint),
                    _element("text", name if len(name) <= 32 else name[:31] + "…", x=left - 10, y=y + 15,
                             text_anchor="end", class_="label"),
                    _element("rect", x=x(begin), y=y + 4, width=bar, height=pitch - 8, rx=3,
                             class_=f"bar g{slot}" + (" collides" if row["conflicts_with"] else "")),
                    _element("text", "fixed" if row["fixed"] else "", x=x(begin) + bar + 4, y=y + 15, class_="tick"),
                ]),
                class_="row",
                data_campaign=row["id"],
            )
        )  # fmt: skip
    links: list[Markup] = []
    for row in rows:
        for other in row["conflicts_with"]:
            if other not in at or at[other] <= at[row["id"]]:
                continue
            peer = rows[at[other]]
            shared_from = max(date.fromisoformat(row["start"]), date.fromisoformat(peer["start"]))
            shared_to = min(date.fromisoformat(row["end"]), date.fromisoformat(peer["end"]))
            # Runs that only follow each other closely collide too: the link then stands between them.
            centre = x(min(shared_from, shared_to)) + abs((shared_to - shared_from).days + 1) * day / 2
            y1, y2 = top + pitch * at[row["id"]] + pitch / 2, top + pitch * at[other] + pitch / 2
            bend = min(26.0, 6.0 + (y2 - y1) / 10)
            links.append(
                _element("path", _element("title", f"{row['name']} collides with {peer['name']}"), class_="link",
                         d=f"M{centre:.1f} {y1:.1f} Q{centre + bend:.1f} {(y1 + y2) / 2:.1f} {centre:.1f} {y2:.1f}",
                         data_campaign=f"{row['id']}")
            )  # fmt: skip
            links.append(_element("circle", cx=centre, cy=y1, r=2.5, class_="knot"))
            links.append(_element("circle", cx=centre, cy=y2, r=2.5, class_="knot"))
    return _svg(
        width, height, "Calendar of campaigns with conflicts", _join([*parts, *bars, *links]), "gantt"
    )


def overlap_heatmap(overlap: dict[str, Any], names: dict[str, str]) -> Markup:
    """Jaccard similarity of audiences, pair by pair: the darker, the more customers two campaigns share."""
    ids, jaccard, shared = overlap["campaigns"], overlap["jaccard"], overlap["shared"]
    n = len(ids)
    if n < 2:
        return Markup("")
    cell, left, top = 26.0, 210.0, 8.0
    peak = max((jaccard[i][j] or 0.0 for i in range(n) for j in range(n) if i != j), default=0.0) or 1.0
    parts: list[Markup] = []
    for i, campaign in enumerate(ids):
        name = names.get(campaign) or campaign
        parts.append(
            _element("text", f"{name if len(name) <= 28 else name[:27] + '…'}  {i + 1}", x=left - 8,
                     y=top + cell * i + 17, text_anchor="end", class_="label")
        )  # fmt: skip
        for j in range(i):
            value = jaccard[i][j] or 0.0
            count = shared[i][j]
            people = f", {count:,.0f} customers" if count is not None else ""
            hint = f"{name} and {names.get(ids[j]) or ids[j]}: {value:.0%} alike{people}"
            strength = value / peak
            parts.append(
                _element("rect", _element("title", hint), x=left + cell * j, y=top + cell * i, width=cell - 2,
                         height=cell - 2, rx=3, class_="cell", style=f"--strength:{strength:.3f}")
            )  # fmt: skip
            if value >= 0.005:
                parts.append(
                    _element("text", f"{value * 100:.0f}", x=left + cell * j + cell / 2 - 1, y=top + cell * i + 16,
                             text_anchor="middle", class_="cell-value" + (" strong" if strength > 0.55 else ""))
                )  # fmt: skip
    for j in range(n - 1):
        parts.append(
            _element("text", j + 1, x=left + cell * j + cell / 2 - 1, y=top + cell * n + 14, text_anchor="middle",
                     class_="tick")
        )  # fmt: skip
    return _svg(left + cell * n + 10, top + cell * n + 24, "Audience overlap", _join(parts))


def channel_load(load: dict[str, Any]) -> Markup:
    """Contacts per customer and week on each channel as columns, against the line of its capacity."""
    weeks, channels = load["weeks"], [c for c in load["channels"] if any(value for value in c["load"])]
    if not weeks or not channels:
        return Markup("")
    left, lane, top = 150.0, 58.0, 24.0
    step = max(3.0, min(18.0, 900.0 / len(weeks)))
    height = top + lane * len(channels) + 6
    parts: list[Markup] = []
    previous = None
    for k, week in enumerate(weeks):
        day = date.fromisoformat(week)
        if previous is None or day.month != previous:
            x = left + step * k
            parts.append(_element("line", x1=x, x2=x, y1=top - 6, y2=height, class_="grid"))
            parts.append(_element("text", day.strftime("%b"), x=x + 3, y=13, class_="tick"))
            previous = day.month
    for i, channel in enumerate(channels):
        base = top + lane * (i + 1) - 8
        capacity = channel["capacity"] or 0.0
        peak = max([value or 0.0 for value in channel["load"]] + [capacity]) or 1.0
        scale = (lane - 20) / peak
        parts.append(
            _element("text", channel["name"], x=left - 10, y=base - 14, text_anchor="end", class_="label")
        )
        parts.append(
            _element("text", f"peak {max(value or 0.0 for value in channel['load']):.1f} of {capacity:g}", x=left - 10,
                     y=base - 1, text_anchor="end", class_="tick")
        )  # fmt: skip
        for k, value in enumerate(channel["load"]):
            if not value:
                continue
            over = channel["over"][k]
            hint = f"{channel['name']}, week of {weeks[k]}: {value:.2f} contacts per customer, capacity {capacity:g}"
            parts.append(
                _element("rect", _element("title", hint), x=left + step * k, y=base - value * scale, width=step - 1,
                         height=value * scale, class_="load over" if over else "load")
            )  # fmt: skip
        parts.append(
            _element("line", x1=left, x2=left + step * len(weeks), y1=base - capacity * scale,
                     y2=base - capacity * scale, class_="capacity")
        )  # fmt: skip
        parts.append(_element("line", x1=left, x2=left + step * len(weeks), y1=base, y2=base, class_="axis"))
    return _svg(left + step * len(weeks) + 10, height, "Channel load by week", _join(parts))


def share_bars(dimension: dict[str, Any], top: int = 8) -> Markup:
    """Shares of the budget along one dimension as bars."""
    shares = dimension["shares"][:top]
    if not shares:
        return Markup("")
    left, pitch, span = 150.0, 22.0, 220.0
    peak = max(item["share"] for item in shares) or 1.0
    parts = []
    for i, item in enumerate(shares):
        y = pitch * i + 4
        key = str(item["key"]) or "(none)"
        parts += [
            _element("text", key if len(key) <= 22 else key[:21] + "…", x=left - 8, y=y + 13, text_anchor="end",
                     class_="label"),
            _element("rect", _element("title", f"{key}: {item['amount']:,.0f}"), x=left, y=y, rx=2,
                     width=max(1.0, span * item["share"] / peak), height=pitch - 6, class_="share"),
            _element("text", f"{item['share']:.0%}", x=left + max(1.0, span * item["share"] / peak) + 6, y=y + 13,
                     class_="tick"),
        ]  # fmt: skip
    return _svg(
        left + span + 48, pitch * len(shares) + 8, f"Budget by {dimension['dimension']}", _join(parts)
    )


def reallocation(rows: Sequence[dict[str, Any]], names: dict[str, str], most: int = 40) -> Markup:
    """Budget before (hollow) and after (filled) the proposed reallocation, campaign by campaign."""
    moved = sorted(
        (row for row in rows if row["before"] is not None and row["after"] is not None),
        key=lambda row: -abs(row["after"] - row["before"]),
    )[:most]
    if not moved:
        return Markup("")
    left, pitch, span, top = 210.0, 24.0, 460.0, 22.0
    peak = max(max(row["before"], row["after"]) for row in moved) or 1.0
    parts: list[Markup] = []
    for tick in range(5):
        x = left + span * tick / 4
        parts.append(_element("line", x1=x, x2=x, y1=top - 4, y2=top + pitch * len(moved), class_="grid"))
        parts.append(
            _element("text", f"{peak * tick / 4:,.0f}", x=x, y=12, text_anchor="middle", class_="tick")
        )
    for i, row in enumerate(moved):
        y = top + pitch * i + pitch / 2
        before, after = left + span * row["before"] / peak, left + span * row["after"] / peak
        name = names.get(row["campaign"]) or row["campaign"]
        change = row["after"] - row["before"]
        hint = f"{name}: {row['before']:,.0f} to {row['after']:,.0f} ({change:+,.0f})"
        parts += [
            _element("text", name if len(name) <= 30 else name[:29] + "…", x=left - 10, y=y + 4, text_anchor="end",
                     class_="label"),
            _element("line", x1=before, x2=after, y1=y, y2=y, class_="move up" if change >= 0 else "move down"),
            _element("circle", cx=before, cy=y, r=4, class_="before"),
            _element("circle", _element("title", hint), cx=after, cy=y, r=5, class_="after up" if change >= 0 else "after down"),
            _element("text", f"{change:+,.0f}", x=max(before, after) + 10, y=y + 4, class_="tick"),
        ]  # fmt: skip
    return _svg(left + span + 80, top + pitch * len(moved) + 8, "Budget before and after", _join(parts))

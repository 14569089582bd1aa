"""What `.plot()` draws: labels, counts of bars and points, and that a plain `import clarion` does without matplotlib."""

import io
import subprocess
import sys
from itertools import pairwise

import clarion as cl
import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from clarion.plan.brief import PLOTS  # noqa: E402
from matplotlib import pyplot  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def brief():
    return cl.brief(
        cl.sample.portfolio(),
        audiences=cl.sample.audiences(),
        history=cl.sample.history(),
        catalog=cl.sample.catalog(),
    )


def rendered(ax):
    """The picture as PNG; drawing is where a wrong label or a missing font shows."""
    buffer = io.BytesIO()
    ax.figure.savefig(buffer, format="png", dpi=50)
    assert buffer.getvalue().startswith(b"\x89PNG")
    return ax


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


@pytest.mark.parametrize("what", PLOTS)
def test_every_picture_of_a_brief_is_drawn_on_the_axes_that_are_given(brief, what):
    _, ax = pyplot.subplots()
    assert brief.plot(what, ax=ax) is ax
    assert rendered(ax).get_title()
    assert len(pyplot.get_fignums()) == 1


def test_calendar(brief):
    ax = rendered(brief.plot())
    rows = brief.table("calendar")
    assert labels(ax) == [name for _, name in sorted(zip(rows["start"].tolist(), rows["name"], strict=True))]
    pairs = sum(len(others) for others in rows["conflicts_with"]) // 2
    assert pairs > 0 and len(ax.lines) == pairs
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {"Group A", "Group B"}


def test_outcomes(brief):
    ax = rendered(brief.plot("outcomes"))
    assert len(labels(ax)) == 15
    middles = [float(points.get_offsets()[0][0]) for points in ax.collections]
    assert middles == pytest.approx(brief.table("outcomes")["index"])


def test_reallocation(brief):
    ax = rendered(brief.plot("reallocation"))
    of = brief.to_dict()["reallocation"]
    assert len(labels(ax)) == len(of["rows"]) == len(ax.lines)
    said = {text.get_text() for text in ax.texts}
    assert said == {f"{row['after'] - row['before']:+,.0f}" for row in of["rows"]}


def test_curves(brief):
    ax = rendered(brief.plot("curves"))
    drawn = {text.get_text() for text in ax.get_legend().get_texts()}
    table = brief.table("curves")
    assert drawn <= set(table["channel"]) and "Email" in drawn
    for line in ax.lines:
        ys = line.get_ydata()
        assert all(a <= b for a, b in pairwise(ys))


def test_load_of_channels_and_team(brief):
    for what, table, name in (("load", "channel_load", "channel"), ("team", "owner_load", "owner")):
        ax = rendered(brief.plot(what))
        assert {label.split("\n")[0] for label in labels(ax)} == set(brief.table(table)[name])
    _, ax = pyplot.subplots()
    saturation = cl.conflict.saturation(cl.sample.portfolio(), cl.sample.audiences())
    rendered(saturation.plot(ax))
    red = [
        bar for bar in ax.patches if bar.get_facecolor()[:3] == pytest.approx((0.761, 0.212, 0.169), abs=0.01)
    ]
    assert len(red) == int(saturation.channels["saturated"].sum()) > 0


def test_concentration(brief):
    ax = rendered(brief.plot("concentration"))
    table = brief.table("concentration")
    shares = [share for of, share in zip(table["dimension"], table["share"], strict=True) if of == "channel"]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(shares)
    by_month = cl.conflict.concentration(cl.sample.portfolio()).plot("month")
    assert labels(by_month) == sorted(labels(by_month)) and len(by_month.patches) == 12
    with pytest.raises(ValueError, match="dimension: 'colour' is not allowed"):
        cl.conflict.concentration(cl.sample.portfolio()).plot("colour")


def test_overlap(brief):
    ax = rendered(brief.plot("overlap"))
    (image,) = ax.images
    table = brief.table("overlap")
    assert image.get_array().count() == len(table) == 15 * 14 / 2
    assert float(image.get_array().max()) == pytest.approx(max(table["jaccard"]))
    exact = cl.conflict.overlap(cl.sample.audiences())
    top = exact.top(1, by="jaccard")
    few = labels(rendered(exact.plot(most=4)))
    assert len(few) == 4 and {top["campaign_a"][0], top["campaign_b"][0]} <= set(few)


def test_worked():
    worked = cl.plan.which_worked(cl.sample.history())
    ax = rendered(worked.plot(most=8))
    names = dict(zip(worked["campaign"], worked["name"], strict=True))
    assert {names[campaign] for campaign in worked.worked[:2]} <= set(labels(ax))
    assert len(ax.collections) == 8


def test_dollars_and_markup_in_names_stay_text():
    frame = cl.sample.portfolio().to_frame("pyarrow").to_pylist()
    frame[0]["name"] = "Save $5, earn $10 <b>"
    ax = rendered(cl.brief(cl.Portfolio.read(frame)).plot())
    assert r"Save \$5, earn \$10 <b>" in labels(ax)


def test_nothing_to_draw_is_said():
    empty = cl.brief(cl.Portfolio())
    for what in PLOTS:
        with pytest.raises(cl.ClarionError, match="nothing to draw"):
            empty.plot(what)
    with pytest.raises(ValueError, match="what: 'gantt' is not allowed"):
        empty.plot("gantt")


def test_without_matplotlib_the_extra_is_named():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import clarion as cl\n"
        "try: cl.conflict.concentration(cl.sample.portfolio()).plot()\n"
        "except ImportError as problem: print(problem)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'clarion[plot]'" in run.stdout

"""Accuracy of every model on Gowalla and Yelp2018 beside what is published, with the seconds that it takes.

    python -m benchmarks.recommend.accuracy [--data gowalla] [--models EASE,SLIM]   writes the table of docs/recommend/choosing.md
    python -m benchmarks.recommend.accuracy --tune ImplicitALS [--data gowalla]     chooses options again, on validation

A run of some models leaves the rows of the others as they were.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from benchmarks.harness import RESULTS, ROOT, machine, threads, version
from benchmarks.recommend.data import NAMES, load

PAGE = ROOT / "docs" / "recommend" / "choosing.md"
BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
KEPT = RESULTS.parent / "accuracy.json"

# What every row was chosen by: Recall@20 and NDCG@20 on a tenth of each user's train entries, or what is said; test had no part in it.
# model -> data -> (options, how they were found there).
CHOSEN: dict[str, dict[str, tuple[dict[str, Any], str]]] = {
    "ItemKNN": {
        "gowalla": (
            {"k": 20, "similarity": "conditional_probability", "shrinkage": 8, "popularity_damping": 0.25},
            "similarity, k and shrinkage by steps, on 15 % of each user's train entries",
        ),
        "yelp2018": (
            {"k": 400, "similarity": "tfidf", "shrinkage": 1, "by_target": True},
            "similarity, k, shrinkage and by_target by steps, on 15 % of each user's train entries",
        ),
    },
    "UserKNN": {
        data: ({"k": 100, "similarity": "tfidf"}, "k and similarity, on 15 % of each user's train entries")
        for data in NAMES
    },
    "RP3beta": {
        data: ({"k": 400, "beta": beta}, "beta and k, on 10 % of each user's train entries")
        for data, beta in (("gowalla", 0.2), ("yelp2018", 0.3))
    },
    "SLIM": {
        "gowalla": ({"l1_reg": 1, "l2_reg": 30}, "l1_reg x l2_reg, on 15 % of each user's train entries"),
        "yelp2018": ({"l1_reg": 1, "l2_reg": 100}, "l1_reg x l2_reg, on 15 % of each user's train entries"),
    },
    "EASE": {
        "gowalla": (
            {"regularization": 10, "user_scaling": 0.5, "item_scaling": 0.5, "max_neighbors": 200},
            "scalings, then regularization and max_neighbors, on 20 % of each user's train entries",
        ),
        "yelp2018": (
            {"regularization": 15, "user_scaling": 0.5, "item_scaling": 0.5, "max_neighbors": 200},
            "scalings, then regularization and max_neighbors, on 20 % of each user's train entries",
        ),
    },
    "BPR": {
        data: (
            {
                "factors": 128,
                "learning_rate": rate,
                "user_regularization": 0.06,
                "positive_regularization": 0.03,
                "negative_regularization": 0.03,
                "candidates": candidates,
            },
            "candidates, then factors, regularization and learning_rate by steps, on 15 % of each user's train entries",
        )
        for data, rate, candidates in (("gowalla", 0.2, 64), ("yelp2018", 0.1, 32))
    },
    "GraphFilter": {
        "gowalla": (
            {"ideal_weight": 0.25, "sharpening": 2.5, "user_exponent": 0.3},
            "a grid, on 15 % of each user's train entries at random and on the last 20 %, both measures of both",
        ),
        "yelp2018": (
            {"ideal_weight": 0.15, "sharpening": 1.5, "user_exponent": 0.3},
            "a grid, on 15 % of each user's train entries",
        ),
    },
    "ImplicitALS": {
        "gowalla": (
            {"factors": 1024, "regularization": 0.002, "unobserved_weight": 0.02, "max_iter": 8},
            "regularization x unobserved_weight on grids at 128 and 512 factors, then factors 128, 512, 1024",
        ),
        "yelp2018": (
            {"factors": 1024, "regularization": 0.003, "unobserved_weight": 0.04, "max_iter": 8},
            "regularization x unobserved_weight on a grid at 128 and by steps at 512 factors, then factors 128, 512, 1024",
        ),
    },
}

# What --tune goes through: every combination on the whole of train.
SPACES: dict[str, dict[str, list[Any]]] = {
    "ImplicitALS": {
        "factors": [128, 512, 1024],
        "regularization": [0.001, 0.002, 0.003, 0.004],
        "unobserved_weight": [0.01, 0.02, 0.03, 0.04, 0.06],
        "max_iter": [8],
    },
}

# Recall@20, NDCG@20 by data; BARS is the leaderboard of openbenchmark.github.io/BARS.
PUBLISHED: dict[str, dict[str, tuple[float, float]]] = {
    "gowalla": {
        "ItemKNN": (0.1570, 0.1214),
        "BPR": (0.1627, 0.1378),
        "SLIM": (0.1699, 0.1382),
        "EASE": (0.1765, 0.1467),
        "ImplicitALS": (0.1777, 0.1449),
        "GraphFilter": (0.1920, 0.1597),
    },
    "yelp2018": {
        "ItemKNN": (0.0639, 0.0531),
        "BPR": (0.0576, 0.0468),
        "SLIM": (0.0646, 0.0541),
        "EASE": (0.0657, 0.0552),
        "GraphFilter": (0.0720, 0.0593),
    },
}
SOURCE = {"ImplicitALS": "irspack, 512 factors", "GraphFilter": "BSPM (Choi et al., SIGIR 2023)"}
NOT_OURS = {
    "gowalla": {"LightGCN": (0.1820, 0.1547), "UltraGCN": (0.1862, 0.1580), "SimpleX": (0.1872, 0.1557)},
    "yelp2018": {"LightGCN": (0.0653, 0.0532), "UltraGCN": (0.0683, 0.0561), "SimpleX": (0.0701, 0.0575)},
}
MODELS = ("Popular", "ItemKNN", "UserKNN", "RP3beta", "SLIM", "EASE", "BPR", "ImplicitALS", "GraphFilter")


def model_of(name: str, options: dict[str, Any]) -> Any:
    from clarion import recommend

    return getattr(recommend, name)(**options)


def here(names: list[str]) -> list[str]:
    """Those of the models that the package has."""
    from clarion import recommend

    return [name for name in names if hasattr(recommend, name)]


def measure(name: str, data: str) -> dict[str, Any]:
    from clarion import ClarionError
    from clarion.recommend import evaluate

    train, test = load(data)
    options, how = CHOSEN.get(name, {}).get(data, ({}, "defaults"))
    begin = time.perf_counter()
    try:
        model = model_of(name, options).fit(train)
    except ClarionError as reason:
        return {"options": options, "how": how, "refused": str(reason)}
    seconds = time.perf_counter() - begin
    found = evaluate(model, test, 20, ["recall", "ndcg"])
    interval = found.interval("ndcg@20")
    return {
        "options": options,
        "how": how,
        "fit": seconds,
        "recommend": found.recommend_seconds,
        "recall": found["recall@20"],
        "ndcg": found["ndcg@20"],
        "ndcg_low": interval.low,
        "ndcg_high": interval.high,
    }


def tune(name: str, data: str) -> None:
    from clarion.recommend import Interactions, tune

    train, _ = load(data)
    split = Interactions.from_csr(train).split_random(0.1, random_state=0)
    found = tune(model_of(name, {}), SPACES[name], split, search="grid", min_resource=1, refit=False)
    print(found.to_frame("pandas").sort_values("score", ascending=False).to_string(index=False))
    print(f"{data}: {found}")


def table(kept: dict[str, Any]) -> str:
    about = machine()
    lines = [
        f"Test parts of LightGCN's splits, recall over all relevant items. {about['cpu']}, {threads()} threads, clarion "
        f"{version('clarion')}; seconds of the wall clock.",
    ]
    for data in NAMES:
        rows = kept.get(data, {})
        lines += [
            "",
            f"### {data.capitalize()}",
            "",
            "| model | Recall@20 | NDCG@20 | fit s | recommend s | elsewhere |",
            "|---|---|---|---|---|---|",
        ]
        for name in (name for name in MODELS if name in rows):
            row, published = rows[name], PUBLISHED[data].get(name)
            beside = ""
            if published:
                beside = f"{published[0]:.4f} / {published[1]:.4f} {SOURCE.get(name, 'BARS')}"
            if "refused" in row:
                lines.append(f"| {name} | | | | | {beside} |")
                continue
            lines.append(
                f"| {name} | {row['recall']:.4f} | {row['ndcg']:.4f} | {row['fit']:.3g} | {row['recommend']:.3g} | {beside} |"
            )
        for name, (recall, ndcg) in NOT_OURS[data].items():
            lines.append(f"| *{name}* | | | | | {recall:.4f} / {ndcg:.4f} BARS |")
        lines += ["", "Options:", ""]
        for name in (name for name in MODELS if name in rows):
            options = ", ".join(f"{key}={value!r}" for key, value in rows[name]["options"].items())
            why = f"; refused: {rows[name]['refused']}" if "refused" in rows[name] else ""
            lines.append(f"- `{name}({options})`: {rows[name]['how']}{why}")
    return "\n".join(lines)


def run(names: list[str], data_sets: list[str]) -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for data in data_sets:
        for name in names:
            row = measure(name, data)
            print(json.dumps({"data": data, "model": name, **row}), flush=True)
            kept.setdefault(data, {})[name] = row
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table(kept)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="one of " + ", ".join(NAMES))
    parser.add_argument("--models", help="names, separated by commas")
    parser.add_argument("--tune", metavar="MODEL")
    asked = parser.parse_args()
    sets = [asked.data] if asked.data else list(NAMES)
    if asked.tune:
        for data in sets:
            tune(asked.tune, data)
    else:
        run(here(asked.models.split(",") if asked.models else list(MODELS)), sets)

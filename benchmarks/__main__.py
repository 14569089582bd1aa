"""Runs every benchmark, each in its own process, and writes docs/benchmarks.md: `python -m benchmarks [room/thing ...]`."""

import json
import subprocess
import sys

from benchmarks.harness import RESULTS, ROOT


def things() -> list[str]:
    found = (path.relative_to(ROOT / "benchmarks").with_suffix("") for path in ROOT.glob("benchmarks/*/*.py"))
    return sorted(path.as_posix() for path in found if not path.name.startswith("_"))


def page(reports: list[dict]) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`: clarion and its rivals in one run, on the same data, with the same number of threads, answers compared",
        "before time. Seconds are medians; the ratio is the best rival's over clarion's.",
        "",
    ]
    for report in sorted(reports, key=lambda r: r["thing"]):
        machine = report["machine"]
        versions = ", ".join(f"{name} {number}" for name, number in report["versions"].items())
        lines += [
            f"## {report['thing']}",
            "",
            f"{report['data']}. {machine['cpu']}, {machine['cpus']} CPUs, Python {machine['python']}; {versions}.",
            "",
            "| | median s | min | max | peak MiB |",
            "|---|---|---|---|---|",
        ]
        for name, row in report["contenders"].items():
            peak = "" if row["peak_mib"] is None else f"{row['peak_mib']:.0f}"
            lines.append(
                f"| {name} | {row['median_s']:.4g} | {row['min_s']:.4g} | {row['max_s']:.4g} | {peak} |"
            )
        lines.append("")
        if report["ratio"] is not None:
            goal = f" (goal {report['goal']:g})" if report["goal"] else ""
            lines += [f"**{report['ratio']:.2f} x** the best rival, {report['best_rival']}{goal}.", ""]
        for name, value in report.get("facts", {}).items():
            lines.append(f"- {name}: {value}")
        if report.get("facts"):
            lines.append("")
    return "\n".join(lines)


def main(chosen: list[str]) -> int:
    failed = []
    for thing in chosen or things():
        print(f"-- {thing}", flush=True)
        if subprocess.run(
            [sys.executable, "-m", f"benchmarks.{thing.replace('/', '.')}"], cwd=ROOT, check=False
        ).returncode:
            failed.append(thing)
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.rglob("*.json"))]
    (ROOT / "docs" / "benchmarks.md").write_text(page(reports), encoding="utf-8")
    print(
        f"{len(reports)} results in docs/benchmarks.md" + (f"; failed: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

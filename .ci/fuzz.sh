#!/usr/bin/env bash
# Each fuzzer of a build, from its seeds and what earlier runs found, for some seconds.
#   fuzz.sh BUILD SECONDS [-seed=N and other options of libFuzzer]
set -euo pipefail
build=$1 seconds=$2
shift 2

for source in tests/fuzz/*_fuzz.cpp; do
  name=$(basename "$source" .cpp)
  mkdir -p "$build/corpus/$name"
  if ! output=$("$build/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$build/$name-" "$@" \
    "$build/corpus/$name" "tests/fuzz/seeds/${name%_fuzz}" 2>&1); then
    tail -n 60 <<<"$output"
    for input in "$build/$name"-{crash,timeout,oom,leak}-*; do [ ! -f "$input" ] || { echo "-- $input"; od -A x -t x1z "$input" | head -n 40; }; done
    echo "-- $name: FAILED"
    exit 1
  fi
  echo "-- $name: $(tail -n 1 <<<"$output")"
done

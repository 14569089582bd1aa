#!/usr/bin/env bash
# Runs the example DAGs in a real Airflow. The brief: once where the gate lets the plan pass, again to see that nothing changes,
# and once where it must stop the run at the first try. The customers' cycle: twice for one interval, and the files compared.
set -euo pipefail
cd "$(dirname "$0")/../../.."

venv=${CLARION_AIRFLOW_VENV:-build/airflow-venv}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -x "$venv/bin/airflow" ]; then
  echo "== installing Airflow into $venv"
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install -q "apache-airflow>=3.0,<4"
fi
echo "== installing clarion beside it"
# pip passes over a wheel of the version that is there.
"$venv/bin/pip" uninstall -q -y clarion
"$venv/bin/pip" install -q "${CLARION_WHEEL:-.}"

export AIRFLOW_HOME="$work/airflow"
export AIRFLOW__CORE__DAGS_FOLDER="$PWD/docs/examples/airflow/dags"
export AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite:///$work/airflow/airflow.db"
export CLARION_PLAN="$work/plan" CLARION_BRIEFS="$work/briefs"
export CLARION_TRANSACTIONS="$work/transactions" CLARION_CYCLES="$work/cycles"
day=2026-08-03 month=2026-08-01
mkdir -p "$AIRFLOW_HOME"

"$venv/bin/clarion" sample "$CLARION_PLAN" > "$work/sample.log"
mkdir "$CLARION_TRANSACTIONS"
cp "$CLARION_PLAN/transactions.parquet" "$CLARION_TRANSACTIONS/$month.parquet"
"$venv/bin/airflow" db migrate > "$work/migrate.log" 2>&1

run() {
  local status=0
  CLARION_FAIL_ON=$1 "$venv/bin/airflow" dags test "${3:-clarion_brief}" "${4:-$day}" > "$work/$2.log" 2>&1 || status=$?
  echo "${3:-clarion_brief}, gate at $1: exit status $status"
  return "$status"
}

show() {
  tail -n 60 "$work/$1.log"
  exit 1
}

run error first || show first
sha256sum "$CLARION_BRIEFS/$day/"* > "$work/first.sums"
run error second || show second
sha256sum --check --quiet "$work/first.sums"
echo "the second run wrote the same files"

if run warning third; then
  echo "the gate let warnings pass"
  show third
fi
grep -q AirflowFailException "$work/third.log" || show third
if grep -qiE 'UP_FOR_RETRY|up_for_retry' "$work/third.log"; then
  echo "a finding was retried"
  show third
fi

run error fourth customer_cycle "$month" || show fourth
(cd "$CLARION_CYCLES" && find . -type f -exec sha256sum {} +) > "$work/cycle.sums"
run error fifth customer_cycle "$month" || show fifth
(cd "$CLARION_CYCLES" && sha256sum --check --quiet "$work/cycle.sums")
if [ "$(ls -A "$CLARION_CYCLES")" != "$month" ] || [ "$(ls -A "$CLARION_CYCLES/$month" | wc -l)" != 6 ]; then
  echo "other files than those of the interval"
  find "$CLARION_CYCLES"
  exit 1
fi
echo "the second cycle wrote the same files, and left no other"
echo "5 passed, 0 failed"

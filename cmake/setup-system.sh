#!/usr/bin/env bash
# Installs what clarion needs from the system, on Debian and Ubuntu, and does nothing when all of it is there.
#   setup-system.sh          compiler, CMake, headers, Python
#   setup-system.sh ci       the same, and what continuous integration runs besides: a browser, clang, qemu
#   setup-system.sh python   prints the Python that the environment is made with
set -euo pipefail

packages=(g++ cmake ninja-build git pkg-config
  libeigen3-dev libxtensor-dev xtl-dev libboost-graph-dev doctest-dev libhwy-dev nlohmann-json3-dev libfmt-dev
  libbenchmark-dev librandom123-dev libhowardhinnant-date-dev libssl-dev)
ci_packages=(binutils ccache chromium fonts-dejavu-core clang-16 clang-format-16 libclang-rt-16-dev qemu-user-static)

# A Python that can make an environment and compile an extension.
find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" - 2>/dev/null <<'PY'; then
import ensurepip, os, sys, sysconfig, venv
sys.exit(sys.version_info < (3, 11) or not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))
PY
      command -v "$candidate"
      return
    fi
  done
  echo "clarion needs CPython >= 3.11 with venv and headers; set PYTHON=/path/to/python" >&2
  return 1
}

python_packages() {
  if ! command -v python3 >/dev/null || python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo python3 python3-venv python3-dev
  else
    echo python3.11 python3.11-venv python3.11-dev
  fi
}

install() {
  local sudo=() missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "Run as root: apt-get install -y ${missing[*]}" >&2; exit 1; }
    sudo=(sudo)
  fi
  echo "Installing ${missing[*]}"
  "${sudo[@]}" apt-get update -q
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

case "${1:-}" in
  python) find_python; exit ;;
  ci) packages+=("${ci_packages[@]}") ;;
esac
if ! command -v apt-get >/dev/null; then
  echo "Neither Debian nor Ubuntu: the packages of environment.yml (conda) or vcpkg.json (vcpkg) must be there."
  exit
fi
find_python >/dev/null 2>&1 || read -ra packages <<<"${packages[*]} $(python_packages)"
install "${packages[@]}"
find_python >/dev/null

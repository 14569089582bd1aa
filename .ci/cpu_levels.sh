#!/usr/bin/env bash
# The C++ tests of a build on CPUs of three generations: this one at each level of the kernels, and two older ones under qemu, where
# an instruction that the CPU lacks ends the program.
#   cpu_levels.sh BUILD
set -euo pipefail
build=$1

leave_out=()
tests() {
  local title=$1 room=$2 output
  shift 2
  if ! output=$("$@" "$build/clarion_test_$room" --no-colors "${leave_out[@]}" 2>&1) || grep -q 'test cases: *0 ' <<<"$output"; then
    printf '%s\n-- %s, %s: FAILED\n' "$output" "$title" "$room"
    return 1
  fi
  printf -- '-- %s, %s: %s\n' "$title" "$room" "$(grep -om1 '[0-9]* passed' <<<"$output")"
}

# tests/cpp/core/kernels_test.cpp fails where a level runs other code than this CPU permits; what it permits is said here.
if grep -qw avx512_vpopcntdq /proc/cpuinfo; then
  echo "-- this CPU counts bits with AVX-512"
else
  echo "-- this CPU has no AVX-512 that counts bits: the level avx512 runs the best it has"
fi
for level in scalar avx2 avx512; do
  for room in core segment conflict recommend; do tests "level $level" "$room" env CLARION_SIMD="$level"; done
done

# plan uses no kernel and takes minutes under qemu, where time says nothing either; nor do large inputs about the instructions.
leave_out=(--test-case-exclude='*requested stop*,bounds leave out*,lists are those of every*,many rows over*,few users with many*,a transposed matrix*,every place of*,entries numbered*')
older() { for room in core stats schema segment conflict recommend; do tests "$1" "$room" qemu-x86_64-static -cpu "$1"; done; }
older Nehalem-v1 &
first=$!
older Haswell
wait "$first"

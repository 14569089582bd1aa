#pragma once

#include <utility>

#include "clarion/core/parallel.hpp"

namespace clarion::conflict {

/// The same run for a part of the work: its progress goes from `from` to `to`. `run` must outlive it.
inline run_options part_of(const run_options& run, double from, double to) {
  run_options out = run;
  if (run.progress) out.progress = [&run, from, to](double fraction) { run.progress(from + (to - from) * fraction); };
  return out;
}

}  // namespace clarion::conflict

#pragma once

// How cheap the schedules of a subproblem could be: the bound is tightened by moving shares of it between tables that overlap
// ("soft arc consistency", "tightening of linear relaxations").

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "clarion/core/kernels.hpp"
#include "conflict/reschedule_tables.hpp"

namespace clarion::conflict::detail {

/// What the passes over tables share: the kernel, scratch space, and whether to go on.
class workbench {
public:
  workbench(kernels::min_plus kernel, std::function<bool()> stop) : min_plus(kernel), stop_(std::move(stop)) {}
  /// Asks for a stop after every million table entries or so.
  bool halted(double entries) {
    work_ += entries;
    if ((pending_ += entries) > 1e6) {
      pending_ = 0;
      halted_ = halted_ || stop_();
    }
    return halted_;
  }
  bool halted() const { return halted_; }
  /// What was done so far, in nodes: a pass over 8,192 entries of tables counts as one.
  std::uint64_t work() const { return static_cast<std::uint64_t>(work_ / 8192); }

  kernels::min_plus min_plus;
  std::vector<double> least, turned, given;
  std::vector<std::uint32_t> waiting;

private:
  std::function<bool()> stop_;
  double work_ = 0, pending_ = 0;
  bool halted_ = false;
};

/// One round: triples, then the variables in turn, then back; the next one goes the other way. False when floor exceeds `most`.
/// Values that cannot stay below it are marked in `gone`, unless that is empty.
bool level(tables& t, double most, std::span<char> gone, workbench& bench);
inline void level(tables& t, workbench& bench) { level(t, infinity, {}, bench); }

/// A round after which values that cannot stay below `most` are dropped. False when nothing can.
bool tighten_once(const choices& c, tables& t, double most, workbench& bench);

}  // namespace clarion::conflict::detail

#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <utility>

#include "clarion/core/parallel.hpp"

namespace clarion::conflict::detail {

/// When a search has to end early: a stop was asked for, the caller's progress function threw, or time is up. The caller's
/// thread reports progress from here, as it may be deep in a search.
class watch {
public:
  watch(const run_options& run, double seconds) : run_(run), caller_(std::this_thread::get_id()) {
    if (seconds > 0) {
      timed_ = true;
      until_ = clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(std::min(seconds, 1e8)));
    }
    report_at_ = clock::now() + std::chrono::milliseconds(100);
  }
  bool stop() {
    if (aborted_ || run_.cancel.stop_requested() || (timed_ && clock::now() > until_)) return true;
    if (run_.progress && std::this_thread::get_id() == caller_ && clock::now() > report_at_) report();
    return false;
  }
  /// Progress goes from here to there. Nobody knows how long a proof takes: it nears the end without reaching it.
  void reaches(double from, double to) {
    at_ = from;
    to_ = to;
  }
  /// Calls body(i) for each i. Little work stays on the caller's thread.
  template <class Body>
  void each(std::size_t count, bool little, Body&& body) {
    run_options inner;
    inner.threads = little ? 1 : run_.threads;
    inner.cancel = run_.cancel;
    if (run_.progress) inner.progress = [this](double) { report(); };
    core::parallel_blocks(count, inner, body);
  }

private:
  using clock = std::chrono::steady_clock;

  void report() {
    report_at_ = clock::now() + std::chrono::milliseconds(100);
    at_ += (to_ - at_) / 50;
    try {
      run_.progress(at_);
    } catch (...) {
      aborted_ = true;
      throw;
    }
  }

  const run_options& run_;
  std::thread::id caller_;
  std::atomic<bool> aborted_{false};
  bool timed_ = false;
  clock::time_point until_{}, report_at_{};
  double at_ = 0, to_ = 1;
};

}  // namespace clarion::conflict::detail

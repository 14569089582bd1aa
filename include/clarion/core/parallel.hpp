#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <type_traits>

#include "clarion/core/export.hpp"

namespace clarion::core::detail {
class crew;
}

namespace clarion {

/// How a call runs; never what it answers: results have the same bits for any number of threads.
struct run_options {
  unsigned threads = 0;                             ///< 0: every CPU this process may use (affinity and cgroup quota)
  std::function<void(double fraction)> progress{};  ///< called on the caller's thread about ten times a second; may throw to stop
  std::stop_token cancel{};                         ///< a requested stop ends the call with clarion::cancelled
  core::detail::crew* crew = nullptr;               ///< a call's own, see core::thread_team
};

/// The same run for the part [from, to) of a longer job, for progress that never runs backwards. `run` must outlive it.
inline run_options part_of(const run_options& run, double from, double to) {
  run_options out = run;
  if (run.progress) out.progress = [&run, from, to](double fraction) { run.progress(from + (to - from) * fraction); };
  return out;
}

/// The same run without progress.
inline run_options silent(const run_options& run) {
  run_options out = run;
  out.progress = nullptr;
  return out;
}

}  // namespace clarion

namespace clarion::core {

/// For work on the caller's thread: tells progress about ten times a second and throws clarion::cancelled after a requested stop.
class CLARION_API pulse {
public:
  explicit pulse(const run_options& run) : run_(run), next_(clock::now() + pause) {}
  /// Call it every few milliseconds of work at most.
  void beat(double fraction);

private:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds pause{100};
  const run_options& run_;
  clock::time_point next_;
};

/// CPUs that this process may use: affinity mask and cgroup quota, at least 1.
CLARION_API unsigned available_cpus();

/// Threads that a call with these options uses for `blocks` pieces of work.
CLARION_API unsigned team_size(const run_options& run, std::size_t blocks);

namespace detail {
CLARION_API void run_blocks(std::size_t blocks, const run_options& run, void* body, void (*call)(void*, std::size_t));
}

/// Threads of a call with many short loops: the first loop makes them, the others find them at work or just asleep (2 us in
/// place of 50), and they are joined when this goes.
class CLARION_API thread_team {
public:
  explicit thread_team(const run_options& run);
  ~thread_team();
  thread_team(const thread_team&) = delete;
  thread_team& operator=(const thread_team&) = delete;
  const run_options& run() const { return run_; }  ///< as it was given; its loops use this team

private:
  std::unique_ptr<detail::crew> crew_;
  run_options run_;
};

/// Calls body(block) once for each block in [0, blocks), spread over a team of threads, the caller's thread among them: that of
/// the run, or one that is made for this loop and joined before it returns (so a process may fork at any time between calls).
/// Blocks are handed out in order; cut work into blocks by its size alone, never by the number of threads, and combine partial
/// results in block order, to keep answers independent of the team. The first exception of a body ends the loop and reaches the
/// caller.
template <class Body>
void parallel_blocks(std::size_t blocks, const run_options& run, Body&& body) {
  using body_type = std::remove_reference_t<Body>;
  detail::run_blocks(blocks, run, const_cast<void*>(static_cast<const void*>(std::addressof(body))),
                     [](void* b, std::size_t block) { (*static_cast<body_type*>(b))(block); });
}

}  // namespace clarion::core

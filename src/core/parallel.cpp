#include "clarion/core/parallel.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "clarion/core/error.hpp"

namespace clarion::core {

namespace {

// A container may be given fewer CPUs than its affinity mask shows: cgroup v2 says "quota period" in cpu.max, v1 in two files.
unsigned cgroup_cpus() {
  std::string quota;
  double period = 0;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> quota >> period) {
    if (quota == "max" || period <= 0) return 0;
    return static_cast<unsigned>(std::max(1.0, std::stod(quota) / period + 0.5));
  }
  double quota_us = 0;
  std::ifstream q("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream p("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (q >> quota_us && p >> period && quota_us > 0 && period > 0)
    return static_cast<unsigned>(std::max(1.0, quota_us / period + 0.5));
  return 0;
}

}  // namespace

void pulse::beat(double fraction) {
  if (run_.cancel.stop_requested()) throw cancelled();
  if (!run_.progress || clock::now() < next_) return;
  next_ = clock::now() + pause;
  run_.progress(fraction);
}

unsigned available_cpus() {
  unsigned cpus = std::max(1u, std::thread::hardware_concurrency());
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) cpus = std::max(1, CPU_COUNT(&set));
  if (const unsigned quota = cgroup_cpus()) cpus = std::min(cpus, quota);
  return cpus;
}

unsigned team_size(const run_options& run, std::size_t blocks) {
  const unsigned wanted = run.threads ? run.threads : available_cpus();
  return static_cast<unsigned>(std::max<std::size_t>(1, std::min<std::size_t>(wanted, blocks)));
}

namespace detail {

void run_blocks(std::size_t blocks, const run_options& run, void* body, void (*call)(void*, std::size_t)) {
  if (blocks == 0) return;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  std::atomic<bool> stop{false};
  std::exception_ptr failure;
  std::mutex lock;
  std::condition_variable ended;  // the last block is done, or one has failed

  const auto fail = [&](std::exception_ptr e) {
    const std::scoped_lock hold(lock);
    if (!failure) failure = std::move(e);
    stop = true;
    ended.notify_all();
  };
  const auto step = [&]() -> bool {
    if (stop || run.cancel.stop_requested()) return false;
    const std::size_t block = next.fetch_add(1, std::memory_order_relaxed);
    if (block >= blocks) return false;
    try {
      call(body, block);
    } catch (...) {
      fail(std::current_exception());
      return false;
    }
    if (done.fetch_add(1, std::memory_order_relaxed) + 1 == blocks) {
      const std::scoped_lock hold(lock);
      ended.notify_all();
    }
    return true;
  };

  {
    std::vector<std::jthread> team;
    const unsigned threads = team_size(run, blocks);
    team.reserve(threads);
    try {
      for (unsigned t = 1; t < threads; ++t)
        team.emplace_back([&] {
          while (step()) {
          }
        });
    } catch (const std::system_error&) {
      // No more threads are to be had: those there are do the work.
    }

    using clock = std::chrono::steady_clock;
    auto report_at = clock::now() + std::chrono::milliseconds(100);
    const auto report = [&] {
      if (!run.progress || clock::now() < report_at) return;
      report_at = clock::now() + std::chrono::milliseconds(100);
      try {
        run.progress(static_cast<double>(done.load(std::memory_order_relaxed)) / static_cast<double>(blocks));
      } catch (...) {
        fail(std::current_exception());
      }
    };
    while (step()) report();
    while (run.progress && !stop && !run.cancel.stop_requested() && done.load() < blocks) {
      {
        std::unique_lock hold(lock);
        ended.wait_for(hold, std::chrono::milliseconds(20), [&] { return stop || done.load() == blocks; });
      }
      report();
    }
  }
  if (failure) std::rethrow_exception(failure);
  if (run.cancel.stop_requested()) throw cancelled();
  if (run.progress) run.progress(1.0);
}

}  // namespace detail

}  // namespace clarion::core

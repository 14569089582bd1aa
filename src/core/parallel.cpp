#include "clarion/core/parallel.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <limits>
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

namespace {

// Blocks that are handed out in order to whoever works on them.
class loop {
public:
  loop(std::size_t blocks, const run_options& run, void* body, void (*call)(void*, std::size_t))
      : blocks_(blocks), run_(run), body_(body), call_(call) {}

  void work() {
    while (step()) {
    }
  }

  bool step() {
    if (stop_ || run_.cancel.stop_requested()) return false;
    const std::size_t block = next_.fetch_add(1, std::memory_order_relaxed);
    if (block >= blocks_) return false;
    try {
      call_(body_, block);
    } catch (...) {
      fail(std::current_exception());
      return false;
    }
    if (done_.fetch_add(1, std::memory_order_relaxed) + 1 == blocks_) {
      const std::scoped_lock hold(lock_);
      ended_.notify_all();
    }
    return true;
  }

  // What the caller's thread does: blocks, and then progress as long as others have some.
  void lead() {
    using clock = std::chrono::steady_clock;
    auto report_at = clock::now() + std::chrono::milliseconds(100);
    const auto report = [&] {
      if (!run_.progress || clock::now() < report_at) return;
      report_at = clock::now() + std::chrono::milliseconds(100);
      try {
        run_.progress(static_cast<double>(done_.load(std::memory_order_relaxed)) / static_cast<double>(blocks_));
      } catch (...) {
        fail(std::current_exception());
      }
    };
    while (step()) report();
    while (run_.progress && !stop_ && !run_.cancel.stop_requested() && done_.load() < blocks_) {
      {
        std::unique_lock hold(lock_);
        ended_.wait_for(hold, std::chrono::milliseconds(20), [&] { return stop_ || done_.load() == blocks_; });
      }
      report();
    }
  }

  // When nobody works on it any more.
  void finish() {
    if (failure_) std::rethrow_exception(failure_);
    if (run_.cancel.stop_requested()) throw cancelled();
    if (run_.progress) run_.progress(1.0);
  }

private:
  void fail(std::exception_ptr e) {
    const std::scoped_lock hold(lock_);
    if (!failure_) failure_ = std::move(e);
    stop_ = true;
    ended_.notify_all();
  }

  std::size_t blocks_;
  const run_options& run_;
  void* body_;
  void (*call_)(void*, std::size_t);
  std::atomic<std::size_t> next_{0}, done_{0};
  std::atomic<bool> stop_{false};
  std::exception_ptr failure_;
  std::mutex lock_;
  std::condition_variable ended_;  // the last block is done, or one has failed
};

// Adds `count` threads where they are to be had; those there are do the work.
template <class F>
void add_threads(std::vector<std::jthread>& team, std::size_t count, const F& body) {
  team.reserve(team.size() + count);
  try {
    for (; count > 0; --count) team.emplace_back(body);
  } catch (const std::system_error&) {
  }
}

}  // namespace

// Threads that wait for a loop, a while without sleep. Who comes late to a loop finds it closed, and nobody waits for him.
class crew {
public:
  ~crew() {
    quit_ = true;
    state_.fetch_add(one_loop);
    state_.notify_all();
  }

  /// False where another loop has the crew.
  bool work_on(loop& work, std::size_t others) {
    if (busy_.exchange(true)) return false;
    others = std::min<std::size_t>(others, is_open - 1);
    if (others > threads_.size()) add_threads(threads_, others - threads_.size(), [this] { serve(); });
    loop_ = &work;
    wanted_ = static_cast<std::uint32_t>(others);
    state_.store(((state_.load() & ~(one_loop - 1)) + one_loop) | is_open);
    state_.notify_all();
    work.lead();
    for (std::uint32_t now = state_.fetch_and(~is_open) & ~is_open; at_work(now) > 0; now = state_.load()) await_change(now);
    busy_ = false;
    return true;
  }

private:
  // The state: how many are at work, whether more may come, and a number of the loop.
  static constexpr std::uint32_t is_open = 1u << 15, one_loop = 1u << 16;
  static std::uint32_t at_work(std::uint32_t state) { return state & (is_open - 1); }

  void await_change(std::uint32_t from) {
    for (int i = 0; i < 2000; ++i) {
      if (state_.load() != from) return;
      hint_spin();
    }
    state_.wait(from);
  }

  static void hint_spin() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
  }

  void serve() {
    std::uint32_t seen = 0;
    while (true) {
      std::uint32_t now = state_.load();
      if (quit_) return;
      if (now / one_loop == seen || (now & is_open) == 0 || at_work(now) >= wanted_) {
        await_change(now);
        continue;
      }
      if (!state_.compare_exchange_weak(now, now + 1)) continue;
      seen = now / one_loop;
      loop_->work();
      const std::uint32_t left = state_.fetch_sub(1) - 1;
      if (at_work(left) == 0 && (left & is_open) == 0) state_.notify_all();
    }
  }

  std::atomic<std::uint32_t> state_{0}, wanted_{0};
  std::atomic<bool> quit_{false}, busy_{false};
  loop* loop_ = nullptr;
  std::vector<std::jthread> threads_;  // the last member: joined before the others go
};

void run_blocks(std::size_t blocks, const run_options& run, void* body, void (*call)(void*, std::size_t)) {
  if (blocks == 0) return;
  loop work(blocks, run, body, call);
  const std::size_t others = team_size(run, blocks) - 1;
  if (others == 0) {
    work.lead();
  } else if (run.crew == nullptr || !run.crew->work_on(work, others)) {
    std::vector<std::jthread> team;
    add_threads(team, others, [&work] { work.work(); });
    work.lead();
  }
  work.finish();
}

}  // namespace detail

thread_team::thread_team(const run_options& run) : run_(run) {
  run_.threads = team_size(run, std::numeric_limits<std::size_t>::max());
  if (run.crew != nullptr) return;
  crew_ = std::make_unique<detail::crew>();
  run_.crew = crew_.get();
}

thread_team::~thread_team() = default;

}  // namespace clarion::core

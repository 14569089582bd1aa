#include "clarion/core/parallel.hpp"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "clarion/core/error.hpp"

namespace core = clarion::core;

TEST_CASE("every block is visited once, for any team") {
  for (const unsigned threads : {0u, 1u, 2u, 3u, 16u}) {
    for (const std::size_t blocks : {0u, 1u, 2u, 1000u}) {
      std::vector<std::atomic<int>> visits(blocks);
      core::parallel_blocks(blocks, {.threads = threads}, [&](std::size_t block) { ++visits[block]; });
      for (const auto& count : visits) CHECK(count == 1);
    }
  }
}

TEST_CASE("sums in block order have the same bits for any team") {
  std::vector<double> values(100'003);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i)) * 1e6;
  const auto sum = [&](unsigned threads) {
    constexpr std::size_t length = 1024;
    const std::size_t blocks = (values.size() + length - 1) / length;
    std::vector<double> partial(blocks);
    core::parallel_blocks(blocks, {.threads = threads}, [&](std::size_t block) {
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(block * length);
      const auto last = values.begin() + static_cast<std::ptrdiff_t>(std::min(values.size(), (block + 1) * length));
      partial[block] = std::accumulate(first, last, 0.0);
    });
    return std::accumulate(partial.begin(), partial.end(), 0.0);
  };
  const double alone = sum(1);
  for (const unsigned threads : {2u, 3u, 8u}) CHECK(sum(threads) == alone);
}

TEST_CASE("an exception of a body reaches the caller and ends the loop") {
  for (const unsigned threads : {1u, 4u}) {
    std::atomic<int> visited{0};
    CHECK_THROWS_WITH_AS(core::parallel_blocks(1'000'000, {.threads = threads},
                                               [&](std::size_t block) {
                                                 ++visited;
                                                 if (block == 10) throw std::domain_error("block ten");
                                               }),
                         "block ten", std::domain_error);
    CHECK(visited < 1'000'000);
  }
}

TEST_CASE("a requested stop ends the call") {
  std::stop_source stop;
  std::atomic<int> visited{0};
  CHECK_THROWS_AS(core::parallel_blocks(1'000'000, {.threads = 2, .cancel = stop.get_token()},
                                        [&](std::size_t) {
                                          if (++visited == 5) stop.request_stop();
                                        }),
                  clarion::cancelled);
  CHECK(visited < 1000);
}

TEST_CASE("progress is told on the caller's thread, grows and ends at one") {
  const auto caller = std::this_thread::get_id();
  std::vector<double> told;
  bool elsewhere = false;
  core::parallel_blocks(60,
                        {.threads = 2,
                         .progress =
                             [&](double fraction) {
                               elsewhere = elsewhere || std::this_thread::get_id() != caller;
                               told.push_back(fraction);
                             }},
                        [](std::size_t) { std::this_thread::sleep_for(std::chrono::milliseconds(10)); });
  CHECK_FALSE(elsewhere);
  CHECK(told.size() >= 2);
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.back() == 1.0);
}

TEST_CASE("progress that throws ends the call") {
  CHECK_THROWS_AS(core::parallel_blocks(1000, {.threads = 2, .progress = [](double) { throw std::runtime_error("enough"); }},
                                        [](std::size_t) { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }),
                  std::runtime_error);
}

TEST_CASE("the call ends when the last block does, though the caller has none left") {
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int call = 0; call < 20; ++call) {
    const auto caller = std::this_thread::get_id();
    std::atomic<int> begun{0};
    const auto start = std::chrono::steady_clock::now();
    core::parallel_blocks(2, {.threads = 2, .progress = [](double) {}}, [&](std::size_t) {
      ++begun;
      while (begun < 2) std::this_thread::yield();
      if (std::this_thread::get_id() != caller) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    });
    shortest = std::min(shortest, std::chrono::steady_clock::now() - start);
  }
  CHECK(shortest < std::chrono::milliseconds(15));
}

TEST_CASE("a part of a run tells its part of the progress") {
  double told = 0;
  const clarion::run_options whole{.threads = 3, .progress = [&](double fraction) { told = fraction; }};
  const auto part = clarion::part_of(whole, .2, .6);
  CHECK(part.threads == 3);
  part.progress(.5);
  CHECK(told == doctest::Approx(.4));
  CHECK_FALSE(clarion::part_of({}, 0, 1).progress);
}

TEST_CASE("a pulse tells progress now and then, and ends what is to stop") {
  int told = 0;
  const clarion::run_options run{.progress = [&](double) { ++told; }};
  core::pulse pulse(run);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(350);
  while (std::chrono::steady_clock::now() < until) pulse.beat(.5);
  CHECK(told >= 1);
  CHECK(told <= 3);
  std::stop_source stop;
  stop.request_stop();
  const clarion::run_options stopped{.cancel = stop.get_token()};
  CHECK_THROWS_AS(core::pulse(stopped).beat(0), clarion::cancelled);
}

TEST_CASE("where no more threads are to be had, those there are do the work") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_NPROC, &none) != 0 || (getuid() == 0 && setuid(65534) != 0)) _exit(0);
    std::atomic<int> count{0};
    core::parallel_blocks(100, {.threads = 4}, [&](std::size_t) { ++count; });
    _exit(count == 100 ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a team that stays visits every block of every loop once, short loops and long ones") {
  for (const unsigned threads : {0u, 1u, 2u, 5u}) {
    const clarion::run_options run{.threads = threads};
    const core::thread_team team(run);
    for (std::size_t loop = 0; loop < 3000; ++loop) {
      std::vector<std::atomic<int>> visits(loop % 7);
      core::parallel_blocks(visits.size(), team.run(), [&](std::size_t block) { ++visits[block]; });
      for (const auto& count : visits) REQUIRE(count == 1);
      if (loop % 500 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the others fall asleep
    }
  }
}

TEST_CASE("a team that stays works on what is long together") {
  const core::thread_team team({.threads = 3});
  for (int loop = 0; loop < 5; ++loop) {
    std::atomic<int> begun{0};
    core::parallel_blocks(3, team.run(), [&](std::size_t) {
      ++begun;
      while (begun < 3) std::this_thread::yield();
    });
    CHECK(begun == 3);
  }
}

TEST_CASE("a loop within a loop of a team that stays makes its own threads") {
  const core::thread_team team({.threads = 2}), within(team.run());
  std::atomic<int> count{0};
  core::parallel_blocks(20, within.run(),
                        [&](std::size_t) { core::parallel_blocks(50, within.run(), [&](std::size_t) { ++count; }); });
  CHECK(count == 1000);
}

TEST_CASE("exceptions, stops and progress are those of each loop of a team that stays") {
  std::stop_source stop;
  double told = 0;
  const core::thread_team team({.threads = 3, .progress = [&](double part) { told = part; }, .cancel = stop.get_token()});
  for (int loop = 0; loop < 100; ++loop) {
    CHECK_THROWS_AS(core::parallel_blocks(1'000'000, team.run(),
                                          [](std::size_t block) {
                                            if (block == 10) throw std::domain_error("block ten");
                                          }),
                    std::domain_error);
    told = 0;
    core::parallel_blocks(10, team.run(), [](std::size_t) {});
    CHECK(told == 1);
  }
  stop.request_stop();
  CHECK_THROWS_AS(core::parallel_blocks(10, team.run(), [](std::size_t) {}), clarion::cancelled);
}

TEST_CASE("a team is no larger than the work") {
  CHECK(core::team_size({.threads = 8}, 3) == 3);
  CHECK(core::team_size({.threads = 2}, 3) == 2);
  CHECK(core::team_size({.threads = 2}, 0) == 1);
  CHECK(core::team_size({}, 1'000'000) == core::available_cpus());
}

TEST_CASE("CPUs are those that this process may use") {
  cpu_set_t before;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(core::available_cpus() == 1);
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
  CHECK(core::available_cpus() >= 1);
}

TEST_CASE("a child forked after use works") {
  std::atomic<int> count{0};
  core::parallel_blocks(100, {.threads = 4}, [&](std::size_t) { ++count; });
  {
    const core::thread_team team({.threads = 4});
    core::parallel_blocks(100, team.run(), [&](std::size_t) { ++count; });
  }
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(20);
    std::atomic<int> again{0};
    const core::thread_team team({.threads = 4});
    core::parallel_blocks(100, team.run(), [&](std::size_t) { ++again; });
    _exit(again == 100 ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

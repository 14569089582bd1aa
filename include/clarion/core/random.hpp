#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "clarion/core/export.hpp"

namespace clarion::core {

/// A counter-based random stream (Philox4x32-10; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
/// The numbers depend on (seed, room, key) alone: give each row its own key and the same numbers come in any order, on any
/// number of threads. Streams of different keys are independent. Copying a stream copies its position.
class CLARION_API random_stream {
public:
  explicit random_stream(std::uint64_t seed, std::uint64_t key = 0, std::uint32_t room = 0);

  std::uint32_t bits();                  ///< 32 uniform bits
  double uniform();                      ///< in [0, 1), 53 bits
  std::uint64_t below(std::uint64_t n);  ///< unbiased in [0, n), n > 0
  double normal();                       ///< mean 0, variance 1
  double exponential();                  ///< mean 1
  double gamma(double shape);            ///< scale 1, shape > 0 (Marsaglia and Tsang, 2000)
  double beta(double a, double b);       ///< a, b > 0
  std::uint64_t poisson(double mean);    ///< mean >= 0
  bool chance(double probability) { return uniform() < probability; }

private:
  void refill();

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
};

}  // namespace clarion::core

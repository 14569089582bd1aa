#include "clarion/core/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

namespace clarion::core {

random_stream::random_stream(std::uint64_t seed, std::uint64_t key, std::uint32_t room)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, room, static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)} {}

void random_stream::refill() {
  const r123::Philox4x32::ctr_type counter = {{counter_[0], counter_[1], counter_[2], counter_[3]}};
  const r123::Philox4x32::key_type key = {{key_[0], key_[1]}};
  const auto out = r123::Philox4x32{}(counter, key);
  block_ = {out[0], out[1], out[2], out[3]};
  ++counter_[0];
  used_ = 0;
}

std::uint32_t random_stream::bits() {
  if (used_ == 4) refill();
  return block_[used_++];
}

double random_stream::uniform() {
  const std::uint64_t high = bits() >> 5, low = bits() >> 6;
  return static_cast<double>((high << 26) | low) * 0x1p-53;
}

std::uint64_t random_stream::below(std::uint64_t n) {
  const std::uint64_t limit = n * (UINT64_MAX / n);
  for (;;) {
    const std::uint64_t high = bits();
    const std::uint64_t draw = (high << 32) | bits();
    if (draw < limit) return draw % n;
  }
}

double random_stream::normal() {
  const double u = 1.0 - uniform(), v = uniform();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

double random_stream::exponential() { return -std::log1p(-uniform()); }

double random_stream::gamma(double shape) {
  if (shape < 1.0) {
    const double boosted = gamma(shape + 1.0);
    return boosted * std::pow(1.0 - uniform(), 1.0 / shape);
  }
  const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = normal(), t = 1.0 + c * x;
    if (t <= 0.0) continue;
    const double v = t * t * t;
    if (std::log(1.0 - uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

double random_stream::beta(double a, double b) {
  const double x = gamma(a), y = gamma(b);
  return x + y > 0.0 ? x / (x + y) : 0.5;
}

std::uint64_t random_stream::poisson(double mean) {
  // Halving through a gamma draw keeps the multiplication loop short for large means (Ahrens and Dieter, 1974).
  if (mean > 30.0) {
    const auto half = static_cast<std::uint64_t>(mean * 7.0 / 8.0);
    const double at = gamma(static_cast<double>(half));
    if (at <= mean) return half + poisson(mean - at);
    std::uint64_t count = 0;
    for (std::uint64_t i = 1; i < half; ++i) count += chance(mean / at);
    return count;
  }
  const double limit = std::exp(-mean);
  std::uint64_t count = 0;
  for (double product = uniform(); product > limit; product *= uniform()) ++count;
  return count;
}

}  // namespace clarion::core

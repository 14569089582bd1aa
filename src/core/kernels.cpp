#include "clarion/core/kernels.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

#include "clarion/core/error.hpp"
#include "kernels/dispatch.hpp"

namespace clarion::core {

simd_level permitted_simd() {
  const char* value = std::getenv("CLARION_SIMD");
  const std::string_view level = value == nullptr ? "" : value;
  if (level.empty() || level == "avx512") return simd_level::avx512;
  if (level == "avx2") return simd_level::avx2;
  if (level == "scalar") return simd_level::scalar;
  reject("CLARION_SIMD", std::string(level), "set scalar, avx2 or avx512, or unset it");
}

}  // namespace clarion::core

namespace clarion::kernels {

std::int64_t supported_targets() {
  static const std::int64_t targets = hwy::SupportedTargets();
  return targets;
}

}  // namespace clarion::kernels

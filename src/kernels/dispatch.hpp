#pragma once

// Which of the versions that Highway compiled runs at a level. Static: a kernel's object shares no symbol with another's.

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"
#include "hwy/targets.h"

namespace clarion::kernels {

/// What Highway says of this CPU, asked once: to ask takes longer than a small fit.
std::int64_t supported_targets();

static inline std::size_t version_at(core::simd_level level) {
  std::int64_t targets = supported_targets();
#if HWY_ARCH_X86
  if (level == core::simd_level::avx2) targets &= ~(HWY_AVX2 - 1);  // better targets have lower bits
#endif
  hwy::ChosenTarget chosen;
  chosen.Update(targets);
  return chosen.GetIndex();
}

}  // namespace clarion::kernels

#include "clarion/core/detail/lines.hpp"

#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace clarion::core::detail {

void* allocate_lines(std::size_t bytes) {
  constexpr std::size_t large_page = std::size_t{1} << 21;
  const std::size_t alignment = bytes >= 4 * large_page ? large_page : 64;
  bytes = (bytes + alignment - 1) / alignment * alignment;
  void* out = std::aligned_alloc(alignment, bytes);
  if (out == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  if (alignment == large_page) madvise(out, bytes, MADV_HUGEPAGE);
#endif
  return out;
}

}  // namespace clarion::core::detail

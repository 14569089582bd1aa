// What a stranger puts into a model folder: the header of a .npy file, or model.json behind a checksum that is right. It is read
// or refused, and what was read is written and read again the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "clarion/core/error.hpp"
#include "core/model_manifest.hpp"
#include "core/npy.hpp"
#include "core/sha256.hpp"

namespace core = clarion::core::detail;

namespace {

void read_header(std::string_view text) {
  const auto header = core::read_npy_header("header", text);
  if (header.length > text.size() || header.shape.size() > core::npy_most_dimensions) std::abort();
  const auto again = core::read_npy_header("header", core::npy_header_of(header.type, header.shape));
  if (again.type != header.type || again.shape != header.shape) std::abort();
}

void read_json(std::string_view rest) {
  const auto first = core::read_manifest("json", std::string(core::manifest_start) + core::sha256_of(rest) + std::string(rest));
  if (!core::is_model_name(first.kind)) std::abort();
  for (const auto& a : first.arrays)
    if (!core::is_model_name(a.name) || *core::bytes_of(a.type, a.shape) >= a.bytes) std::abort();
  if (core::checked_metadata(first.metadata) != first.metadata) std::abort();
  const std::string written = core::write_manifest(first);
  if (core::write_manifest(core::read_manifest("json", written)) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    if (text.starts_with('\x93'))
      read_header(text);
    else
      read_json(text);
  } catch (const clarion::error&) {
    return 0;
  }
  return 0;
}

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace clarion::core::detail {

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
class sha256 {
public:
  sha256();
  void add(const void* bytes, std::size_t size);
  /// 64 hexadecimal digits, lower case; once, at the end.
  std::string digest();

private:
  struct closing {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, closing> context_;
};

std::string sha256_of(std::string_view bytes);

}  // namespace clarion::core::detail

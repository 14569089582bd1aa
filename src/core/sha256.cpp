#include "core/sha256.hpp"

#include <openssl/evp.h>

#include <array>

#include "clarion/core/error.hpp"

namespace clarion::core::detail {

namespace {

EVP_MD_CTX* context_of(void* held) { return static_cast<EVP_MD_CTX*>(held); }
void require(bool done) {
  if (!done) throw error("SHA-256 is not available in the OpenSSL of this machine");
}

}  // namespace

void sha256::closing::operator()(void* context) const { EVP_MD_CTX_free(context_of(context)); }

sha256::sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ && EVP_DigestInit_ex(context_of(context_.get()), EVP_sha256(), nullptr) == 1);
}

void sha256::add(const void* bytes, std::size_t size) { require(EVP_DigestUpdate(context_of(context_.get()), bytes, size) == 1); }

std::string sha256::digest() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(context_of(context_.get()), bytes.data(), &size) == 1);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += digits[bytes[i] >> 4];
    out += digits[bytes[i] & 15];
  }
  return out;
}

std::string sha256_of(std::string_view bytes) {
  sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return hash.digest();
}

}  // namespace clarion::core::detail

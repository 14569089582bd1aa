#include "core/npy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "clarion/core/error.hpp"

namespace clarion::core::detail {

static_assert(std::endian::native == std::endian::little, "values are mapped as they lie in the file");

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::array<std::string_view, 8> descrs{"|b1", "|u1", "<i4", "<u4", "<f4", "<i8", "<u8", "<f8"};
constexpr std::uint64_t most_bytes = std::numeric_limits<std::int64_t>::max();

// The dictionary of the header, a literal of Python of which these are all the forms that an array of ours can have.
class header_reader {
public:
  header_reader(const std::string& where, std::string_view text) : where_(where), text_(text) {}

  npy_header read() {
    npy_header out;
    bool descr = false, order = false, shape = false;
    const auto once = [&](bool& seen, const char* key) {
      if (std::exchange(seen, true)) fail(fmt::format("its header has {} twice", key));
    };
    expect('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr") {
        once(descr, "descr");
        out.type = type();
      } else if (key == "fortran_order") {
        once(order, "fortran_order");
        if (word("True")) fail("its values are in Fortran order; they must be in C order");
        if (!word("False")) fail("its header is malformed");
      } else if (key == "shape") {
        once(shape, "shape");
        out.shape = lengths();
      } else {
        fail("its header has a key besides descr, fortran_order and shape");
      }
      if (accept(',')) continue;
      expect('}');
      break;
    }
    skip();
    if (at_ + 1 != text_.size() || text_[at_] != '\n') fail("its header does not end with a line break");
    if (!descr || !order || !shape) fail("its header lacks descr, fortran_order or shape");
    return out;
  }

private:
  [[noreturn]] void fail(const std::string& why) const { throw error(where_ + ": " + why); }

  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool accept(char c) {
    skip();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail("its header is malformed");
  }
  bool word(std::string_view one) {
    skip();
    if (!text_.substr(at_).starts_with(one)) return false;
    at_ += one.size();
    return true;
  }
  std::string_view quoted() {
    skip();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fail("its header is malformed");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("its header is malformed");
    const std::string_view out = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return out;
  }
  element_type type() {
    constexpr std::string_view remedy = "; it must be one of |b1, |u1, <i4, <u4, <f4, <i8, <u8, <f8";
    skip();
    // A list describes a record.
    if (at_ < text_.size() && text_[at_] == '[') fail(fmt::format("its values are records{}", remedy));
    const std::string_view descr = quoted();
    if (descr.find('O') != std::string_view::npos) fail("its values are Python objects, which are not read");
    if (const auto found = element_type_of_descr(descr)) return *found;
    const auto plain = [](char c) { return c > ' ' && c < '\x7f'; };
    if (descr.size() > 8 || !std::ranges::all_of(descr, plain))
      fail(fmt::format("the type of its values is not known{}", remedy));
    fail(fmt::format("its values are of type {}{}", descr, remedy));
  }
  std::vector<std::uint64_t> lengths() {
    std::vector<std::uint64_t> out;
    expect('(');
    while (!accept(')')) {
      if (out.size() == npy_most_dimensions) fail(fmt::format("it has more than {} dimensions", npy_most_dimensions));
      out.push_back(length());
      const bool comma = accept(',');
      // One length in brackets without a comma is a number, not a shape.
      if (!comma && out.size() == 1) fail("its header is malformed");
      if (comma) continue;
      expect(')');
      break;
    }
    return out;
  }
  std::uint64_t length() {
    skip();
    if (at_ < text_.size() && text_[at_] == '-') fail("its shape has a negative length");
    const std::size_t begin = at_;
    std::uint64_t out = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (out > (most_bytes - digit) / 10) fail("its shape has a length of 2^63 or more");
      out = out * 10 + digit;
    }
    if (at_ == begin || (text_[begin] == '0' && at_ - begin > 1)) fail("its header is malformed");
    return out;
  }

  const std::string& where_;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string_view descr_of(element_type type) { return descrs[static_cast<std::size_t>(type)]; }

std::optional<element_type> element_type_of_descr(std::string_view descr) {
  for (std::size_t i = 0; i < descrs.size(); ++i)
    if (descrs[i] == descr) return static_cast<element_type>(i);
  return std::nullopt;
}

std::optional<std::uint64_t> bytes_of(element_type type, const std::vector<std::uint64_t>& shape) {
  std::uint64_t out = size_of(type);
  bool none = false;
  for (const std::uint64_t n : shape) {
    if (n == 0) {
      none = true;
    } else {
      if (n > most_bytes / out) return std::nullopt;
      out *= n;
    }
  }
  return none ? 0 : out;
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  return shape.size() == 1 ? fmt::format("({},)", shape[0]) : fmt::format("({})", fmt::join(shape, ", "));
}

std::string npy_header_of(element_type type, const std::vector<std::uint64_t>& shape) {
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr_of(type), shape_text(shape));
  constexpr std::size_t before = 10;
  text.append(63 - (before + text.size()) % 64, ' ');
  text += '\n';
  std::string out(magic);
  out += {'\x01', '\x00', static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return out + text;
}

npy_header read_npy_header(const std::string& where, std::string_view start) {
  const auto fail = [&](const std::string& why) { throw error(where + ": " + why); };
  if (!start.starts_with(magic)) fail("it is not a .npy file");
  if (start.size() < 12) fail("it is cut short within its header");
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(start[i])}; };
  const std::uint32_t major = byte(6), minor = byte(7);
  if ((major != 1 && major != 2) || minor != 0)
    fail(fmt::format("it is in version {}.{} of the format; versions 1.0 and 2.0 are read", major, minor));
  const std::size_t before = major == 1 ? 10 : 12;
  std::uint64_t length = byte(8) | byte(9) << 8;
  if (major == 2) length |= byte(10) << 16 | std::uint64_t{byte(11)} << 24;
  if (before + length > npy_longest_header)
    fail(fmt::format("its header of {} bytes is longer than {}", before + length, npy_longest_header));
  if (before + length > start.size()) fail("it is cut short within its header");
  // numpy has ended headers at multiples of 64 bytes since 1.14, and of 16 before.
  if ((before + length) % 16 != 0) fail(fmt::format("its values begin at byte {}, no multiple of 16", before + length));
  npy_header out = header_reader(where, start.substr(before, length)).read();
  out.length = before + length;
  return out;
}

}  // namespace clarion::core::detail

#include "clarion/core/columns.hpp"

#include <utility>

namespace clarion::core {

void text_column::push_back(std::string_view text) {
  bytes_.append(text);
  offsets_.push_back(bytes_.size());
}

void text_column::reserve(std::size_t rows, std::size_t bytes) {
  offsets_.reserve(rows + 1);
  bytes_.reserve(bytes);
}

text_column text_column::take(std::span<const std::uint64_t> rows) const {
  text_column out;
  std::size_t bytes = 0;
  for (const auto row : rows) bytes += (*this)[row].size();
  out.reserve(rows.size(), bytes);
  for (const auto row : rows) out.push_back((*this)[row]);
  return out;
}

text_column text_column::adopt(std::string bytes, std::vector<std::uint64_t> offsets) {
  text_column out;
  out.bytes_ = std::move(bytes);
  out.offsets_ = std::move(offsets);
  return out;
}

std::uint32_t dictionary::intern(std::string_view text) {
  if (const auto found = codes_.find(text); found != codes_.end()) return found->second;
  const auto code = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(text);
  codes_.emplace(names_.back(), code);
  return code;
}

std::optional<std::uint32_t> dictionary::find(std::string_view text) const {
  const auto found = codes_.find(text);
  if (found == codes_.end()) return std::nullopt;
  return found->second;
}

namespace {

/// Moves codes of one dictionary to another, which gets the texts that are met and no others.
class recoder {
public:
  recoder(const dictionary& from, dictionary& to) : from_(from), to_(to), code_(from.size(), category_column::none) {}
  std::uint32_t operator()(std::uint32_t code) {
    if (code_[code] == category_column::none) code_[code] = to_.intern(from_[code]);
    return code_[code];
  }

private:
  const dictionary& from_;
  dictionary& to_;
  std::vector<std::uint32_t> code_;
};

}  // namespace

category_column category_column::take(std::span<const std::uint64_t> rows) const {
  category_column out;
  recoder recode(values, out.values);
  out.codes.reserve(rows.size());
  for (const auto row : rows) out.codes.push_back(codes[row] == none ? none : recode(codes[row]));
  return out;
}

std::vector<std::string> list_column::texts(std::size_t row) const {
  std::vector<std::string> out;
  for (const auto code : (*this)[row]) out.push_back(values[code]);
  return out;
}

void list_column::push_back(std::span<const std::string> texts) {
  for (const auto& text : texts) codes.push_back(values.intern(text));
  offsets.push_back(codes.size());
}

list_column list_column::take(std::span<const std::uint64_t> rows) const {
  list_column out;
  recoder recode(values, out.values);
  for (const auto row : rows) {
    for (const auto code : (*this)[row]) out.codes.push_back(recode(code));
    out.offsets.push_back(out.codes.size());
  }
  return out;
}

}  // namespace clarion::core

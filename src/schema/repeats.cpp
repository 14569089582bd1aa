#include "schema/repeats.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "schema/hash.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

namespace {

struct keyed {
  std::uint64_t hash;
  std::uint32_t row;
};

// Rows cut by the top bits of their hashes, in the order of the rows: each bucket can be worked on alone, for any number of
// threads.
std::vector<std::vector<keyed>> bucketed(std::size_t rows, const run_options& run, const auto& hash_row) {
  constexpr unsigned bits = 6;
  const std::size_t blocks = (rows + block_rows - 1) / block_rows;
  std::vector<std::vector<std::vector<keyed>>> parts(blocks);
  core::parallel_blocks(blocks, run, [&](std::size_t block) {
    auto& mine = parts[block];
    mine.resize(1u << bits);
    for (auto& part : mine) part.reserve(block_rows >> (bits - 1));
    for (std::size_t row = block * block_rows; row < std::min(rows, (block + 1) * block_rows); ++row)
      if (const auto hash = hash_row(row)) mine[*hash >> (64 - bits)].push_back({*hash, static_cast<std::uint32_t>(row)});
  });
  std::vector<std::vector<keyed>> out(1u << bits);
  core::parallel_blocks(out.size(), run, [&](std::size_t bucket) {
    std::size_t total = 0;
    for (const auto& part : parts) total += part[bucket].size();
    out[bucket].reserve(total);
    for (const auto& part : parts) out[bucket].insert(out[bucket].end(), part[bucket].begin(), part[bucket].end());
  });
  return out;
}

}  // namespace

std::uint64_t base_name_hash(std::string_view name) {
  std::array<std::string_view, 24> words;
  std::size_t count = 0;
  const auto is_part = [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
  };
  for (std::size_t i = 0; i < name.size();) {
    while (i < name.size() && !is_part(name[i])) ++i;
    const std::size_t begin = i;
    while (i < name.size() && is_part(name[i])) ++i;
    if (i > begin) {
      if (count == words.size()) return hash_of(lower(name));
      words[count++] = name.substr(begin, i - begin);
    }
  }
  const auto counts_runs = [](std::string_view word) {
    const std::size_t digits_from = lower(word.front()) == 'v' && word.size() > 1 ? 1 : 0;
    if (std::all_of(word.begin() + static_cast<std::ptrdiff_t>(digits_from), word.end(), is_digit)) return true;
    for (const auto* other :
         {"rerun", "run", "re", "repeat", "again", "copy", "part", "wave", "phase", "round", "ii", "iii", "iv"})
      if (equal_ignoring_case(word, other)) return true;
    return false;
  };
  std::size_t kept = count;
  while (kept > 0 && counts_runs(words[kept - 1])) --kept;
  if (kept == 0) kept = count;
  std::uint64_t hash = 0;
  std::array<char, 64> buffer{};
  for (std::size_t w = 0; w < kept; ++w) {
    const auto word = words[w];
    for (std::size_t from = 0; from < word.size(); from += buffer.size()) {
      const std::size_t n = std::min(buffer.size(), word.size() - from);
      for (std::size_t i = 0; i < n; ++i) buffer[i] = lower(word[from + i]);
      hash = hash_of({buffer.data(), n}, hash + (from == 0 ? 1 : 2));
    }
  }
  return hash;
}

std::vector<std::uint32_t> earlier_rows(const check_context& context, const run_options& run) {
  const auto& ids = context.campaigns.id;
  std::vector<std::uint32_t> out(ids.size(), nobody);
  const auto buckets = bucketed(ids.size(), run, [&](std::size_t row) -> std::optional<std::uint64_t> {
    const auto id = ids[row];
    if (id.empty()) return std::nullopt;
    return hash_of(id);
  });
  core::parallel_blocks(buckets.size(), run, [&](std::size_t bucket) {
    const auto& rows = buckets[bucket];
    const std::size_t slots = std::bit_ceil(rows.size() * 2 + 1);
    std::vector<std::uint32_t> first(slots, nobody);
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
      std::size_t slot = rows[i].hash & (slots - 1);
      for (;; slot = (slot + 1) & (slots - 1)) {
        if (first[slot] == nobody) {
          first[slot] = i;
          break;
        }
        const auto& other = rows[first[slot]];
        if (other.hash == rows[i].hash && ids[other.row] == ids[rows[i].row]) {
          out[rows[i].row] = other.row;
          break;
        }
      }
    }
  });
  return out;
}

std::vector<std::uint32_t> earlier_runs(const check_context& context, const std::vector<std::uint32_t>& duplicate,
                                        const run_options& run) {
  const auto& p = context.campaigns;
  std::vector<std::uint32_t> out(p.size(), nobody);
  auto buckets = bucketed(p.size(), run, [&](std::size_t row) -> std::optional<std::uint64_t> {
    const auto name = p.name[row];
    if (name.empty() || duplicate[row] != nobody || !dates_known(context, row) || p.status[row] == status::cancelled ||
        p.end[row] < p.start[row])
      return std::nullopt;
    return mix(base_name_hash(name) ^ (std::uint64_t{p.channel.codes[row]} << 1));
  });
  core::parallel_blocks(buckets.size(), run, [&](std::size_t bucket) {
    auto& rows = buckets[bucket];
    std::sort(rows.begin(), rows.end(), [&](const keyed& a, const keyed& b) {
      if (a.hash != b.hash) return a.hash < b.hash;
      if (p.start[a.row] != p.start[b.row]) return p.start[a.row] < p.start[b.row];
      return a.row < b.row;
    });
    std::uint32_t lasting = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = rows[i].row;
      if (i > 0 && rows[i - 1].hash == rows[i].hash) {
        if (p.start[row] <= p.end[lasting]) out[row] = lasting;
        if (p.end[row] > p.end[lasting]) lasting = row;
      } else {
        lasting = row;
      }
    }
  });
  return out;
}
}  // namespace clarion::schema::detail

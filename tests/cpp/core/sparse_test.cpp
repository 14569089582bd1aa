#include "clarion/core/sparse.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include "clarion/core/random.hpp"

using namespace clarion;

namespace {

core::sparse_rows random_rows(std::size_t rows, std::size_t columns, double density, std::uint64_t seed, bool weighted) {
  core::random_stream random(seed);
  core::sparse_rows out{rows, columns, {0}, {}, {}};
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::uint32_t c = 0; c < columns; ++c)
      if (random.chance(density)) {
        out.index.push_back(c);
        if (weighted) out.value.push_back(static_cast<float>(random.normal()));
      }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

std::map<std::pair<std::size_t, std::size_t>, float> entries(const core::sparse_view& m, bool turned) {
  std::map<std::pair<std::size_t, std::size_t>, float> out;
  for (std::size_t r = 0; r < m.rows; ++r)
    for (std::size_t i = 0; i < m.length(r); ++i) {
      const float v = m.value == nullptr ? 1.0f : m.values(r)[i];
      out[turned ? std::pair<std::size_t, std::size_t>{m.indices(r)[i], r}
                 : std::pair<std::size_t, std::size_t>{r, m.indices(r)[i]}] = v;
    }
  return out;
}

}  // namespace

TEST_CASE("a transposed matrix has the same entries, by column, in order") {
  for (const bool weighted : {false, true})
    for (const auto& [rows, columns, density] :
         {std::tuple{0, 0, 0.0}, {1, 1, 1.0}, {7, 3, 0.0}, {50, 20, 0.3}, {3000, 900, 0.3}}) {
      const auto m = random_rows(static_cast<std::size_t>(rows), static_cast<std::size_t>(columns), density, 3, weighted);
      const auto t = core::transposed(m, {.threads = 1});
      CHECK(t.rows == m.columns);
      CHECK(t.columns == m.rows);
      core::check_sparse("t", t);
      CHECK(entries(t, true) == entries(m, false));
      const auto again = core::transposed(m, {.threads = 4});
      CHECK(again.offsets == t.offsets);
      CHECK(again.index == t.index);
      CHECK(again.value == t.value);
    }
}

TEST_CASE("a part of a matrix is a matrix") {
  const auto m = random_rows(60, 20, 0.3, 5, true);
  const core::sparse_view part{10, 20, m.offsets.data() + 20, m.index.data(), m.value.data()};
  const auto t = core::transposed(part);
  CHECK(t.offsets.back() == part.size());
  CHECK(entries(t, true) == entries(part, false));
}

TEST_CASE("what is no sparse matrix is refused, and the place is named") {
  const auto message = [](core::sparse_rows m) {
    try {
      core::check_sparse("interactions", m);
    } catch (const std::invalid_argument& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(message({2, 3, {0, 2, 3}, {0, 2, 1}, {}}).empty());
  CHECK(message({2, 3, {0, 2, 3}, {0, 3, 1}, {}}).find("column 3 in row 0") != std::string::npos);
  CHECK(message({2, 3, {0, 2, 3}, {1, 1, 1}, {}}).find("column 1 after 1 in row 0") != std::string::npos);
  CHECK(message({2, 3, {0, 2, 1}, {0, 1, 1}, {}}).find("offset that falls after row 1") != std::string::npos);
  CHECK(message({1, 3, {0, 1}, {0}, {std::numeric_limits<float>::quiet_NaN()}}).find("nan in row 0") != std::string::npos);
}

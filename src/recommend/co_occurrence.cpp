#include "recommend/co_occurrence.hpp"

#include "recommend/fit_memory.hpp"

namespace clarion::recommend {

std::vector<std::size_t> product_blocks(const core::sparse_view& left, const core::sparse_view& right, double least) {
  constexpr double row_work = 64;    // of a row that shares nothing
  constexpr double most_work = 3e7;  // a block is done before a stop is noticed
  std::vector<double> work(left.rows, row_work);
  double all = 0;
  for (std::size_t row = 0; row < left.rows; ++row) {
    for (const auto column : left.indices(row)) work[row] += static_cast<double>(right.length(column));
    all += work[row];
  }
  std::vector<std::size_t> edge{0};
  double here = 0;
  for (std::size_t row = 0; row < left.rows; ++row) {
    here += work[row];
    if (here < std::min(all / least, most_work) && row + 1 < left.rows) continue;
    edge.push_back(row + 1);
    here = 0;
  }
  return edge;
}

core::sparse_rows joined(std::vector<row_block>& blocks, std::size_t columns) {
  core::sparse_rows out;
  out.columns = columns;
  std::size_t rows = 0;
  std::uint64_t entries = 0;
  for (const auto& block : blocks) {
    rows += block.length.size();
    entries += block.index.size();
  }
  out.rows = rows;
  out.offsets.reserve(rows + 1);
  out.index.reserve(entries);
  out.value.reserve(entries);
  for (auto& block : blocks) {
    for (const auto length : block.length) out.offsets.push_back(out.offsets.back() + length);
    out.index.insert(out.index.end(), block.index.begin(), block.index.end());
    out.value.insert(out.value.end(), block.value.begin(), block.value.end());
    block = {};  // no two copies of all
  }
  return out;
}

double nearest_memory(double rows, double others, double k, const run_options& run) {
  return 16 * rows * std::min(k, others) + 80 * (rows + others) + most_threads(run) * row_product<shared_sum>::bytes(others);
}

}  // namespace clarion::recommend

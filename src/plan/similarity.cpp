#include "clarion/plan/similarity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_map>

#include "clarion/core/columns.hpp"
#include "clarion/core/error.hpp"
#include "clarion/plan/outcome.hpp"

namespace clarion::plan {

namespace {

constexpr double year = 365.2425;

// Names of both portfolios under one code each.
using codes = core::dictionary;

std::vector<std::uint32_t> common(codes& names, const core::dictionary& own) {
  std::vector<std::uint32_t> out;
  for (const auto& name : own.names()) out.push_back(names.intern(name));
  return out;
}

// Sorted codes without repeats, end to end.
struct sets {
  std::vector<std::uint32_t> codes;
  std::vector<std::uint64_t> offsets{0};

  std::span<const std::uint32_t> operator[](std::size_t row) const {
    return std::span(codes).subspan(offsets[row], offsets[row + 1] - offsets[row]);
  }
};

sets to_sets(const core::list_column& lists, const std::vector<std::uint32_t>& code_of) {
  sets out;
  std::vector<std::uint32_t> own;
  for (std::size_t row = 0; row < lists.size(); ++row) {
    own.clear();
    for (const auto code : lists[row]) own.push_back(code_of[code]);
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    out.codes.insert(out.codes.end(), own.begin(), own.end());
    out.offsets.push_back(out.codes.size());
  }
  return out;
}

struct features {
  std::vector<std::uint32_t> channel;
  sets audience, category;
  std::vector<double> day;     // of the year
  std::vector<double> budget;  // NaN where there is none
};

features look(const schema::portfolio& of, const schema::catalog* catalog, bool spent, codes& channels, codes& audiences,
              codes& categories) {
  features out;
  const auto channel_code = common(channels, of.channel.values);
  for (const auto code : of.channel.codes)
    out.channel.push_back(code == core::category_column::none ? core::category_column::none : channel_code[code]);
  out.audience = to_sets(of.audience, common(audiences, of.audience.values));
  std::vector<std::uint32_t> category_code;
  for (const auto& entry : of.products.values.names())
    category_code.push_back(categories.intern(catalog ? catalog->category_of(entry) : entry));
  out.category = to_sets(of.products, category_code);
  for (std::size_t row = 0; row < of.size(); ++row) {
    const double middle = 0.5 * (core::day_number(of.start[row]) + static_cast<double>(core::day_number(of.end[row])));
    out.day.push_back(middle - year * std::floor(middle / year));
    const double money = spent && of.spend[row] > 0 ? of.spend[row] : of.budget[row];
    out.budget.push_back(money > 0 && std::isfinite(money) ? money : schema::missing);
  }
  return out;
}

double jaccard(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  if (a.empty() || b.empty()) return schema::missing;
  std::size_t i = 0, j = 0, shared = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i] == b[j]) {
      ++shared, ++i, ++j;
    } else if (a[i] < b[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return static_cast<double>(shared) / static_cast<double>(a.size() + b.size() - shared);
}

}  // namespace

neighbour_lists most_similar(const schema::portfolio& planned, const schema::portfolio& history, const schema::catalog* catalog,
                             const similarity_options& options, const run_options& run) {
  core::check_options(options);
  const std::array<double, 6> weight = {options.channel,  options.objective, options.audience,
                                        options.category, options.season,    options.budget};
  if (std::all_of(weight.begin(), weight.end(), [](double w) { return w == 0; }))
    reject("channel", "0, like every other weight", "give at least one part a weight above 0");

  codes channels, audiences, categories;
  const features mine = look(planned, catalog, false, channels, audiences, categories);
  const features theirs = look(history, catalog, true, channels, audiences, categories);
  std::vector<std::uint32_t> finished;
  for (std::size_t row = 0; row < history.size(); ++row)
    if (is_finished(history, row)) finished.push_back(static_cast<std::uint32_t>(row));

  // A campaign may stand in history under its own id; comparing codes is cheaper than comparing texts in the loop.
  std::unordered_map<std::string_view, std::uint32_t> id_code;
  std::vector<std::uint32_t> my_id, their_id;
  const auto code_ids = [&](const core::text_column& ids, std::vector<std::uint32_t>& out) {
    for (std::size_t row = 0; row < ids.size(); ++row)
      out.push_back(id_code.try_emplace(ids[row], static_cast<std::uint32_t>(id_code.size())).first->second);
  };
  code_ids(planned.id, my_id);
  code_ids(history.id, their_id);

  struct weighted {
    double sum = 0, total = 0;

    void add(double part, double w) {
      const bool told = part == part;
      sum += told ? w * part : 0;
      total += told ? w : 0;
    }
    double mean() const { return total > 0 ? sum / total : 0; }
  };
  // Equality takes a few operations, season and budget some, the sets most: whoever cannot reach the best so far is left early.
  const auto add_equal = [&](std::size_t i, std::size_t h, std::array<double, 6>& parts, weighted& out) {
    const bool channel = mine.channel[i] != core::category_column::none && theirs.channel[h] != core::category_column::none;
    parts[0] = channel ? static_cast<double>(mine.channel[i] == theirs.channel[h]) : schema::missing;
    const bool aim =
        planned.objective[i] != schema::objective::unspecified && history.objective[h] != schema::objective::unspecified;
    parts[1] = aim ? static_cast<double>(planned.objective[i] == history.objective[h]) : schema::missing;
    out.add(parts[0], weight[0]);
    out.add(parts[1], weight[1]);
  };
  const auto add_near = [&](std::size_t i, std::size_t h, std::array<double, 6>& parts, weighted& out) {
    const double apart = std::abs(mine.day[i] - theirs.day[h]);
    parts[4] = 1 - std::min(apart, year - apart) / (year / 2);
    const double a = mine.budget[i], b = theirs.budget[h];
    parts[5] = a < b ? a / b : b / a;
    out.add(parts[4], weight[4]);
    out.add(parts[5], weight[5]);
  };
  const auto add_sets = [&](std::size_t i, std::size_t h, std::array<double, 6>& parts, weighted& out) {
    parts[2] = jaccard(mine.audience[i], theirs.audience[h]);
    parts[3] = jaccard(mine.category[i], theirs.category[h]);
    out.add(parts[2], weight[2]);
    out.add(parts[3], weight[3]);
  };
  const double of_sets = weight[2] + weight[3], of_rest = of_sets + weight[4] + weight[5];

  const std::size_t k = std::min<std::size_t>(options.neighbours, finished.size());
  std::vector<std::vector<similar>> best(planned.size());
  constexpr std::size_t block_rows = 16;
  core::parallel_blocks((planned.size() + block_rows - 1) / block_rows, run, [&](std::size_t block) {
    std::vector<std::pair<double, std::uint32_t>> found;  // the k best so far as a heap with the worst on top
    std::array<double, 6> parts{};
    const std::size_t last = std::min(planned.size(), (block + 1) * block_rows);
    for (std::size_t i = block * block_rows; i < last; ++i) {
      found.clear();
      for (const auto h : finished) {
        if (my_id[i] == their_id[h]) continue;
        weighted mean;
        // A mean gains most by parts of 1.
        const auto reaches = [&](double left) {
          return found.size() < k || (mean.sum + left) >= (-found.front().first - 1e-12) * (mean.total + left);
        };
        add_equal(i, h, parts, mean);
        if (!reaches(of_rest)) continue;
        add_near(i, h, parts, mean);
        if (!reaches(of_sets)) continue;
        add_sets(i, h, parts, mean);
        const std::pair<double, std::uint32_t> candidate{-mean.mean(), h};
        if (found.size() == k && !(candidate < found.front())) continue;
        if (found.size() == k) {
          std::pop_heap(found.begin(), found.end());
          found.pop_back();
        }
        found.push_back(candidate);
        std::push_heap(found.begin(), found.end());
      }
      std::sort_heap(found.begin(), found.end());
      for (auto it = found.begin(); it != found.end(); ++it) {
        similar s{it->second, -it->first, {}};
        weighted mean;
        add_equal(i, s.row, s.parts, mean);
        add_near(i, s.row, s.parts, mean);
        add_sets(i, s.row, s.parts, mean);
        best[i].push_back(s);
      }
    }
  });
  neighbour_lists out;
  for (const auto& of : best) {
    out.rows.insert(out.rows.end(), of.begin(), of.end());
    out.offsets.push_back(out.rows.size());
  }
  return out;
}

}  // namespace clarion::plan

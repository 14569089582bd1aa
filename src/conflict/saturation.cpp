#include "clarion/conflict/saturation.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "clarion/core/detail/scratch_pool.hpp"
#include "conflict/saturation_findings.hpp"

namespace clarion::conflict {

namespace {

template <class Visit>
void each_member(const schema::audience_container& container, std::size_t words, Visit&& visit) {
  if (!container.is_bitmap()) {
    const auto* list = container.list();
    for (std::uint32_t i = 0; i < container.count(); ++i) visit(std::uint32_t{list[i]});
    return;
  }
  const auto* bits = container.bits();
  for (std::size_t w = 0; w < words; ++w)
    for (auto word = bits[w]; word != 0; word &= word - 1)
      visit(static_cast<std::uint32_t>(w * 64 + static_cast<std::size_t>(std::countr_zero(word))));
}

const schema::audience_container* container_of(std::span<const schema::audience_container> chunk, std::uint32_t audience) {
  const auto at = std::lower_bound(chunk.begin(), chunk.end(), audience,
                                   [](const schema::audience_container& c, std::uint32_t a) { return c.campaign() < a; });
  return at != chunk.end() && at->campaign() == audience ? &*at : nullptr;
}

/// `contacts` holds a zero for each customer of a chunk, before and after.
tally count_in_chunk(const saturation_input& input, const contact_count& what, std::size_t chunk, double* contacts) {
  tally out;
  const auto containers = input.audiences->chunk(chunk);
  const std::size_t words = input.audiences->chunk_words(chunk);
  const double most = what.capacity + rounding;
  const auto each_contact = [&](auto&& visit) {
    for (const auto& [campaign, load] : what.running)
      if (const auto* members = container_of(containers, input.audience_of[campaign]))
        each_member(*members, words, [&, load = load](std::uint32_t customer) { visit(contacts[customer], load); });
  };
  each_contact([](double& sum, double load) { sum += load; });
  // Through the members again rather than all of the chunk: most weeks reach few of it. A customer counts once, then is 0.
  each_contact([&](double& sum, double) {
    if (sum <= 0) return;
    ++out.customers;
    out.over += sum > most;
    out.peak = std::max(out.peak, sum);
    sum = 0;
  });
  return out;
}

class counter {
public:
  counter(const saturation_input& input, const run_options& run) : in_(input), run_(run) {}

  saturation_result count() {
    out_.segments = in_.declared.segments;
    out_.segments.push_back("(everyone)");
    load_segments();
    load_channels();
    follow_reach();
    return std::move(out_);
  }

private:
  void load_segments() {
    const auto everyone = static_cast<std::uint32_t>(in_.declared.segments.size());
    for (std::uint32_t k = 0; k < in_.running.size(); ++k)
      for (const auto& [week, campaigns] : in_.running[k]) {
        std::map<std::uint32_t, double> loads;
        double to_all = 0;
        for (const auto& [c, value] : campaigns) {
          if (in_.declared.everyone[c] != 0)
            to_all += value;
          else
            for (const auto segment : in_.declared[c]) loads[segment] += value;
        }
        if (to_all > 0) loads[everyone] = 0;
        for (const auto& [segment, value] : loads) {
          auto& rows = out_.segment_loads;
          rows.channel.push_back(k);
          rows.segment.push_back(segment);
          rows.week.push_back(week);
          rows.load.push_back(value + to_all);
          rows.capacity.push_back(in_.load.capacity[k]);
        }
      }
  }

  void load_channels() {
    auto& rows = out_.channels;
    // Weeks of a channel with the same campaigns at the same loads are counted once.
    std::map<std::pair<std::uint32_t, std::vector<active>>, std::size_t> job_of;
    std::vector<contact_count> jobs;
    std::vector<std::pair<std::size_t, std::size_t>> to_count;  // row, job
    std::size_t segment_row = 0;
    for (std::uint32_t k = 0; k < in_.running.size(); ++k)
      for (const auto& [week, campaigns] : in_.running[k]) {
        const double capacity = in_.load.capacity[k];
        double spend = 0, busiest = 0;
        std::vector<active> known;
        for (const auto& a : campaigns) {
          if (in_.budget[a.campaign] > 0) spend += in_.load.spend_of(a.campaign)[week - in_.load.first_week[a.campaign]];
          if (in_.exact(a.campaign)) known.push_back(a);
          busiest = std::max(busiest, a.load);  // of whom nothing is declared, perhaps
        }
        for (; segment_row < out_.segment_loads.size() && out_.segment_loads.channel[segment_row] == k &&
               out_.segment_loads.week[segment_row] == week;
             ++segment_row)
          busiest = std::max(busiest, out_.segment_loads.load[segment_row]);

        rows.channel.push_back(k);
        rows.week.push_back(week);
        rows.capacity.push_back(capacity);
        rows.spend.push_back(spend);
        rows.estimated.push_back(known.size() == campaigns.size() ? 0 : 1);
        rows.load.push_back(busiest);
        rows.peak.push_back(busiest);
        rows.customers.push_back(schema::missing);
        rows.over.push_back(schema::missing);
        rows.saturated.push_back(busiest > capacity + rounding ? 1 : 0);
        if (known.empty()) continue;
        const auto [job, fresh] = job_of.try_emplace(std::pair(k, std::move(known)), jobs.size());
        if (fresh) jobs.push_back({job->first.second, capacity});
        to_count.emplace_back(rows.size() - 1, job->second);
      }

    const auto tallies = count_contacts(in_, jobs, part_of(run_, 0, 0.7));
    for (const auto& [row, job] : to_count) {
      const tally& t = tallies[job];
      const auto customers = static_cast<double>(t.customers), over = static_cast<double>(t.over);
      const bool full = !std::isnan(rows.capacity[row]) && over > in_.options.over_share * customers;
      // Those with members may fill the channel by themselves, whoever comes on top.
      if (rows.estimated[row] != 0 && !full) continue;
      double contacts = 0;
      for (const auto& [c, value] : jobs[job].running)
        contacts += value * static_cast<double>(in_.audiences->count(in_.audience_of[c]));
      rows.estimated[row] = 0;
      rows.load[row] = customers > 0 ? contacts / customers : 0;
      rows.peak[row] = t.peak;
      rows.customers[row] = customers;
      if (!std::isnan(rows.capacity[row])) rows.over[row] = over;
      rows.saturated[row] = full ? 1 : 0;
    }
  }

  /// Campaigns of a channel that start in one quarter, in start order.
  struct quarter {
    std::vector<std::uint32_t> campaigns;  ///< with members
    std::vector<std::size_t> rows;         ///< of theirs
    std::vector<std::uint64_t> fresh;
  };

  void follow_reach() {
    std::map<std::pair<std::uint32_t, std::int32_t>, std::vector<std::uint32_t>> groups;
    for (std::uint32_t c = 0; c < in_.load.size(); ++c)
      if (in_.load.channel[c] != weekly_load::no_channel && counts(in_.portfolio, c) && (in_.exact(c) || in_.declared.known(c)))
        groups[{in_.load.channel[c], core::quarter_number(in_.portfolio.start[c])}].push_back(c);
    std::vector<quarter> quarters;
    for (auto& [at, campaigns] : groups) {
      std::stable_sort(campaigns.begin(), campaigns.end(),
                       [&](std::uint32_t x, std::uint32_t y) { return in_.portfolio.start[x] < in_.portfolio.start[y]; });
      auto& counted = quarters.emplace_back();
      segment_reach so_far{.seen = std::vector<std::uint8_t>(in_.declared.segments.size(), 0)};
      std::uint32_t order = 0;
      for (const auto c : campaigns) {
        auto& rows = out_.reach;
        if (in_.exact(c)) {
          counted.campaigns.push_back(c);
          counted.rows.push_back(rows.size());
        }
        const auto [audience, fresh] = add_segments(c, so_far);
        rows.campaign.push_back(c);
        rows.channel.push_back(at.first);
        rows.quarter.push_back(at.second);
        rows.order.push_back(++order);
        rows.estimated.push_back(in_.exact(c) ? 0 : 1);
        rows.audience.push_back(audience);
        rows.new_reach.push_back(fresh);
        rows.reached.push_back(so_far.reached);
        rows.new_share.push_back(audience > 0 ? fresh / audience : 0);
      }
    }
    count_reach(quarters);
  }

  struct segment_reach {
    std::vector<std::uint8_t> seen;
    double reached = 0;
    bool all = false;
  };

  /// Segments of the campaign, and how many of them no earlier one named.
  std::pair<double, double> add_segments(std::uint32_t c, segment_reach& so_far) const {
    double audience = 0, fresh = 0;
    if (in_.declared.everyone[c] != 0) {
      audience = std::max<double>(1, static_cast<double>(in_.declared.segments.size()));
      fresh = so_far.all ? 0 : audience - so_far.reached;
      so_far.all = true;
    } else {
      for (const auto segment : in_.declared[c]) {
        ++audience;
        fresh += !so_far.all && so_far.seen[segment] == 0;
        so_far.seen[segment] = 1;
      }
    }
    so_far.reached += fresh;
    return {audience, fresh};
  }

  /// Running unions of the members, chunk by chunk; they replace the segments of those campaigns.
  void count_reach(std::vector<quarter>& quarters) {
    std::erase_if(quarters, [](const quarter& q) { return q.campaigns.empty(); });
    if (quarters.empty()) return;
    for (auto& q : quarters) q.fresh.assign(q.campaigns.size(), 0);
    std::mutex lock;
    const std::size_t chunks = in_.audiences->n_chunks();
    core::parallel_blocks(quarters.size() * chunks, part_of(run_, 0.7, 0.9), [&](std::size_t block) {
      quarter& q = quarters[block / chunks];
      const auto containers = in_.audiences->chunk(block % chunks);
      const std::size_t words = in_.audiences->chunk_words(block % chunks);
      std::vector<std::uint64_t> fresh(q.campaigns.size(), 0), seen(words);
      for (std::size_t i = 0; i < q.campaigns.size(); ++i)
        if (const auto* members = container_of(containers, in_.audience_of[q.campaigns[i]]))
          each_member(*members, words, [&](std::uint32_t customer) {
            const std::uint64_t bit = std::uint64_t{1} << (customer & 63);
            fresh[i] += (seen[customer >> 6] & bit) == 0;
            seen[customer >> 6] |= bit;
          });
      const std::scoped_lock hold(lock);
      for (std::size_t i = 0; i < fresh.size(); ++i) q.fresh[i] += fresh[i];
    });
    for (const auto& q : quarters) {
      double reached = 0;
      for (std::size_t i = 0; i < q.campaigns.size(); ++i) {
        const auto audience = static_cast<double>(in_.audiences->count(in_.audience_of[q.campaigns[i]]));
        const auto added = static_cast<double>(q.fresh[i]);
        const auto row = q.rows[i];
        reached += added;
        out_.reach.audience[row] = audience;
        out_.reach.new_reach[row] = added;
        out_.reach.new_share[row] = audience > 0 ? added / audience : 0;
        out_.reach.reached[row] = reached;
      }
    }
  }

  const saturation_input& in_;
  const run_options& run_;
  saturation_result out_;
};

}  // namespace

std::vector<tally> count_contacts(const saturation_input& input, std::span<const contact_count> counts, const run_options& run) {
  std::vector<tally> out(counts.size());
  if (counts.empty()) return out;
  const std::size_t chunks = input.audiences->n_chunks();
  core::detail::scratch_pool<std::vector<double>> pool;
  std::mutex lock;
  core::parallel_blocks(counts.size() * chunks, run, [&](std::size_t block) {
    auto contacts = pool.take();
    contacts->resize(schema::audiences::chunk_size);
    const tally here = count_in_chunk(input, counts[block / chunks], block % chunks, contacts->data());
    pool.give(std::move(contacts));
    const std::scoped_lock hold(lock);
    tally& sum = out[block / chunks];
    sum.customers += here.customers;
    sum.over += here.over;
    sum.peak = std::max(sum.peak, here.peak);
  });
  return out;
}

saturation_result saturation(const schema::portfolio& portfolio, const schema::audiences* audiences, const weekly_load& load,
                             const saturation_options& options, const run_options& run) {
  core::check_options(options);
  if (load.size() != portfolio.size())
    reject("load", std::to_string(load.size()) + " campaigns",
           "give the load of the same " + std::to_string(portfolio.size()) + " campaigns");
  saturation_input input{.portfolio = portfolio,
                         .audiences = audiences,
                         .load = load,
                         .options = options,
                         .declared = declare_audiences(portfolio),
                         .audience_of = audiences != nullptr ? audience_rows(portfolio, *audiences)
                                                             : std::vector<std::uint32_t>(portfolio.size(), no_audience),
                         .budget = portfolio.budgets_in(portfolio.main_currency()),
                         .running = {}};
  input.running.resize(load.channels.size());
  for (std::uint32_t c = 0; c < load.size(); ++c) {
    if (load.channel[c] == weekly_load::no_channel) continue;
    const auto values = load.load_of(c);
    for (std::uint32_t i = 0; i < values.size(); ++i)
      if (values[i] > 0) input.running[load.channel[c]][load.first_week[c] + i].push_back({c, values[i]});
  }
  auto out = counter(input, run).count();
  out.findings = judge_saturation(input, out, part_of(run, 0.9, 1));
  return out;
}

}  // namespace clarion::conflict

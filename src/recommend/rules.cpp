#include "clarion/recommend/rules.hpp"

#include <algorithm>
#include <array>

#include "schema/find_rule.hpp"

namespace clarion::recommend {

namespace {

using schema::rule;
using enum schema::severity;

constexpr std::array all{
    rule{"R001", "Nothing to learn from", error,
         "There is not one interaction: no row was there, or all of them were set aside or filtered out.",
         "Look at the report of the rows, which says what was set aside and why, and at the minimum counts."},
    rule{"R002", "Too few interactions to compare users", warning,
         "There are fewer interactions than min_interactions. Two users then share so few items that how alike they look is "
         "mostly "
         "chance, and so is what is recommended from it.",
         "Recommend what is popular, or by what items are, until there is more; take in weaker signs such as views."},
    rule{"R003", "Items hardly occur together", warning,
         "Half of the items have fewer than min_co_occurrences co-occurrences: pairs of a user of the item and another item of "
         "that "
         "user. Similarities between such items rest on a handful of users.",
         "Raise min_item_count to leave rare items out, shrink similarities of little support, or group items into categories."},
    rule{"R004", "Most users have one interaction", info,
         "More than half of the users have a single interaction. It says that an item is popular and nothing about what goes "
         "together.",
         "Take in a longer time or weaker signs such as views; for these users expect little more than popularity."},
};

static_assert(std::is_sorted(all.begin(), all.end(), [](const rule& x, const rule& y) { return x.code < y.code; }));

}  // namespace

std::span<const schema::rule> rules() { return all; }

const schema::rule& rule_of(std::string_view code) { return schema::find_rule(all, code, "recommender"); }

}  // namespace clarion::recommend

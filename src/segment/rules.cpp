#include "clarion/segment/rules.hpp"

#include <algorithm>
#include <array>

#include "schema/find_rule.hpp"

namespace clarion::segment {

namespace {

using schema::rule;
using enum schema::severity;

constexpr std::array all{
    rule{"G001", "No purchases", error,
         "There is not one purchase: no row was there, or all of them were set aside or are returns.",
         "Look at the report of the rows, which says what was set aside and why, and at the names of the columns."},
    rule{"G002", "Transactions set aside", warning,
         "Some rows cannot be used and are in no customer's history. Where many rows go for one reason, it is the reason that "
         "needs "
         "mending.",
         "Look at the rows that the report names, and correct them in the source."},
    rule{"G003", "Returns outweigh purchases", info,
         "What some customers brought back comes to as much as what they bought, or more: their value is zero or below. The "
         "purchases "
         "may lie before the period.",
         "Read further back, so that a return and its purchase are both there."},
    rule{"G004", "Every customer bought once", warning,
         "No customer has a second purchase. Frequency says nothing, and how long customers stay cannot be learned.",
         "Check that ids mean customers and not orders; read a longer time."},
    rule{"G005", "A score tells nobody apart", info,
         "Most customers have the same value, so that the score has fewer levels than it could.",
         "Use fixed boundaries that mean something to the business, or another measure."},
    rule{"G101", "Nobody in the segment", warning, "No customer meets the definition, or all who do are in a segment before it.",
         "Check the conditions against the fields' values, and the order of the segments."},
    rule{"G102", "Segment below its minimum size", warning,
         "Fewer customers than the definition asks for: what is measured of them is mostly chance.",
         "Widen the conditions, or join the segment with a neighbour."},
    rule{"G103", "Segment too small for its expected response", warning,
         "With so few customers the response that is expected cannot be told from others nearby: its interval is wider than the "
         "precision asked for.",
         "Widen the conditions, ask for less precision, or measure over several campaigns."},
    rule{"G104", "Nobody is left", error, "Every customer is suppressed.",
         "Look at the counts by rule: one of them meets everybody."},
    rule{"G105", "A rule that suppresses nobody", info, "No customer meets the rule.",
         "Check that the field it rests on is filled; remove the rule where it is not needed."},
    rule{"G301", "Constant columns", warning,
         "A column has the same value in every row, but for rounding. It tells no row from another; it is left with scale 1.",
         "Leave the column out, or look at why it was filled with one value."},
    rule{"G302", "Half of a column is one value", info,
         "The quartiles of a column are equal though it varies, as where most customers spend nothing. The interquartile range "
         "is 0 "
         "then, and the column was scaled by its standard deviation.",
         "Scale by log1p or yeo_johnson, or make two columns of it: whether there is a value, and how much."},
};

static_assert(std::is_sorted(all.begin(), all.end(), [](const rule& x, const rule& y) { return x.code < y.code; }));

}  // namespace

std::span<const schema::rule> rules() { return all; }

const schema::rule& rule_of(std::string_view code) { return schema::find_rule(all, code, "segment room"); }

}  // namespace clarion::segment

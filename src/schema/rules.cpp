#include "clarion/schema/rules.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "clarion/core/error.hpp"
#include "schema/checks.hpp"

namespace clarion::schema {

namespace {

constexpr auto error_ = severity::error;
constexpr auto warning = severity::warning;
constexpr auto info = severity::info;

constexpr std::array<rule, detail::rule_count> table{{
    {"S001", "end before start", error_,
     "The last day of the campaign lies before its first. Every calculation by day would see it run for less than no time.",
     "Swap the two dates, or correct the one that is wrong."},
    {"S002", "no id", error_, "The cell of the campaign's id is empty. The id ties plan, audience, results and history together.",
     "Give the campaign an id that no other one has."},
    {"S003", "no name", error_, "The cell of the campaign's name is empty. People cannot tell which campaign is meant.",
     "Give the campaign a name."},
    {"S004", "no start or end date", error_,
     "The first or the last day is empty. Without both, nothing can be said about collisions.",
     "Fill in both dates; the last day is included."},
    {"S005", "no budget", error_, "The budget is empty. Concentration, reallocation and risk are weighed in money.",
     "Enter the planned budget; 0 where the campaign costs nothing."},
    {"S006", "no channel", error_, "The channel is empty. Load and saturation are counted by channel.",
     "Name a channel of the registry."},
    {"S007", "no owner", error_, "Nobody answers for the campaign. Findings would go to no one, and workload cannot be summed.",
     "Name one person or team as the owner."},
    {"S008", "duplicate id", error_,
     "An earlier row has the same id. The first one counts; this one would add its budget and audience a second time.",
     "Remove the copy, or give the campaign an id of its own."},
    {"S009", "date that cannot be read", error_,
     "The cell holds no calendar day in any form that clarion knows, or not in the form in which the column is written.",
     "Write dates as YYYY-MM-DD."},
    {"S010", "number that cannot be read", error_,
     "The cell holds no finite number, or one above 1e15 in size. Its column decides whether the point or the comma is the "
     "decimal mark.",
     "Write plain numbers such as 1234.50."},
    {"S011", "word that is not known", warning,
     "The cell holds an objective, a status or a yes-or-no that clarion does not know. The campaign goes on without it.",
     "Use one of the words that the message lists."},
    {"S012", "success criterion that cannot be read", error_,
     "A success criterion is a KPI, >= or <=, and a number. One that cannot be read could never be missed.",
     "Write criteria such as \"roas >= 3\" or \"cpa <= 12\", separated by semicolons."},
    {"S013", "line that cannot be cut into cells", error_,
     "The line has more or fewer cells than the header, so that none of its cells can be trusted to stand in the right column.",
     "Quote cells that hold the delimiter or a line break."},
    {"S014", "unknown channel", warning,
     "The channel is not in the registry: its capacity and typical cost are not known, and it is counted apart from the one that "
     "was "
     "meant.",
     "Correct the name, or add the channel to the registry file."},
    {"S015", "negative budget", error_, "A budget below zero would cancel out the money of other campaigns.",
     "Enter the planned amount without a sign."},
    {"S016", "zero budget", warning,
     "The budget is zero. It may be true for owned channels; more often the amount is still to come.",
     "Enter the amount, or accept the finding where the campaign truly costs nothing."},
    {"S017", "year typo", error_,
     "The year lies far from those of the other campaigns (more than ten years and three times their spread from the median), or "
     "outside 1970 to 2100.",
     "Correct the year."},
    {"S018", "very long run", warning,
     "The campaign runs for more than 366 days. It collides with everything in that time, and is often an always-on programme or "
     "a "
     "wrong year.",
     "Correct the dates, or cut an always-on programme into campaigns that can be judged."},
    {"S019", "overlapping re-run", warning,
     "A campaign of the same name (numbers, years and words such as \"re-run\" aside) on the same channel runs on some of the "
     "same "
     "days. What either of them brings in cannot be told apart.",
     "Let one end before the other begins, or merge them."},
    {"S020", "tag off the standard", warning,
     "The tag does not match the naming standard (tag_pattern in clarion.toml). Reports that group by tag will miss it.",
     "Rename the tag, or widen the standard."},
    {"S021", "starts before its product's launch", warning,
     "The campaign's first day lies before the day on which the product can be bought. Demand would be raised that cannot be "
     "met.",
     "Start on or after the launch, or accept the finding for a teaser or a pre-order."},
    {"S022", "A/B group not set before the start", warning,
     "The campaign has begun and is in no A/B group, while others are. Groups set afterwards are chosen by what has already "
     "happened.",
     "Set the group before the first day; leave this campaign out of comparisons between the groups."},
    {"S023", "spent before it began", warning, "The campaign begins in the future and already has results.",
     "Correct the start date or the results."},
    {"S024", "criteria changed after approval", warning,
     "The hash of the success criteria is not the one that was frozen at approval: the goalposts have moved.",
     "Restore the criteria, or have the new ones approved and frozen again."},
    {"S025", "approved without criteria", warning,
     "The campaign is approved or running and nothing says what would count as success.",
     "Write success criteria such as \"roas >= 3\" and freeze them at approval."},
    {"S026", "criteria not frozen", info,
     "The campaign is approved or running and its success criteria can still be changed without notice.",
     "Freeze them: Portfolio.freeze_criteria() writes the day and the hash."},
    {"S027", "results contradict each other", warning,
     "A part is larger than its whole: more clicks than impressions, more new customers than conversions, or more returns than "
     "conversions.",
     "Correct the numbers, or say which definition each of them follows."},
    {"S028", "negative result", error_,
     "Spend, impressions, clicks, conversions, new customers or returns are below zero. They are counts and costs.",
     "Correct the number; enter refunds as returns."},
    {"S029", "finished without results", warning,
     "The campaign is finished and has no spend, conversions or revenue. History cannot learn from it.",
     "Enter what it came to."},
    {"S030", "spent above budget", warning, "The campaign spent more than one hundredth above its budget.",
     "Have the overrun approved, or correct the numbers."},
    {"S031", "planned touches above the cap", warning,
     "The campaign alone plans more contacts per customer and week than its own cap allows, before any other campaign is "
     "counted.",
     "Plan fewer touches, or raise the cap."},
    {"S032", "window does not hold the campaign", warning,
     "The window in which the campaign may be moved does not hold the dates that it has now.",
     "Widen the window, or move the campaign into it."},
    {"S033", "finished before its end", info, "The status says finished and the last day is still to come.",
     "Correct the status or the last day."},
    {"S034", "blank row", info,
     "Every cell of the row is empty: a line of delimiters, as spreadsheets leave them below their last row. It is counted and "
     "set aside, "
     "and no other rule is asked about it.",
     "Delete the empty rows from the source, or leave them."},
    {"S035", "row of totals", info,
     "The row sums up others: it is called a total, or holds numbers and nothing that would tell a campaign. Counted as one, it "
     "would add their money a second time.",
     "Nothing, unless it is a campaign: then give it an id, a name and dates of its own."},
    {"S036", "text too long", error_,
     "A name, an id or another short text holds more than 4,096 bytes. No one writes such a name: a quote is open, or a "
     "delimiter was lost.",
     "Close the quote, or move the text to a column of its own."},
    {"S101", "columns were matched by name", info,
     "The file names its columns otherwise than clarion does. The message says which column was taken for which field, and which "
     "were "
     "kept as they are.",
     "Name the columns yourself where the guess is wrong: --map budget=cost, or columns={\"budget\": \"cost\"}."},
    {"S102", "required column absent", warning,
     "No column holds a required field. The rows are accepted, and what needs the field is left out.",
     "Add the column, or say which one it is: --map owner=column."},
    {"S103", "day and month cannot be told apart", warning,
     "Every date of the column can be read with the day first and with the month first.",
     "Write dates as YYYY-MM-DD, or say which comes first: dayfirst=True or False."},
    {"S104", "decimal mark cannot be told", warning,
     "Every number of the column has exactly three digits behind its only mark, which may part thousands or decimals.",
     "Say which it is: decimal=\".\" or decimal=\",\"."},
    {"S105", "column cannot be read", warning,
     "The column has a type that holds no text, number or date, such as a map or a struct.",
     "Flatten the column before reading."},
    {"S106", "column name twice", warning,
     "Two columns have the same name, or one has the name of a field that another column gives. The first one is used under that "
     "name; the others are kept with a number behind it.",
     "Give each column a name of its own."},
    {"S107", "encoding was assumed", info, "The file is not UTF-8. Its texts were read in the encoding that the message names.",
     "Save the file as UTF-8, or name the encoding: encoding=\"...\"."},
    {"S108", "mixed currencies", warning,
     "Budgets are in several currencies. clarion converts nothing: sums and shares would add unlike amounts.",
     "Convert all amounts to one currency before reading."},
    {"S109", "groups confounded with the objective", warning,
     "The A/B groups pursue different objectives. Comparing them measures the objective and not a treatment.",
     "Give each objective campaigns in both groups, or compare within one objective."},
    {"S110", "no campaigns", warning, "The table has no rows that could be accepted, so that there is nothing to judge.",
     "Look at the quarantine, or at whether the right file was read."},
    {"S111", "lines above the header were skipped", info,
     "The file begins with lines that are no part of the table, such as the title and the period of a report. The header is the "
     "first "
     "line that names the fields.",
     "Nothing; or name the columns (columns={...}, --map) where the wrong line was taken for the header."},
    {"S112", "days are those of UTC", warning,
     "The column holds points in time with a named time zone, and its rules are not at hand. A midnight there may lie in the day "
     "before or after in UTC.",
     "Turn the times into local dates before reading."},
    {"S201", "no customer", error_,
     "The cell of the customer is empty. What nobody is known to have bought says nothing about a customer; it still counts in "
     "totals, where the severity is set to warning.",
     "Find out whose it was, or leave the rows aside."},
    {"S202", "no id of the record", error_, "The id is empty, by which other tables name the record.",
     "Give each record an id that no other one has."},
    {"S203", "no day", error_, "The cell that says when is empty. Recency, periods and drift are counted in days.",
     "Fill in the day."},
    {"S204", "no amount", error_, "The row has no amount, and no price and quantity that would make one.",
     "Fill in the amount; 0 where nothing was paid."},
    {"S205", "kind of transaction that is not known", error_,
     "The cell holds a word that is no sale, return or cancellation. Taken for a sale, it might add what it takes away.",
     "Say in the mapping what the word means: kind = {column = \"...\", values = {\"...\" = \"sale\"}}."},
    {"S206", "date in the future", error_,
     "The day lies after the day of judgement. It would make its customer the most recent one of all.",
     "Correct the date, or say which day it is: today."},
    {"S207", "sale of nothing", warning,
     "The amount of a sale is zero: a gift, a sample, a line of text, or a price that is missing. It raises frequency and not "
     "value.",
     "Leave gifts out, or fill in the price."},
    {"S208", "sale below zero", error_,
     "The amount of a sale is negative, and nothing in the mapping says that the row is a return or a cancellation.",
     "Say how the source marks returns: return = [{field = \"quantity\", below = 0}]."},
    {"S209", "amount out of all proportion", error_,
     "The amount is more than a million times the median of those that the source begins with. One such row outweighs all "
     "others.",
     "Correct the amount: a decimal mark was lost, or a number of another kind stands in the column."},
    {"S210", "id given twice", error_, "An earlier row that was accepted has the same id. The first one counts.",
     "Remove the copy; where lines share an id on purpose, write duplicates = \"row\"."},
    {"S211", "row given twice", error_,
     "An earlier row that was accepted is equal in every column: an export that was appended twice, or a line that was scanned "
     "twice.",
     "Remove the copy; where equal rows are meant, write duplicates = \"keep\"."},
    {"S212", "unknown customer", warning, "The customer is not in the table of customers.",
     "Add the customer, or correct the id: leading zeros are often lost."},
    {"S213", "unknown branch", warning, "The branch is not in the table of branches.", "Add the branch, or correct its id."},
    {"S214", "unknown product", warning, "The product is not in the catalogue.", "Add the product, or correct its id."},
    {"S215", "test customer", error_,
     "The mapping, or the column that says so, marks the customer as a test. Tests buy what nobody buys.",
     "Nothing; or correct the mark."},
    {"S216", "cancellation without its sale", warning,
     "No sale of this customer and product lies on or before the day of the cancellation. The sale lies before the export "
     "begins, or "
     "under another id; what the customer is worth is understated.",
     "Export from an earlier day on, or leave the cancellation out."},
    {"S217", "no rate for the currency", error_,
     "Amounts are converted, and the mapping has no rate for the currency of this one.",
     "Add the rate: rates = {GBP = 1.17}; or say which currency amounts without one have: currency."},
    {"S218", "year of birth out of all proportion", warning, "The year lies in the future or more than 120 years ago.",
     "Correct the year; a placeholder is better left empty."},
    {"S219", "response before the contact", error_,
     "The customer answered before the campaign reached them. It cannot be the campaign that they answered to.",
     "Correct the times; look for two time zones."},
    {"S220", "yes or no that is not known", warning,
     "The cell holds neither a yes nor a no. The record goes on without it; consent that is not known is no consent.",
     "Write yes or no, or say in the mapping what the word means."},
    {"S221", "no campaign", error_, "The cell of the campaign is empty.", "Name the campaign by its id."},
    {"S222", "nobody named", error_, "The row names neither a customer nor a cookie.", "Fill in one of the two."},
    {"S223", "closed before it opened", error_, "The last day of the branch lies before its first.", "Correct the two days."},
    {"S224", "placeholder for a date", warning, "The day is 1970-01-01 or earlier: what databases write where they know no day.",
     "Leave the cell empty."},
    {"S301", "amounts in several currencies", warning,
     "Amounts are in several currencies and the mapping converts nothing: sums and medians add unlike amounts.",
     "Name the currency and the rates: convert = {to = \"EUR\", rates = {GBP = 1.17}}."},
    {"S302", "no records", warning, "The table has no rows that could be accepted.",
     "Look at the quarantine, or at whether the right file was read."},
    {"S401", "field often empty", warning,
     "Fewer records hold a value than should (complete). What stands on the field sees the others alone.",
     "Ask the source for the field, or do without it."},
    {"S402", "nothing new", warning, "The last record is older than it should be (stale_days): an export may have stopped.",
     "Have the export run again, or say which day it is: today."},
    {"S403", "rows were repeated", info, "Rows that repeat an earlier one were left out: S210 and S211 name them.",
     "Find out whether the export was appended twice."},
    {"S404", "many rows refused", warning, "A larger share of the rows is in quarantine than should be (refused).",
     "Look at the quarantine by reason; most of it often has one cause that the mapping can name."},
    {"S405", "field gone", error_, "The cycle before had a column for the field, and no column holds it now.",
     "Ask the source for the column, or correct its name in the mapping."},
    {"S406", "ids of another type", error_,
     "The ids were integers and are texts now, or the other way round. Records of the two cycles do not find each other.",
     "Read both as text, from the source itself."},
    {"S407", "columns changed", info, "The source has columns that it had not in the cycle before, or has lost some.",
     "See whether a new column is better than one in use."},
    {"S408", "number of rows changed", warning,
     "The number of rows differs from that of the cycle before by more than it should (volume).",
     "Find out whether a branch, a day or a system is missing, or came twice."},
    {"S409", "distribution moved", warning,
     "The values are spread otherwise than in the cycle before: by the population stability index (psi) or the "
     "Kolmogorov-Smirnov "
     "distance (ks). Scores and models that were fitted to the old values may not hold.",
     "Look for a cause at the source (units, codes, prices) before a model is asked."},
    {"S410", "new values", info, "The category has values that the cycle before did not have.",
     "Map them in the mapping where they are another spelling of known ones."},
    {"S411", "values vanished", warning,
     "Values of the cycle before do not occur any more: a branch or a channel may be missing.",
     "Find out whether they ended or were lost."},
}};

static_assert(std::is_sorted(table.begin(), table.end(), [](const rule& a, const rule& b) { return a.code < b.code; }));

}  // namespace

std::span<const rule> rules() { return table; }

const rule& rule_of(std::string_view code) {
  for (const auto& one : table)
    if (one.code == code) return one;
  reject("code", std::string(code), "the codes of this room run from S001 to " + std::string(table.back().code));
}

}  // namespace clarion::schema

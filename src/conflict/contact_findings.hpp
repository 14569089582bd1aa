#pragma once

#include <vector>

#include "clarion/conflict/find_conflicts.hpp"

namespace clarion::conflict {

/// C103 and C104: customers on whom campaigns pile up, and weeks in which they are contacted more than the cap allows.
std::vector<schema::finding> judge_contacts(const schema::portfolio& portfolio, const schema::audiences& audiences,
                                            const weekly_load& load, const conflict_options& options, const run_options& run);

}  // namespace clarion::conflict

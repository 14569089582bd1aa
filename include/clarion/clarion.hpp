#pragma once

// Every room. Name the headers you use instead where compile time matters.

#include "clarion/core/columns.hpp"
#include "clarion/core/date.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/random.hpp"
#include "clarion/plan/missing.hpp"
#include "clarion/schema/campaign.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/channel.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"
#include "clarion/version.hpp"

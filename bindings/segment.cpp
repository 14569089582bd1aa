#include "clarion/segment/rules.hpp"
#include "convert.hpp"

namespace clarion::bindings {

void bind_segment(py::module_& m) {
  m.def(
      "segment_rules", [] { return std::vector<schema::rule>(segment::rules().begin(), segment::rules().end()); },
      "The rules of the segment room.");
}

}  // namespace clarion::bindings

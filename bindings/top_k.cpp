#include "clarion/recommend/top_k.hpp"

#include <optional>
#include <utility>

#include "convert.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

namespace {

recommend::factor_view view_of(const char* field, const array_in<float>& of) {
  if (of.ndim() != 2) reject(field, std::to_string(of.ndim()) + " dimensions", "give rows x factors");
  return {of.data(), static_cast<std::size_t>(of.shape(0)), static_cast<std::size_t>(of.shape(1))};
}

template <class T>
std::span<const T> span_of(const std::optional<array_in<T>>& of) {
  return of ? std::span<const T>(of->data(), static_cast<std::size_t>(of->size())) : std::span<const T>{};
}

}  // namespace

void bind_top_k(py::module_& m) {
  m.def(
      "top_k",
      [](const array_in<float>& users, const array_in<float>& items, std::uint32_t k,
         const std::optional<std::pair<offsets_in, index_in>>& exclude,
         const std::optional<std::pair<offsets_in, index_in>>& allow, const std::optional<array_in<std::uint8_t>>& available,
         const std::optional<array_in<float>>& boost, const std::optional<array_in<std::uint32_t>>& group,
         std::uint32_t group_quota, const py::object& n_jobs, const py::object& progress) {
        const auto u = view_of("users", users), v = view_of("items", items);
        recommend::top_k_filter filter{
            .available = span_of(available), .boost = span_of(boost), .group = span_of(group), .group_quota = group_quota};
        std::optional<csr_arrays> excluded, allowed;
        if (exclude) filter.exclude = &excluded.emplace(csr_of(exclude->first, exclude->second, py::none(), v.rows)).view;
        if (allow) filter.allow = &allowed.emplace(csr_of(allow->first, allow->second, py::none(), v.rows)).view;
        const auto run = run_from(n_jobs, progress);
        recommend::top_k_result found;
        {
          const py::gil_scoped_release free;
          found = recommend::top_k(u, v, {.k = k}, filter, run);
        }
        return py::make_tuple(array_of(std::move(found.items), u.rows, k), array_of(std::move(found.scores), u.rows, k),
                              array_of(std::move(found.lengths)));
      },
      py::arg("users"), py::arg("items"), py::arg("k"), py::arg("exclude") = py::none(), py::arg("allow") = py::none(),
      py::arg("available") = py::none(), py::arg("boost") = py::none(), py::arg("group") = py::none(), py::arg("group_quota") = 0,
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(items, scores, lengths) of the best items of each user; 2^32 - 1 and NaN in places that are not used.");
}

}  // namespace clarion::bindings

#include "clarion/recommend/interactions.hpp"

#include <map>

#include "clarion/recommend/split.hpp"
#include "convert.hpp"
#include "id_columns.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

namespace {

using namespace recommend;

py::dict report_dict(const interaction_report& report) {
  py::dict reasons, out;
  for (std::size_t r = 0; r < report.by_reason.size(); ++r)
    if (report.by_reason[r] != 0) reasons[describe(static_cast<interaction_reason>(r))] = report.by_reason[r];
  py::list faults;
  for (const auto& fault : report.faults) faults.append(py::make_tuple(fault.row, describe(fault.reason), text_of(fault.value)));
  out["rows_read"] = report.rows_read;
  out["interactions"] = report.interactions;
  out["merged"] = report.merged;
  out["filtered"] = report.filtered;
  out["set_aside"] = report.set_aside;
  out["users_filtered"] = report.users_filtered;
  out["items_filtered"] = report.items_filtered;
  out["by_reason"] = reasons;
  out["faults"] = py::tuple(faults);
  return out;
}

py::typing::Tuple<interactions, py::dict> pair_of(interaction_build&& built) {
  return py::make_tuple(std::move(built.data), report_dict(built.report));
}

py::typing::Tuple<interactions, interactions> halves(split&& parts) {
  return py::make_tuple(std::move(parts.train), std::move(parts.test));
}

// Holds the arrays that the columns lie in.
struct __attribute__((visibility("hidden"))) column_arrays {
  std::vector<py::object> kept;
  interaction_columns columns;
};

column_arrays columns_of(const py::array& user, const py::array& item, const py::object& weight, const py::object& time,
                         const py::object& event) {
  column_arrays out{{user, item, weight, time, event}, {column_of(user, "user"), column_of(item, "item"), {}, {}, {}}};
  const auto span = [&]<class T>(const py::object& values, T) {
    const auto typed = py::reinterpret_borrow<dense<T>>(values);
    return std::span<const T>(typed.data(), static_cast<std::size_t>(typed.size()));
  };
  if (py::isinstance<dense<float>>(weight))
    out.columns.weight = span(weight, float{});
  else if (py::isinstance<dense<double>>(weight))
    out.columns.weight = span(weight, double{});
  else if (!weight.is_none())
    reject("weight", "another type", "give a contiguous float32 or float64 array");
  if (py::isinstance<dense<std::int64_t>>(time))
    out.columns.time = span(time, std::int64_t{});
  else if (!time.is_none())
    reject("time", "another type", "give a contiguous int64 array");
  if (!event.is_none()) out.columns.event = column_of(event.cast<py::array>(), "event");
  return out;
}

}  // namespace

void bind_interactions(py::module_& m) {
  py::class_<interactions>(m, "InteractionMatrix", "Users x items, by user and by item.")
      .def(py::init<>())
      .def_property_readonly("n_users", &interactions::n_users, "Users.")
      .def_property_readonly("n_items", &interactions::n_items, "Items.")
      .def("__len__", &interactions::size, "Distinct (user, item) pairs.")
      .def_property_readonly("has_times", &interactions::has_times, "Whether entries have times.")
      .def_property_readonly(
          "unit", [](const interactions& self) { return self.unit() == time_unit::days ? "D" : "s"; },
          "Unit of the times, as numpy names it.")
      .def_property_readonly("memory_bytes", &interactions::memory_bytes, "Bytes held.")
      .def_property_readonly(
          "users", [](const interactions& self) { return ids_of(self.users()); }, "Ids: an int64 array or a list of str.")
      .def_property_readonly(
          "items", [](const interactions& self) { return ids_of(self.items()); }, "Ids: an int64 array or a list of str.")
      .def_property_readonly(
          "user_texts", [](const interactions& self) { return self.users().kind() == core::id_kind::text; },
          "Whether ids of users are texts.")
      .def_property_readonly(
          "item_texts", [](const interactions& self) { return self.items().kind() == core::id_kind::text; },
          "Whether ids of items are texts.")
      .def(
          "find_users", [](const interactions& self, const py::object& ids) { return numbers_of(self.users(), ids); },
          py::arg("ids"), "Numbers of users, -1 for an id that is not there.")
      .def(
          "find_items", [](const interactions& self, const py::object& ids) { return numbers_of(self.items(), ids); },
          py::arg("ids"), "Numbers of items, -1 for an id that is not there.")
      .def(
          "by_user", [](const py::object& self) { return arrays_of(self.cast<const interactions&>().by_user(), self); },
          "(offsets, items, weights or None), rows are users.")
      .def(
          "by_item", [](const py::object& self) { return arrays_of(self.cast<const interactions&>().by_item(), self); },
          "(offsets, users, weights or None), rows are items.")
      .def_property_readonly(
          "times",
          [](const py::object& self) {
            const auto times = self.cast<const interactions&>().times();
            py::array_t<std::int64_t> out(static_cast<py::ssize_t>(times.size()), times.data(), self);
            out.attr("flags").attr("writeable") = false;
            return out;
          },
          "Times of the entries, in the order of by_user; empty where there are none.")
      .def(
          "filter",
          [](const interactions& self, std::uint64_t min_user_count, std::uint64_t min_item_count, const py::object& n_jobs) {
            const run_options run = run_from(n_jobs);
            return without_gil([&] { return filter_counts(self, min_user_count, min_item_count, run); });
          },
          py::arg("min_user_count"), py::arg("min_item_count"), py::arg("n_jobs") = py::none(),
          "The core in which users and items have enough of each other.");

  m.def(
      "interaction_options", [] { return option_list<interaction_options>(); },
      "Options of interactions: (name, default, meaning, low, high).");

  m.def(
      "build_interactions",
      [](const py::array& user, const py::array& item, const py::object& weight, const py::object& time, const py::object& event,
         const interactions* base, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const column_arrays given = columns_of(user, item, weight, time, event);
        const auto chosen = options_from<interaction_options>(options);
        const run_options run = run_from(n_jobs, progress);
        return pair_of(without_gil([&] {
          return base == nullptr ? build_interactions(given.columns, chosen, run) : append(*base, given.columns, chosen, run);
        }));
      },
      py::arg("user"), py::arg("item"), py::arg("weight") = py::none(), py::arg("time") = py::none(),
      py::arg("event") = py::none(), py::arg("base") = static_cast<const interactions*>(nullptr), py::arg("options") = py::dict(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(InteractionMatrix, report) of columns of one length, added to base where there is one.");

  m.def(
      "read_interactions",
      [](const py::object& source, const std::map<std::string, std::string>& columns, const interactions* base,
         const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        interaction_names names{"", "", "", "", ""};
        for (const auto& [key, column] : columns) {
          if (key == "user") names.user = column;
          if (key == "item") names.item = column;
          if (key == "weight") names.weight = column;
          if (key == "time") names.time = column;
          if (key == "event") names.event = column;
        }
        const auto chosen = options_from<interaction_options>(options);
        const arrow_stream stream = stream_of(source);
        const run_options run = run_from(n_jobs, progress);
        return pair_of(without_gil([&] {
          return base == nullptr ? read_interactions(stream.stream, names, chosen, run)
                                 : append(*base, stream.stream, names, chosen, run);
        }));
      },
      py::arg("source"), py::arg("columns"), py::arg("base") = static_cast<const interactions*>(nullptr),
      py::arg("options") = py::dict(), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(InteractionMatrix, report) of an object that exports an Arrow stream, added to base where there is one.");

  m.def(
      "matrix_interactions",
      [](const py::array_t<std::uint64_t, py::array::c_style>& offsets,
         const py::array_t<std::uint32_t, py::array::c_style>& index, const py::object& value, std::size_t columns,
         const py::object& users, const py::object& items, const py::dict& options, const py::object& n_jobs,
         const py::object& progress) {
        const csr_arrays matrix = csr_of(offsets, index, value, columns);
        const core::id_map user_ids = id_map_of(users, "users"), item_ids = id_map_of(items, "items");
        const auto chosen = options_from<interaction_options>(options);
        const run_options run = run_from(n_jobs, progress);
        return pair_of(without_gil([&] { return build_interactions(matrix.view, chosen, user_ids, item_ids, run); }));
      },
      py::arg("offsets"), py::arg("index"), py::arg("value"), py::arg("columns"), py::arg("users") = py::none(),
      py::arg("items") = py::none(), py::arg("options") = py::dict(), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "(InteractionMatrix, report) of the arrays of a CSR matrix.");

  m.def(
      "split_by_time",
      [](const interactions& data, std::int64_t cut, const py::object& n_jobs) {
        const run_options run = run_from(n_jobs);
        return halves(without_gil([&] { return split_by_time(data, cut, run); }));
      },
      py::arg("data"), py::arg("cut"), py::arg("n_jobs") = py::none(), "(train, test): entries from the cut on are test.");
  m.def("time_cut", &time_cut, py::arg("data"), py::arg("test_fraction"), py::call_guard<py::gil_scoped_release>(),
        "The latest cut that leaves at least this share to test.");
  m.def(
      "leave_last_out",
      [](const interactions& data, std::uint32_t n, const py::object& n_jobs) {
        const run_options run = run_from(n_jobs);
        return halves(without_gil([&] { return leave_last_out(data, n, run); }));
      },
      py::arg("data"), py::arg("n") = 1, py::arg("n_jobs") = py::none(),
      "(train, test): the last n entries of each user are test.");
  m.def(
      "random_split",
      [](const interactions& data, const py::object& n_jobs, const py::kwargs& options) {
        const auto chosen = options_from<random_split_options>(options);
        const run_options run = run_from(n_jobs);
        return halves(without_gil([&] { return random_split(data, chosen, run); }));
      },
      py::arg("data"), py::arg("n_jobs") = py::none(), "(train, test): a share of each user's entries is test.");
  m.def(
      "split_users",
      [](const interactions& data, const py::object& n_jobs,
         const py::kwargs& options) -> py::typing::Tuple<interactions, interactions, interactions, py::array_t<std::uint32_t>> {
        const auto chosen = options_from<strong_split_options>(options);
        const run_options run = run_from(n_jobs);
        strong_split parts = without_gil([&] { return split_users(data, chosen, run); });
        return py::make_tuple(std::move(parts.train), std::move(parts.fold_in), std::move(parts.target),
                              array_of(std::move(parts.held_out)));
      },
      py::arg("data"), py::arg("n_jobs") = py::none(), "(train, fold_in, target, held_out): some users are held out.");
  m.def(
      "k_fold",
      [](const interactions& data, std::uint32_t folds, std::uint64_t seed, const py::object& n_jobs) {
        const run_options run = run_from(n_jobs);
        py::typing::List<py::typing::Tuple<interactions, interactions>> out;
        for (auto& fold : without_gil([&] { return k_fold(data, folds, seed, run); })) out.append(halves(std::move(fold)));
        return out;
      },
      py::arg("data"), py::arg("folds") = 5, py::arg("seed") = 0, py::arg("n_jobs") = py::none(),
      "[(train, test)]: each entry is in the test of one fold.");
  m.def(
      "leakage",
      [](const interactions& train, const interactions& test, std::optional<std::int64_t> cut, const py::object& n_jobs) {
        const run_options run = run_from(n_jobs);
        const leakage_report report = without_gil([&] { return leakage(train, test, cut, run); });
        py::dict out;
        out["train"] = report.train;
        out["test"] = report.test;
        out["in_both"] = report.in_both;
        out["users_not_in_train"] = report.users_not_in_train;
        out["items_not_in_train"] = report.items_not_in_train;
        out["entries_of_unknown_users"] = report.entries_of_unknown_users;
        out["entries_of_unknown_items"] = report.entries_of_unknown_items;
        out["cut"] = report.cut;
        out["test_before_cut"] = report.test_before_cut;
        out["train_after_cut"] = report.train_after_cut;
        return out;
      },
      py::arg("train"), py::arg("test"), py::arg("cut") = py::none(), py::arg("n_jobs") = py::none(),
      "What a test part gives away or cannot be judged by.");
}

}  // namespace clarion::bindings

#include "core/model_manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "clarion/core/error.hpp"
#include "core/npy.hpp"
#include "core/sha256.hpp"

namespace clarion::core::detail {

namespace {

using nlohmann::json;

constexpr const char* format_name = "clarion-model";
constexpr std::uint64_t format_version = 1;

// What the reader below would take, but differently from how it was meant: looked for before it builds anything.
class json_check : public nlohmann::json_sax<json> {
public:
  std::string problem;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(json::number_integer_t) override { return true; }
  bool number_unsigned(json::number_unsigned_t) override { return true; }
  bool number_float(json::number_float_t, const json::string_t& token) override {
    return token.find_first_of(".eE") != std::string::npos || fail("an integer is beyond 64 bits");
  }
  bool string(json::string_t&) override { return true; }
  bool binary(json::binary_t&) override { return fail("it is not JSON"); }
  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return deeper();
  }
  bool key(json::string_t& name) override { return keys_.back().insert(name).second || fail("a member occurs twice"); }
  bool end_object() override {
    keys_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override { return deeper(); }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return fail(fmt::format("it is not JSON at byte {}", position));
  }

private:
  bool fail(std::string why) {
    if (problem.empty()) problem = std::move(why);
    return false;
  }
  bool deeper() { return ++depth_ <= json_deepest || fail(fmt::format("it is nested more than {} deep", json_deepest)); }

  std::vector<std::set<std::string>> keys_;
  std::size_t depth_ = 0;
};

// The object, or what is wrong with the text.
std::pair<json, std::string> parse_object(std::string_view text) {
  json_check check;
  if (!json::sax_parse(text.begin(), text.end(), &check)) return {json(), check.problem};
  json out = json::parse(text.begin(), text.end(), nullptr, false);
  if (!out.is_object()) return {json(), "it is no JSON object"};
  return {std::move(out), ""};
}

bool is_digest(std::string_view text) {
  return text.size() == sha256_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class manifest_reader {
public:
  manifest_reader(const std::string& where, std::string_view text) : where_(where), text_(text) {}

  manifest read() {
    const std::size_t end = manifest_start.size() + sha256_digits;
    if (!text_.starts_with(manifest_start) || text_.size() < end) fail("it is no model.json of clarion, or was altered");
    if (sha256_of(text_.substr(end)) != text_.substr(manifest_start.size(), sha256_digits))
      fail("its checksum is not that of its content; it was cut short or altered");
    auto [root, problem] = parse_object(text_);
    if (!problem.empty()) fail(problem);
    if (const std::string* format = text_of(root, "format"); format == nullptr || *format != format_name)
      fail(fmt::format("its format is not \"{}\"", format_name));
    if (const auto version = number_of(root, "version"); version != format_version)
      fail(fmt::format("it is in version {} of the format; this clarion reads version {}",
                       version ? std::to_string(*version) : "?", format_version));
    only(root, {"sha256", "format", "version", "kind", "metadata", "arrays"}, "it");

    manifest out;
    if (const std::string* kind = text_of(root, "kind"); kind != nullptr && is_model_name(*kind))
      out.kind = *kind;
    else
      fail("its kind is not 1 to 64 of a-z, 0-9 and _");
    const json& metadata = root.at("metadata");
    if (!metadata.is_object()) fail("its metadata is no object");
    out.metadata = metadata.dump();
    const json& arrays = root.at("arrays");
    if (!arrays.is_object()) fail("its arrays are no object");
    if (arrays.size() > manifest_most_arrays) fail(fmt::format("it has more than {} arrays", manifest_most_arrays));
    for (const auto& [name, of] : arrays.items()) out.arrays.push_back(array(name, of));
    return out;
  }

private:
  [[noreturn]] void fail(const std::string& why) const { throw error(where_ + ": " + why); }

  static const json* member(const json& of, const char* name) {
    const auto at = of.find(name);
    return at == of.end() ? nullptr : &*at;
  }
  static const std::string* text_of(const json& of, const char* name) {
    const json* found = member(of, name);
    return found != nullptr && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
  }
  static std::optional<std::uint64_t> number_of(const json& of, const char* name) {
    const json* found = member(of, name);
    return found != nullptr && found->is_number_unsigned() ? std::optional(found->get<std::uint64_t>()) : std::nullopt;
  }
  void only(const json& of, std::initializer_list<const char*> names, const std::string& what) const {
    for (const char* name : names)
      if (!of.contains(name)) fail(fmt::format("{} has no {}", what, name));
    if (of.size() != names.size()) fail(what + " has a member that this version does not know");
  }

  manifest_array array(const std::string& name, const json& of) const {
    if (!is_model_name(name)) fail("a name of an array is not 1 to 64 of a-z, 0-9 and _");
    const std::string what = "array " + name;
    if (!of.is_object()) fail(what + " is no object");
    only(of, {"file", "dtype", "shape", "bytes", "sha256"}, what);
    if (const std::string* file = text_of(of, "file"); file == nullptr || *file != name + ".npy")
      fail(fmt::format("the file of {} is not {}.npy", what, name));
    manifest_array out;
    out.name = name;
    const std::string* dtype = text_of(of, "dtype");
    const auto type = dtype == nullptr ? std::nullopt : element_type_of_descr(*dtype);
    if (!type) fail("the dtype of " + what + " is none of |b1, |u1, <i4, <u4, <f4, <i8, <u8, <f8");
    out.type = *type;
    const json& shape = of.at("shape");
    if (!shape.is_array() || shape.size() > npy_most_dimensions)
      fail(fmt::format("the shape of {} is no list of at most {} lengths", what, npy_most_dimensions));
    for (const json& length : shape) {
      if (!length.is_number_unsigned()) fail("the shape of " + what + " has something that is no length");
      out.shape.push_back(length.get<std::uint64_t>());
    }
    const auto values = bytes_of(out.type, out.shape);
    if (!values) fail(fmt::format("the shape of {}, {}, is beyond all memory", what, shape_text(out.shape)));
    const auto bytes = number_of(of, "bytes");
    if (!bytes || *bytes <= *values || *bytes - *values > npy_longest_header)
      fail(fmt::format("the bytes of {} are not those of a header and {} bytes of values", what, *values));
    out.bytes = *bytes;
    const std::string* digest = text_of(of, "sha256");
    if (digest == nullptr || !is_digest(*digest)) fail("the sha256 of " + what + " is not 64 hexadecimal digits in lower case");
    out.sha256 = *digest;
    return out;
  }

  const std::string& where_;
  std::string_view text_;
};

}  // namespace

bool is_model_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

std::string printable(const std::string& text) {
  const std::string quoted = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

std::string checked_metadata(const std::string& metadata) {
  constexpr const char* remedy = "give a JSON object";
  const auto refuse = [&](const std::string& why) {
    reject("metadata", "a text of " + std::to_string(metadata.size()) + " bytes of which " + why, remedy);
  };
  if (metadata.size() > metadata_most_bytes)
    reject("metadata", std::to_string(metadata.size()) + " bytes",
           "give at most " + std::to_string(metadata_most_bytes) + ", and longer lists as arrays");
  // It lies one deeper in model.json.
  const auto [object, problem] = parse_object("{\"metadata\":" + metadata + "\n}");
  if (!problem.empty()) refuse(problem == "it is no JSON object" ? problem : "this is so: " + problem);
  if (object.size() != 1 || !object.at("metadata").is_object()) refuse("it is no JSON object");
  std::string out = object.at("metadata").dump();
  if (out.size() > metadata_most_bytes) refuse("numbers take too much when they are written out");
  return out;
}

std::string write_manifest(const manifest& model) {
  std::string rest =
      fmt::format("\",\n  \"format\": \"{}\",\n  \"version\": {},\n  \"kind\": \"{}\",\n  \"metadata\": {},\n  \"arrays\": {{",
                  format_name, format_version, model.kind, model.metadata);
  for (std::size_t i = 0; i < model.arrays.size(); ++i) {
    const manifest_array& a = model.arrays[i];
    rest += fmt::format(
        "{}\n    \"{}\": {{\"file\": \"{}.npy\", \"dtype\": \"{}\", \"shape\": [{}], \"bytes\": {}, \"sha256\": \"{}\"}}",
        i > 0 ? "," : "", a.name, a.name, descr_of(a.type), fmt::join(a.shape, ", "), a.bytes, a.sha256);
  }
  rest += model.arrays.empty() ? "}\n}\n" : "\n  }\n}\n";
  return std::string(manifest_start) + sha256_of(rest) + rest;
}

manifest read_manifest(const std::string& where, std::string_view text) { return manifest_reader(where, text).read(); }

}  // namespace clarion::core::detail

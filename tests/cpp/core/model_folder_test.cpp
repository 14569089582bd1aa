#include "clarion/core/model_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "core/model_manifest.hpp"
#include "core/npy.hpp"
#include "core/sha256.hpp"

using namespace clarion;
using namespace clarion::core;
using namespace clarion::core::detail;
namespace fs = std::filesystem;

namespace {

struct place {
  fs::path at = fs::temp_directory_path() / ("clarion_model_folder_" + std::to_string(::getpid()));
  place() { fs::create_directories(at); }
  place(const place&) = delete;
  place& operator=(const place&) = delete;
  ~place() { fs::remove_all(at); }
  fs::path operator/(const char* name) const { return at / name; }
};

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void put(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path().filename().string());
  std::ranges::sort(out);
  return out;
}

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}
#define CHECK_FAILS(code, part) CHECK(message_of([&] { code; }).find(part) != std::string::npos)

const std::vector<float> factors{1.5F, -2, 0, 3, 1e-30F, 7};
const std::vector<std::int64_t> counts{1, -5, std::int64_t{1} << 40};

std::vector<named_array> some_arrays() {
  return {array_over("item_factors", std::span(factors), {3, 2}), array_over("counts", std::span(counts)),
          array_owning("scale", std::vector<double>{0.25}), array_owning("nothing", std::vector<std::uint32_t>{}, {0, 4}),
          array_owning("flags", std::vector<std::uint8_t>{3, 0, 255})};
}
void save_some(const fs::path& folder) { save_model(folder, "example", R"({"seed": 7, "name": "é"})", some_arrays()); }

// Metadata and arrays as model.json says, with the checksum that goes with it.
void put_manifest(const fs::path& folder, const std::string& rest) {
  put(folder / "model.json", std::string(manifest_start) + sha256_of(rest) + rest);
}
std::string manifest_rest(const fs::path& folder) {
  return content(folder / "model.json").substr(manifest_start.size() + sha256_digits);
}
void change_manifest(const fs::path& folder, const std::string& from, const std::string& to) {
  std::string rest = manifest_rest(folder);
  const auto at = rest.find(from);
  REQUIRE(at != std::string::npos);
  put_manifest(folder, rest.replace(at, from.size(), to));
}

std::string npy(const std::string& dictionary, const std::string& values = "", char major = 1, char minor = 0) {
  std::string text = dictionary;
  const std::size_t before = major == 1 ? 10 : 12;
  text.append(63 - (before + text.size()) % 64, ' ');
  text += '\n';
  std::string out = "\x93NUMPY";
  out += {major, minor, static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  if (major == 2) out += {'\0', '\0'};
  return out + text + values;
}

}  // namespace

TEST_CASE("what was saved is what is opened") {
  const place here;
  save_some(here / "model");
  CHECK(names_in(here / "model") ==
        std::vector<std::string>{"counts.npy", "flags.npy", "item_factors.npy", "model.json", "nothing.npy", "scale.npy"});
  CHECK(names_in(here.at) == std::vector<std::string>{"model"});
  for (const unsigned threads : {1u, 4u}) {
    const model_folder model = open_model(here / "model", "example", true, {.threads = threads});
    CHECK(model.kind == "example");
    CHECK(model.metadata == R"({"name":"é","seed":7})");
    CHECK(model.arrays.size() == 5);
    const auto f = values_of<float>(model.arrays, "item_factors", {any_length, 2});
    CHECK(std::vector<float>(f.begin(), f.end()) == factors);
    const auto c = values_of<std::int64_t>(model.arrays, "counts", {3});
    CHECK(std::vector<std::int64_t>(c.begin(), c.end()) == counts);
    CHECK(values_of<double>(model.arrays, "scale", {1})[0] == 0.25);
    CHECK(values_of<std::uint32_t>(model.arrays, "nothing", {0, 4}).empty());
    CHECK(values_of<std::uint8_t>(model.arrays, "flags", {3})[2] == 255);
    CHECK(reinterpret_cast<std::uintptr_t>(f.data()) % 64 == 0);
    CHECK(find_array(model.arrays, "other") == nullptr);
    CHECK_FAILS(values_of<float>(model.arrays, "other", {1}), (here / "model").string() + ": the array other is missing");
    CHECK_FAILS(values_of<double>(model.arrays, "item_factors", {3, 2}), "item_factors.npy: it is <f4 of shape (3, 2); <f8");
    CHECK_FAILS(values_of<float>(model.arrays, "item_factors", {any_length, 3}), "<f4 of shape (any, 3) is needed");
    CHECK_FAILS(values_of<float>(model.arrays, "item_factors", {any_length}), "item_factors");
  }
  CHECK_FAILS(open_model(here / "model", "other"), "it holds a model of kind example, not other");
  CHECK(open_model(here / "model").kind == "example");
}

TEST_CASE("the same bytes for any number of threads, and the checksums of sha256sum") {
  const place here;
  save_model(here / "one", "example", "{}", some_arrays(), {.threads = 1});
  save_model(here / "four", "example", "{}", some_arrays(), {.threads = 4});
  for (const auto& name : names_in(here / "one")) CHECK(content(here / "one" / name) == content(here / "four" / name));
  CHECK(manifest_rest(here / "one").find(sha256_of(content(here / "one" / "counts.npy"))) != std::string::npos);
  // FIPS 180-4, the message "abc".
  CHECK(sha256_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("an array keeps its file mapped, though the folder be replaced or deleted") {
  const place here;
  save_some(here / "model");
  const named_array kept = *find_array(open_model(here / "model").arrays, "item_factors");
  const std::vector<float> other(6, 9);
  save_model(here / "model", "example", "{}", std::vector{array_over("item_factors", std::span(other), {3, 2})});
  CHECK(std::equal(factors.begin(), factors.end(), static_cast<const float*>(kept.data)));
  CHECK(values_of<float>(open_model(here / "model").arrays, "item_factors", {3, 2})[0] == 9);
  CHECK(names_in(here / "model") == std::vector<std::string>{"item_factors.npy", "model.json"});
  CHECK(names_in(here.at) == std::vector<std::string>{"model"});
  // A model is saved over the folder that its own arrays lie in.
  save_model(here / "model", "example", "{}", std::vector{kept});
  CHECK(values_of<float>(open_model(here / "model").arrays, "item_factors", {3, 2})[1] == -2);
  fs::remove_all(here / "model");
  CHECK(static_cast<const float*>(kept.data)[5] == 7);
}

TEST_CASE("only a model or an empty folder is replaced") {
  const place here;
  const auto is_refused = [&](const char* name, const char* why) {
    const auto before = fs::exists(here / name) ? names_in(here.at) : std::vector<std::string>{};
    CHECK_FAILS(save_some(here / name), why);
    if (!before.empty()) CHECK(names_in(here.at) == before);
  };
  fs::create_directory(here / "empty");
  save_some(here / "empty");
  put(here / "file", "x");
  is_refused("file", "it is there and no folder");
  fs::create_directory(here / "photos");
  put(here / "photos" / "summer.jpg", "x");
  is_refused("photos", "holds summer.jpg, which is not of a model");
  fs::create_directory(here / "mixed");
  save_some(here / "mixed");
  put(here / "mixed" / "notes.txt", "x");
  is_refused("mixed", "notes.txt");
  fs::create_directory(here / "arrays");
  put(here / "arrays" / "mine.npy", "x");
  is_refused("arrays", "it is there and no model folder");
  put(here / "arrays" / "model.json", "{\"mine\": true}");
  is_refused("arrays", "it is there and no model folder");
  CHECK(content(here / "arrays" / "mine.npy") == "x");
  fs::create_directory_symlink(here / "empty", here / "link");
  is_refused("link", "it is a symbolic link");
  CHECK(open_model(here / "link").kind == "example");
  is_refused("not/there", "the folder above it cannot be opened: No such file");
  CHECK_THROWS_AS(save_some(here / "."), std::invalid_argument);
  CHECK_THROWS_AS(save_some(here / ".."), std::invalid_argument);
  CHECK_THROWS_AS(save_some("/"), std::invalid_argument);
  CHECK_THROWS_AS(save_some(""), std::invalid_argument);
  CHECK_THROWS_AS(save_some(std::string("a\0b", 3)), std::invalid_argument);
  save_some((here / "slash").string() + "//");
  CHECK(open_model((here / "slash").string() + "/").kind == "example");
}

TEST_CASE("names, metadata and shapes that could not be read again are not written") {
  const place here;
  const auto refused = [&](const std::string& kind, const std::string& metadata, std::vector<named_array> arrays) {
    CHECK_THROWS_AS(save_model(here / "model", kind, metadata, arrays), std::invalid_argument);
    CHECK(names_in(here.at).empty());
  };
  for (const char* name : {"", "../x", "a/b", "A", "a.npy", "a b", ".", "é"}) {
    CAPTURE(name);
    refused(name, "{}", {});
    refused("example", "{}", {array_over(name, std::span(factors))});
  }
  refused(std::string(65, 'a'), "{}", {});
  for (const char* metadata : {"", "[]", "1", "{", "{}}", "{}, \"x\": {}", "{\"a\": NaN}", "{\"a\": 1, \"a\": 2}",
                               "{\"a\": 1e999}", "{\"a\": 36893488147419103232}", "{\"a\": \"\xff\"}", "{} // x"})
    refused("example", metadata, {});
  refused("example", std::string(63, '[').insert(0, "{\"a\":") + std::string(63, ']') + "}", {});
  refused("example", "{\"a\": \"" + std::string(metadata_most_bytes, 'x') + "\"}", {});
  refused("example", "{}", {array_over("a", std::span(factors)), array_over("a", std::span(factors))});
  refused("example", "{}", {array_over("a", std::span(factors), {1, 1, 1, 1, 1, 1, 1, 1, 6})});
  refused("example", "{}", {array_over("a", std::span(factors), {std::uint64_t{1} << 62, 2})});
  refused("example", "{}", std::vector<named_array>(1001, array_over("a", std::span(factors))));
  save_model(here / "model", "example", std::string(62, '[').insert(0, "{\"a\":") + std::string(62, ']') + "}", {});
  CHECK(open_model(here / "model").arrays.empty());
}

TEST_CASE("each byte counts") {
  const place here;
  save_model(here / "model", "example", R"({"a": 12})", std::vector{array_over("counts", std::span(counts))});
  for (const char* name : {"model.json", "counts.npy"}) {
    const std::string good = content(here / "model" / name);
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::string bad = good;
      bad[i] ^= 1;
      put(here / "model" / name, bad);
      CHECK_FAILS(open_model(here / "model"), std::string("/model/") + name + ": ");
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{9}, std::size_t{70}, good.size() - 1}) {
      put(here / "model" / name, good.substr(0, size));
      CHECK_FAILS(open_model(here / "model"), std::string("/model/") + name + ": ");
      CHECK_FAILS(open_model(here / "model", "", false), std::string("/model/") + name + ": ");
    }
    put(here / "model" / name, good + '\0');
    CHECK_FAILS(open_model(here / "model", "", false), std::string("/model/") + name + ": ");
    put(here / "model" / name, good);
  }
  open_model(here / "model");
  // Without its checksum an array is compared in size and header alone.
  std::string changed = content(here / "model" / "counts.npy");
  changed.back() ^= 1;
  put(here / "model" / "counts.npy", changed);
  CHECK_FAILS(open_model(here / "model"), "counts.npy: its SHA-256 is not the one in model.json; it was altered");
  open_model(here / "model", "", false);
}

TEST_CASE("files that come or go, links and pipes") {
  const place here;
  const fs::path model = here / "model";
  const auto again = [&] {
    fs::remove_all(model);
    save_some(model);
  };
  CHECK_FAILS(open_model(model), "/model: the model folder cannot be opened: No such file");
  put(model, "x");
  CHECK_FAILS(open_model(model), "/model: the model folder cannot be opened: Not a directory");
  fs::remove(model);
  fs::create_directory(model);
  CHECK_FAILS(open_model(model), "/model: it holds no model.json, and so no model");
  again();
  fs::remove(model / "counts.npy");
  CHECK_FAILS(open_model(model), "counts.npy: it cannot be opened: No such file");
  again();
  fs::copy(model / "counts.npy", model / "more.npy");
  CHECK_FAILS(open_model(model), "more.npy: model.json does not name it; it was added");
  again();
  put(model / ".DS_Store", "x");
  CHECK(open_model(model).arrays.size() == 5);
  fs::rename(model / "counts.npy", here / "elsewhere.npy");
  fs::create_symlink(here / "elsewhere.npy", model / "counts.npy");
  CHECK_FAILS(open_model(model), "counts.npy: it is a symbolic link, which is not followed");
  again();
  fs::rename(model / "model.json", here / "elsewhere.json");
  fs::create_symlink(here / "elsewhere.json", model / "model.json");
  CHECK_FAILS(open_model(model), "model.json: it is a symbolic link, which is not followed");
  again();
  fs::remove(model / "counts.npy");
  REQUIRE(::mkfifo((model / "counts.npy").c_str(), 0600) == 0);
  CHECK_FAILS(open_model(model), "counts.npy: it is no regular file");
  again();
  fs::remove(model / "counts.npy");
  fs::create_directory(model / "counts.npy");
  CHECK_FAILS(open_model(model), "counts.npy: it is no regular file");
}

TEST_CASE("a model.json that lies, though its checksum be right") {
  const place here;
  const fs::path model = here / "model";
  const auto lies = [&](const char* from, const char* to, const char* why) {
    fs::remove_all(model);
    save_some(model);
    change_manifest(model, from, to);
    CHECK_FAILS(open_model(model), why);
  };
  lies("\"version\": 1", "\"version\": 2", "it is in version 2 of the format; this clarion reads version 1");
  lies("\"version\": 1", "\"version\": 1.0", "version ?");
  lies("clarion-model", "other-model", "its format is not \"clarion-model\"");
  lies("\"kind\": \"example\"", "\"kind\": \"../x\"", "its kind is not");
  lies("\"kind\": \"example\"", "\"kind\": \"example\", \"more\": 1", "a member that this version does not know");
  lies("\"kind\": \"example\",", "", "it has no kind");
  lies("\"kind\": \"example\"", "\"kind\": \"a\", \"kind\": \"example\"", "a member occurs twice");
  lies("\"metadata\": {", "\"metadata\": 3, \"x\": {", "a member that this version does not know");
  lies("\"counts\": {", "\"../counts\": {", "a name of an array is not");
  lies("counts.npy", "../counts.npy", "the file of array counts is not counts.npy");
  lies("counts.npy", "flags.npy", "the file of array counts is not counts.npy");
  lies("\"<i8\"", "\"|O\"", "the dtype of array counts is none of");
  lies("\"<i8\"", "\"<u8\"", "counts.npy: its header says <i8 (3,) and model.json says <u8 (3,)");
  lies("\"shape\": [3]", "\"shape\": [1, 3]", "counts.npy: its header says <i8 (3,) and model.json says <i8 (1, 3)");
  lies("\"shape\": [3]", "\"shape\": [4]", "counts.npy: its header says");
  lies("\"shape\": [3]", "\"shape\": [-3]", "something that is no length");
  lies("\"shape\": [3]", "\"shape\": [3.0]", "something that is no length");
  lies("\"shape\": [3]", "\"shape\": [4611686018427387904]", "is beyond all memory");
  lies("\"shape\": [3]", "\"shape\": [4294967296, 4294967296, 0]", "is beyond all memory");
  lies("\"shape\": [3]", "\"shape\": [1, 1, 1, 1, 1, 1, 1, 1, 3]", "no list of at most 8 lengths");
  lies("\"bytes\": 152", "\"bytes\": 151", "it has 152 bytes and model.json says 151");
  lies("\"bytes\": 152", "\"bytes\": 24", "are not those of a header and 24 bytes of values");
  lies("\"bytes\": 152", "\"bytes\": 1000000", "are not those of a header");
  lies("\"sha256\": \"", "\"sha256\": \"A", "is not 64 hexadecimal digits");

  const std::string before = R"(", "format": "clarion-model", "version": 1, "kind": "a", "arrays": {}, "metadata": )";
  put_manifest(model, before + "{\"a\": " + std::string(100000, '[') + std::string(100000, ']') + "}}");
  CHECK_FAILS(open_model(model), "model.json: it is nested more than 64 deep");
  put_manifest(model, before + "[]}");
  CHECK_FAILS(open_model(model), "its metadata is no object");
  put_manifest(model, before + "{\"a\": \"\xc3\"}}");
  CHECK_FAILS(open_model(model), "it is not JSON at byte");
  put_manifest(model, before + "{}} x");
  CHECK_FAILS(open_model(model), "it is not JSON at byte");
  fs::resize_file(model / "model.json", std::uint64_t{1} << 40);
  CHECK_FAILS(open_model(model), "more than 8388608");
}

TEST_CASE("headers of .npy files") {
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";
  for (const auto& text : {npy(good), npy(good, "", 2), npy("{\"shape\":(3,2),\"fortran_order\":False,\"descr\":\"<f4\"}")}) {
    const npy_header header = read_npy_header("x", text);
    CHECK(header.type == element_type::f4);
    CHECK(header.shape == std::vector<std::uint64_t>{3, 2});
    CHECK(header.length == text.size());
  }
  CHECK(npy_header_of(element_type::f4, {3, 2}) == npy(good));
  const auto shape_of = [](const char* shape) {
    return read_npy_header("x", npy(std::string("{'descr': '|b1', 'fortran_order': False, 'shape': ") + shape + "}")).shape;
  };
  CHECK(shape_of("()").empty());
  CHECK(shape_of("(0,)") == std::vector<std::uint64_t>{0});
  CHECK(shape_of("(3, 2,)") == std::vector<std::uint64_t>{3, 2});
  CHECK(shape_of("(9223372036854775807,)") == std::vector<std::uint64_t>{9223372036854775807u});
  for (const char* shape :
       {"(", ")", "3", "(3)", "(,)", "(3 2)", "(3,,2)", "(03,)", "(3L,)", "(3.0,)", "[3]", "(3, 2", "('3',)", "(+3,)"})
    CHECK_THROWS_AS(shape_of(shape), error);
  CHECK_FAILS(shape_of("(-1,)"), "its shape has a negative length");
  CHECK_FAILS(shape_of("(9223372036854775808,)"), "a length of 2^63 or more");
  CHECK_FAILS(shape_of("(1,1,1,1,1,1,1,1,1)"), "more than 8 dimensions");
  CHECK_FALSE(bytes_of(element_type::u1, {std::uint64_t{1} << 62, 2}));
  CHECK_FALSE(bytes_of(element_type::f8, {std::uint64_t{1} << 60}));
  CHECK_FALSE(bytes_of(element_type::f8, {0, std::uint64_t{1} << 60}));
  CHECK(*bytes_of(element_type::f8, {0, 7}) == 0);
  CHECK(*bytes_of(element_type::f8, {}) == 8);

  const auto refused = [](const std::string& text, const char* why) { CHECK_FAILS(read_npy_header("x", text), why); };
  const auto replaced = [&](const char* from, const char* to) {
    std::string text = good;
    return npy(text.replace(text.find(from), std::string(from).size(), to));
  };
  refused("", "x: it is not a .npy file");
  refused("PK\x03\x04 an archive of arrays", "x: it is not a .npy file");
  refused(npy(good).substr(0, 11), "cut short within its header");
  refused(npy(good).substr(0, 100), "cut short within its header");
  refused(npy(good, "", 3), "version 3.0 of the format");
  refused(npy(good, "", 1, 1), "version 1.1 of the format");
  refused(replaced("False", "True"), "Fortran order");
  refused(replaced("False", "Maybe"), "malformed");
  refused(replaced("<f4", "|O"), "Python objects, which are not read");
  refused(replaced("<f4", ">f4"), "its values are of type >f4; it must be one of");
  refused(replaced("<f4", "<f2"), "its values are of type <f2");
  refused(replaced("<f4", "\x1b[31m"), "the type of its values is not known");
  refused(replaced("'<f4'", "[('a', '<f4')]"), "its values are records");
  refused(replaced("'shape'", "'shapes'"), "a key besides");
  refused(replaced("'shape': (3, 2), ", ""), "lacks");
  refused(replaced("'shape'", "'descr': '<f4', 'shape'"), "has descr twice");
  refused(npy(good + "x"), "does not end with a line break");
  refused(npy(good + "\n"), "does not end with a line break");
  refused(npy(good + std::string(5000, ' ')), "is longer than 4096");
  refused(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{", 13), "is longer than 4096");
  std::string odd = npy(good);
  odd.erase(odd.size() - 2, 1);
  odd[8] = static_cast<char>(odd[8] - 1);
  refused(odd, "no multiple of 16");
}

TEST_CASE("a boolean is 0 or 1") {
  const place here;
  const auto flags = std::make_unique<bool[]>(3);
  flags[1] = true;
  save_model(here / "model", "example", "{}", std::vector{array_over("flags", std::span<const bool>(flags.get(), 3))});
  const auto model = open_model(here / "model");
  CHECK(values_of<bool>(model.arrays, "flags", {3})[1]);
  std::string bytes = content(here / "model" / "flags.npy");
  bytes.back() = 2;
  put(here / "model" / "flags.npy", bytes);
  CHECK_FAILS(open_model(here / "model", "", false), "flags.npy: it is boolean and holds a byte that is neither 0 nor 1");
}

TEST_CASE("texts and ids") {
  const std::vector<std::string> words{"b", "", "naïve", "b", std::string("a\0b", 3)};
  std::vector<named_array> arrays;
  add_texts(arrays, "word", words);
  add_texts(arrays, "none", {});
  CHECK(texts_of(arrays, "word") == words);
  CHECK(texts_of(arrays, "none").empty());
  CHECK_FAILS(texts_of(arrays, "other"), "the array other_bytes is missing");
  CHECK_FAILS(ids_of(arrays, "word"), "\"b\" twice");
  CHECK_FAILS(ids_of(arrays, "other"), "the array other_ids is missing");

  const auto numbers = id_map::integers({5, -3, 900});
  const auto texts = id_map::texts({'x', 'y', 'z'}, {0, 2, 2, 3});
  add_ids(arrays, "user", numbers);
  add_ids(arrays, "item", texts);
  add_ids(arrays, "row", id_map::none(3));
  CHECK(ids_of(arrays, "user") == numbers);
  CHECK(ids_of(arrays, "item") == texts);
  CHECK(ids_of(arrays, "row") == id_map::integers(0, 3));
  add_ids(arrays, "item", numbers);
  CHECK_FAILS(ids_of(arrays, "item"), "numbers and texts");
  for (const std::vector<std::uint64_t>& offsets :
       std::vector<std::vector<std::uint64_t>>{{}, {1, 2}, {0, 1}, {0, 3}, {0, 2, 1, 2}, {0, std::uint64_t{1} << 63, 2}}) {
    std::vector<named_array> bad{array_owning("w_bytes", std::vector<std::uint8_t>{'a', 'b'}),
                                 array_owning("w_offsets", std::vector<std::uint64_t>(offsets))};
    CHECK_FAILS(texts_of(bad, "w"), "array w_offsets: its offsets do not rise from 0 to the 2 bytes of w_bytes");
    CHECK_THROWS_AS(ids_of(bad, "w"), error);
  }
}

TEST_CASE("a stop leaves nothing, and progress rises to 1") {
  const place here;
  std::vector<float> large(std::size_t{3} << 20);
  std::iota(large.begin(), large.end(), 0.0F);
  const std::vector<named_array> arrays{array_over("a", std::span<const float>(large)),
                                        array_over("b", std::span<const float>(large))};
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(save_model(here / "model", "example", "{}", arrays, {.cancel = stop.get_token()}), cancelled);
  CHECK(names_in(here.at).empty());
  std::vector<double> seen;
  save_model(here / "model", "example", "{}", arrays, {.threads = 2, .progress = [&](double f) { seen.push_back(f); }});
  CHECK(std::ranges::is_sorted(seen));
  CHECK(seen.back() == 1);
  CHECK_THROWS_AS(open_model(here / "model", "", true, {.cancel = stop.get_token()}), cancelled);
  for (const unsigned threads : {1u, 2u}) {
    const auto interrupt = [](double) { throw std::runtime_error("interrupted"); };
    CHECK_FAILS(save_model(here / "other", "example", "{}", arrays, {.threads = threads, .progress = interrupt}), "interrupted");
    CHECK_FAILS(open_model(here / "model", "", true, {.threads = threads, .progress = interrupt}), "interrupted");
  }
  CHECK(names_in(here.at) == std::vector<std::string>{"model"});
}

#include "clarion/core/model_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "clarion/core/error.hpp"
#include "core/model_manifest.hpp"
#include "core/npy.hpp"
#include "core/sha256.hpp"

namespace clarion::core {

using namespace detail;

namespace {

constexpr const char* manifest_name = "model.json";
constexpr std::size_t piece_bytes = std::size_t{1} << 20;  // hashed or written between two looks at a cancel

[[noreturn]] void fail(const std::string& where, const std::string& why) { throw error(where + ": " + why); }
[[noreturn]] void fail_by(int code, const std::string& where, const char* what) {
  fail(where, fmt::format("{}: {}", what, std::generic_category().message(code)));
}

std::string path_text(const std::filesystem::path& folder) {
  const std::string& text = folder.native();
  if (text.empty() || text.find('\0') != std::string::npos)
    reject("folder", text.empty() ? "an empty path" : "a path with a zero byte", "name a folder");
  return text;
}

class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(other.release()) {}
  descriptor& operator=(descriptor&&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_;
};

descriptor open_folder(int at, const char* name, int flags = 0) {
  return descriptor(::openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags));
}

// What is no regular file is refused, and a pipe does not make anyone wait.
descriptor open_file(int folder, const std::string& name, const std::string& where, std::uint64_t& size) {
  descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file && errno == ELOOP) fail(where, "it is a symbolic link, which is not followed");
  if (!file) fail_by(errno, where, "it cannot be opened");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) fail_by(errno, where, "it cannot be looked at");
  if (!S_ISREG(info.st_mode)) fail(where, "it is no regular file");
  size = static_cast<std::uint64_t>(info.st_size);
  return file;
}

// Reads the first bytes of a file, fewer where it ends before.
std::string read_start(const descriptor& file, std::uint64_t bytes, const std::string& where) {
  std::string out(bytes, '\0');
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t got = ::pread(file.get(), out.data() + have, out.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_by(errno, where, "it cannot be read");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  out.resize(have);
  return out;
}

// Calls visit(name) for each entry until it returns false.
template <class Visit>
void each_entry(const descriptor& folder, const std::string& where, Visit&& visit) {
  descriptor again = open_folder(folder.get(), ".");
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(again ? ::fdopendir(again.get()) : nullptr, ::closedir);
  if (!listing) fail_by(errno, where, "it cannot be listed");
  again.release();
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(listing.get());
    if (entry == nullptr && errno != 0) fail_by(errno, where, "it cannot be listed");
    if (entry == nullptr) return;
    const std::string name = entry->d_name;
    if (name != "." && name != ".." && !visit(name)) return;
  }
}

bool is_model_file(std::string_view name) {
  return name == manifest_name || (name.ends_with(".npy") && is_model_name(name.substr(0, name.size() - 4)));
}

// Work on many bytes in files: progress counts bytes, and a stop or a failure is seen within a file, whichever thread is in it.
class byte_watch {
public:
  byte_watch(const run_options& run, std::uint64_t total) : run_(run), total_(total) {}

  template <class Body>
  void each_file(std::size_t files, Body&& body) {
    run_options blocks{.threads = run_.threads, .cancel = run_.cancel};
    if (run_.progress) blocks.progress = [this](double) { tell(); };
    try {
      parallel_blocks(files, blocks, [&](std::size_t file) {
        try {
          body(file);
        } catch (...) {
          stop(std::current_exception());
          throw;
        }
      });
    } catch (...) {
      // Others were told to stop by the first failure, and may have come back before it.
      const std::scoped_lock hold(lock_);
      if (failure_) std::rethrow_exception(failure_);
      throw;
    }
  }

  /// Calls f(bytes, size) for pieces of the data.
  template <class F>
  void in_pieces(const void* data, std::uint64_t size, F&& f) {
    const char* bytes = static_cast<const char*>(data);
    for (std::uint64_t at = 0; at < size; at += piece_bytes) {
      if (stopped_ || run_.cancel.stop_requested()) throw cancelled();
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, size - at));
      f(bytes + at, n);
      done_ += n;
      if (run_.progress && std::this_thread::get_id() == caller_ && clock::now() >= next_) tell();
    }
  }

private:
  using clock = std::chrono::steady_clock;

  void tell() {
    next_ = clock::now() + std::chrono::milliseconds(100);
    try {
      run_.progress(total_ == 0 ? 1 : std::min(1.0, static_cast<double>(done_.load()) / static_cast<double>(total_)));
    } catch (...) {
      stop(std::current_exception());
      throw;
    }
  }
  void stop(std::exception_ptr why) {
    const std::scoped_lock hold(lock_);
    if (!failure_) failure_ = std::move(why);
    stopped_ = true;
  }

  const run_options& run_;
  std::uint64_t total_;
  std::thread::id caller_ = std::this_thread::get_id();
  clock::time_point next_ = clock::now() + std::chrono::milliseconds(100);  // of the caller's thread
  std::atomic<std::uint64_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex lock_;
  std::exception_ptr failure_;
};

// ---- writing

void write_all(const descriptor& file, const void* data, std::size_t size, const std::string& where) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t put = ::write(file.get(), bytes, size);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail_by(errno, where, "it cannot be written");
    bytes += put;
    size -= static_cast<std::size_t>(put);
  }
}

void flush(const descriptor& file, const std::string& where) {
  // Some file systems cannot flush a folder, and say EINVAL.
  if (::fsync(file.get()) != 0 && errno != EINVAL) fail_by(errno, where, "it cannot be flushed to the disk");
}

descriptor create_file(const descriptor& folder, const std::string& name, const std::string& where) {
  descriptor file(::openat(folder.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file) fail_by(errno, where, "it cannot be created");
  return file;
}

// A folder of files of a model; what else may be in it stays, and the folder then too.
void remove_model(int parent, const std::string& name) noexcept {
  try {
    const descriptor folder = open_folder(parent, name.c_str(), O_NOFOLLOW);
    if (!folder) return;
    std::vector<std::string> files;
    each_entry(folder, name, [&](const std::string& entry) {
      if (is_model_file(entry)) files.push_back(entry);
      return true;
    });
    for (const auto& file : files) ::unlinkat(folder.get(), file.c_str(), 0);
    ::unlinkat(parent, name.c_str(), AT_REMOVEDIR);
  } catch (...) {
    // Left behind under a name that no one looks at.
  }
}

std::string spare_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number)
    number = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()) ^
             static_cast<std::uint64_t>(::getpid()) << 40;
  return fmt::format(".clarion-{:016x}", number);
}

// A folder beside the one to be, deleted unless it has become that.
class draft {
public:
  draft(const descriptor& parent, const std::string& where) : parent_(parent.get()) {
    int made = 0;
    do {
      name_ = spare_name();
      made = ::mkdirat(parent_, name_.c_str(), 0777);
    } while (made != 0 && errno == EEXIST);
    if (made != 0) fail_by(errno, where, "a folder beside it cannot be created");
    folder_ = std::make_unique<descriptor>(open_folder(parent_, name_.c_str(), O_NOFOLLOW));
    if (!*folder_) fail_by(errno, where, "the folder beside it cannot be opened");
  }
  draft(const draft&) = delete;
  draft& operator=(const draft&) = delete;
  ~draft() {
    if (!name_.empty()) remove_model(parent_, name_);
  }

  const descriptor& folder() const { return *folder_; }

  // Takes the name; what bore it until then goes with this object.
  void place(const std::string& name, bool replaces, const std::string& where) {
    if (!replaces) {
      if (::renameat(parent_, name_.c_str(), parent_, name.c_str()) != 0) fail_by(errno, where, "it cannot be put in its place");
      name_.clear();
      return;
    }
    if (::renameat2(parent_, name_.c_str(), parent_, name.c_str(), RENAME_EXCHANGE) == 0) return;
    if (errno != EINVAL && errno != ENOSYS) fail_by(errno, where, "it cannot be replaced");
    // This file system cannot exchange two names: for a moment there is none.
    const std::string aside = spare_name();
    if (::renameat(parent_, name.c_str(), parent_, aside.c_str()) != 0) fail_by(errno, where, "it cannot be replaced");
    if (::renameat(parent_, name_.c_str(), parent_, name.c_str()) != 0) {
      const int code = errno;
      ::renameat(parent_, aside.c_str(), parent_, name.c_str());
      fail_by(code, where, "it cannot be replaced");
    }
    name_ = aside;
  }

private:
  int parent_;
  std::string name_;
  std::unique_ptr<descriptor> folder_;
};

// Whether a model is there to be replaced; throws for anything else but an empty folder.
bool holds_model(const descriptor& parent, const std::string& name, const std::string& where) {
  struct stat info {};
  if (::fstatat(parent.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return false;
    fail_by(errno, where, "it cannot be looked at");
  }
  if (S_ISLNK(info.st_mode)) fail(where, "it is a symbolic link; name the folder that it leads to");
  if (!S_ISDIR(info.st_mode)) fail(where, "it is there and no folder; delete it or choose another name");
  const descriptor folder = open_folder(parent.get(), name.c_str(), O_NOFOLLOW);
  if (!folder) fail_by(errno, where, "it cannot be opened");
  bool empty = true;
  each_entry(folder, where, [&](const std::string& entry) {
    empty = false;
    struct stat of {};
    if (!is_model_file(entry) || ::fstatat(folder.get(), entry.c_str(), &of, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(of.st_mode))
      fail(where,
           fmt::format("it is there and holds {}, which is not of a model; delete it or choose another name", printable(entry)));
    return true;
  });
  if (empty) return false;
  std::uint64_t size = 0;
  const std::string file = where + '/' + manifest_name;
  constexpr const char* other = "it is there and no model folder; delete it or choose another name";
  if (::faccessat(folder.get(), manifest_name, F_OK, AT_SYMLINK_NOFOLLOW) != 0) fail(where, other);
  if (read_start(open_file(folder.get(), manifest_name, file, size), manifest_start.size(), file) != manifest_start)
    fail(where, other);
  return true;
}

void check_arrays(std::span<const named_array> arrays) {
  if (arrays.size() > manifest_most_arrays)
    reject("arrays", std::to_string(arrays.size()) + " arrays", "give at most " + std::to_string(manifest_most_arrays));
  std::set<std::string_view> names;
  for (const auto& a : arrays) {
    if (!is_model_name(a.name)) reject("arrays", "the name \"" + a.name + '"', "give 1 to 64 of a-z, 0-9 and _");
    if (!names.insert(a.name).second) reject("arrays", "the name " + a.name + " twice", "give distinct names");
    if (a.shape.size() > npy_most_dimensions)
      reject(a.name, std::to_string(a.shape.size()) + " dimensions", "give at most " + std::to_string(npy_most_dimensions));
    if (!bytes_of(a.type, a.shape)) reject(a.name, "shape " + shape_text(a.shape), "give less than 2^63 bytes");
  }
}

manifest_array write_array(const named_array& a, const descriptor& folder, const std::string& where, byte_watch& watch) {
  manifest_array out{a.name, a.type, a.shape, 0, {}};
  const std::string name = a.name + ".npy", file_where = where + '/' + name;
  const std::string header = npy_header_of(a.type, a.shape);
  const std::uint64_t bytes = *bytes_of(a.type, a.shape);
  out.bytes = header.size() + bytes;
  const descriptor file = create_file(folder, name, file_where);
  sha256 hash;
  hash.add(header.data(), header.size());
  write_all(file, header.data(), header.size(), file_where);
  watch.in_pieces(a.data, bytes, [&](const char* piece, std::size_t n) {
    hash.add(piece, n);
    write_all(file, piece, n, file_where);
  });
  flush(file, file_where);
  out.sha256 = hash.digest();
  return out;
}

// ---- reading

struct mapping {
  void* at = nullptr;
  std::size_t size = 0;

  mapping(const descriptor& file, std::uint64_t bytes, const std::string& where) : size(bytes) {
    at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (at == MAP_FAILED) fail_by(errno, where, "it cannot be mapped into memory");
  }
  mapping(const mapping&) = delete;
  mapping& operator=(const mapping&) = delete;
  ~mapping() { ::munmap(at, size); }
};

named_array map_array(const manifest_array& said, const descriptor& folder, const std::string& where) {
  std::uint64_t size = 0;
  const descriptor file = open_file(folder.get(), said.name + ".npy", where, size);
  if (size != said.bytes)
    fail(where, fmt::format("it has {} bytes and model.json says {}; it was cut short or altered", size, said.bytes));
  const auto header = read_npy_header(where, read_start(file, std::min<std::uint64_t>(size, npy_longest_header), where));
  if (header.type != said.type || header.shape != said.shape)
    fail(where, fmt::format("its header says {} {} and model.json says {} {}", descr_of(header.type), shape_text(header.shape),
                            descr_of(said.type), shape_text(said.shape)));
  const std::uint64_t values = *bytes_of(said.type, said.shape);
  if (header.length + values != size)
    fail(where,
         fmt::format("it has {} bytes and its header asks for {}; it was cut short or altered", size, header.length + values));
  const auto kept = std::make_shared<const mapping>(file, size, where);
  named_array out{said.name, said.type, said.shape, static_cast<const char*>(kept->at) + header.length, kept, where};
  if (said.type == element_type::b1) {
    const auto* begin = static_cast<const unsigned char*>(out.data);
    if (std::any_of(begin, begin + values, [](unsigned char b) { return b > 1; }))
      fail(where, "it is boolean and holds a byte that is neither 0 nor 1");
  }
  return out;
}

void verify_array(const named_array& a, const manifest_array& said, byte_watch& watch) {
  const auto& map = *static_cast<const mapping*>(a.owner.get());
  ::madvise(map.at, map.size, MADV_SEQUENTIAL);
  sha256 hash;
  watch.in_pieces(map.at, map.size, [&](const char* piece, std::size_t n) { hash.add(piece, n); });
  ::madvise(map.at, map.size, MADV_NORMAL);
  if (hash.digest() != said.sha256) fail(a.file, "its SHA-256 is not the one in model.json; it was altered");
}

model_folder read_folder(const descriptor& opened, const std::filesystem::path& folder, const std::string& kind, bool verify,
                         const run_options& run) {
  const std::string where = printable(folder.native());
  const auto path_of = [&](const std::string& name) { return printable((folder / name).native()); };

  if (::faccessat(opened.get(), manifest_name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
    fail(where, "it holds no model.json, and so no model");
  std::uint64_t size = 0;
  const std::string manifest_path = path_of(manifest_name);
  const descriptor file = open_file(opened.get(), manifest_name, manifest_path, size);
  if (size > manifest_most_bytes) fail(manifest_path, fmt::format("it has {} bytes, more than {}", size, manifest_most_bytes));
  const manifest model = read_manifest(manifest_path, read_start(file, size, manifest_path));
  if (!kind.empty() && model.kind != kind) fail(where, fmt::format("it holds a model of kind {}, not {}", model.kind, kind));

  std::set<std::string> expected;
  for (const auto& a : model.arrays) expected.insert(a.name + ".npy");
  std::uint64_t total = 0;
  model_folder out{model.kind, model.metadata, {}};
  for (const auto& said : model.arrays) {
    out.arrays.push_back(map_array(said, opened, path_of(said.name + ".npy")));
    total += said.bytes;
  }
  each_entry(opened, where, [&](const std::string& entry) {
    if (entry.front() != '.' && entry != manifest_name && !expected.contains(entry))
      fail(path_of(entry), "model.json does not name it; it was added");
    return true;
  });
  if (verify) {
    byte_watch watch(run, total);
    watch.each_file(out.arrays.size(), [&](std::size_t i) { verify_array(out.arrays[i], model.arrays[i], watch); });
  }
  return out;
}

// Whether the path still leads to this folder, which a writer may have replaced.
bool leads_to(const std::filesystem::path& folder, const descriptor& opened) {
  struct stat here {
  }, there{};
  return ::fstat(opened.get(), &here) != 0 || ::stat(folder.c_str(), &there) != 0 ||
         (here.st_dev == there.st_dev && here.st_ino == there.st_ino);
}

}  // namespace

void save_model(const std::filesystem::path& folder, const std::string& kind, const std::string& metadata,
                std::span<const named_array> arrays, const run_options& run) {
  if (!is_model_name(kind)) reject("kind", '"' + kind + '"', "give 1 to 64 of a-z, 0-9 and _");
  check_arrays(arrays);
  manifest model{kind, checked_metadata(metadata), {}};

  std::string path = path_text(folder);
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::string above = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const std::string where = printable(path);
  if (name.empty() || name == "." || name == "..") reject("folder", where, "name a folder that can be replaced");
  const descriptor parent = open_folder(AT_FDCWD, above.c_str());
  if (!parent) fail_by(errno, where, "the folder above it cannot be opened");
  const bool replaces = holds_model(parent, name, where);

  draft next(parent, where);
  std::uint64_t total = 0;
  for (const auto& a : arrays) total += *bytes_of(a.type, a.shape);
  byte_watch watch(run, total);
  model.arrays.resize(arrays.size());
  watch.each_file(arrays.size(), [&](std::size_t i) { model.arrays[i] = write_array(arrays[i], next.folder(), where, watch); });
  std::ranges::sort(model.arrays, {}, &manifest_array::name);

  const std::string text = write_manifest(model), file_where = where + '/' + manifest_name;
  {
    const descriptor file = create_file(next.folder(), manifest_name, file_where);
    write_all(file, text.data(), text.size(), file_where);
    flush(file, file_where);
  }
  flush(next.folder(), where);
  next.place(name, replaces, where);
  ::fsync(parent.get());  // The model is in its place; that the name outlives a power cut is all that could still fail.
}

model_folder open_model(const std::filesystem::path& folder, const std::string& kind, bool verify, const run_options& run) {
  const std::string path = path_text(folder);
  constexpr int most_tries = 10;
  for (int tries = 1;; ++tries) {
    const descriptor opened = open_folder(AT_FDCWD, path.c_str());
    if (!opened) fail_by(errno, printable(path), "the model folder cannot be opened");
    try {
      return read_folder(opened, folder, kind, verify, run);
    } catch (const cancelled&) {
      throw;
    } catch (const error&) {
      if (tries == most_tries || leads_to(folder, opened)) throw;
    }
  }
}

namespace {

std::string label(const named_array& a) { return a.file.empty() ? "array " + a.name : a.file; }

}  // namespace

std::size_t size_of(element_type type) {
  constexpr std::size_t sizes[] = {1, 1, 4, 4, 4, 8, 8, 8};
  return sizes[static_cast<std::size_t>(type)];
}

const named_array* find_array(std::span<const named_array> arrays, std::string_view name) {
  const auto at = std::ranges::find(arrays, name, &named_array::name);
  return at == arrays.end() ? nullptr : &*at;
}

const named_array& require_array(std::span<const named_array> arrays, std::string_view name, element_type type,
                                 std::initializer_list<std::uint64_t> shape) {
  const named_array* found = find_array(arrays, name);
  if (found == nullptr) {
    const bool read = !arrays.empty() && !arrays.front().file.empty();
    fail(read ? std::filesystem::path(arrays.front().file).parent_path().native() : "arrays",
         fmt::format("the array {} is missing", name));
  }
  const bool fits = found->shape.size() == shape.size() &&
                    std::equal(shape.begin(), shape.end(), found->shape.begin(),
                               [](std::uint64_t wanted, std::uint64_t n) { return wanted == any_length || wanted == n; });
  if (found->type == type && fits) return *found;
  std::string wanted;
  for (const std::uint64_t n : shape) wanted += (wanted.empty() ? "" : ", ") + (n == any_length ? "any" : std::to_string(n));
  fail(label(*found), fmt::format("it is {} of shape {}; {} of shape ({}) is needed", descr_of(found->type),
                                  shape_text(found->shape), descr_of(type), wanted));
}

namespace {

struct text_parts {
  std::span<const std::uint8_t> bytes;
  std::span<const std::uint64_t> offsets;
};

text_parts text_parts_of(std::span<const named_array> arrays, const std::string& name) {
  const text_parts out{values_of<std::uint8_t>(arrays, name + "_bytes", {any_length}),
                       values_of<std::uint64_t>(arrays, name + "_offsets", {any_length})};
  if (out.offsets.empty() || out.offsets.front() != 0 || !std::ranges::is_sorted(out.offsets) ||
      out.offsets.back() != out.bytes.size()) {
    fail(label(*find_array(arrays, name + "_offsets")),
         fmt::format("its offsets do not rise from 0 to the {} bytes of {}_bytes", out.bytes.size(), name));
  }
  return out;
}

void add_cells(std::vector<named_array>& arrays, const std::string& name, std::size_t rows, auto&& text) {
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint64_t> offsets{0};
  offsets.reserve(rows + 1);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string_view one = text(i);
    bytes.insert(bytes.end(), one.begin(), one.end());
    offsets.push_back(bytes.size());
  }
  arrays.push_back(array_owning(name + "_bytes", std::move(bytes)));
  arrays.push_back(array_owning(name + "_offsets", std::move(offsets)));
}

}  // namespace

void add_texts(std::vector<named_array>& arrays, const std::string& name, std::span<const std::string> texts) {
  add_cells(arrays, name, texts.size(), [&](std::size_t i) { return std::string_view(texts[i]); });
}

std::vector<std::string> texts_of(std::span<const named_array> arrays, const std::string& name) {
  const auto [bytes, offsets] = text_parts_of(arrays, name);
  std::vector<std::string> out;
  out.reserve(offsets.size() - 1);
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i)
    out.emplace_back(reinterpret_cast<const char*>(bytes.data()) + offsets[i], offsets[i + 1] - offsets[i]);
  return out;
}

void add_ids(std::vector<named_array>& arrays, const std::string& name, const id_map& ids) {
  if (ids.kind() == id_kind::text) return add_cells(arrays, name, ids.size(), [&](std::size_t i) { return ids.text(i); });
  std::vector<std::int64_t> numbers(ids.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = ids.integer(i);
  arrays.push_back(array_owning(name + "_ids", std::move(numbers)));
}

id_map ids_of(std::span<const named_array> arrays, const std::string& name) {
  const named_array* numbers = find_array(arrays, name + "_ids");
  const named_array* bytes = find_array(arrays, name + "_bytes");
  try {
    if (numbers != nullptr && bytes != nullptr) reject(name, "ids that are numbers and texts", "give one of the two");
    if (bytes != nullptr) {
      const auto parts = text_parts_of(arrays, name);
      return id_map::texts({parts.bytes.begin(), parts.bytes.end()}, {parts.offsets.begin(), parts.offsets.end()}, name.c_str());
    }
    const auto ids = values_of<std::int64_t>(arrays, name + "_ids", {any_length});
    return id_map::integers({ids.begin(), ids.end()}, name.c_str());
  } catch (const std::invalid_argument& refused) {
    fail(label(bytes != nullptr ? *bytes : *numbers), refused.what());
  }
}

}  // namespace clarion::core

// Maps of files, and a list of the large ones: who goes through memory knows only where it lies.
#include "runtime/data/mapping.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <system_error>

namespace mc::runtime {
namespace {

/// A smaller file stays in memory: to map a page anew costs more than most passes take for it.
constexpr std::size_t kLarge = std::size_t{64} << 20;

/// What is given back at once: a call of the system for each tile would cost as much as the tile.
constexpr std::uint64_t kTogether = std::uint64_t{8} << 20;

/// What is asked for ahead.
constexpr std::ptrdiff_t kAhead = 4 * kTogether;

/// Mapped around a page that is looked at, by the system's own choice.
constexpr std::ptrdiff_t kAround = 64 << 10;

/// The large mappings by where they begin.
struct Large {
  std::shared_mutex mutex;
  std::map<const std::byte*, std::size_t> sizes;

  static Large& all() {
    static Large& large = *new Large;  // mappings may outlive all static objects
    return large;
  }

  /// The mapping that holds the byte; nothing if none does. Under the lock.
  std::span<const std::byte> around(const std::byte* at) const {
    const auto next = sizes.upper_bound(at);
    if (next == sizes.begin()) return {};
    const auto& [first, size] = *std::prev(next);
    return at < first + size ? std::span(first, size) : std::span<const std::byte>();
  }
};

/// Of bytes begin .. end of the mapping.
void advise(std::span<const std::byte> all, std::ptrdiff_t begin, std::ptrdiff_t end, int advice) {
  static const std::ptrdiff_t page = sysconf(_SC_PAGESIZE);
  begin = begin / page * page;
  if (begin < end)
    madvise(const_cast<std::byte*>(all.data()) + begin, static_cast<std::size_t>(end - begin), advice);
}

/// Bytes begin .. end, as far as they lie in the large mapping that holds `inside`, if one does.
void give_back_around(const std::byte* inside, const std::byte* begin, const std::byte* end) {
  const std::shared_lock lock(Large::all().mutex);
  const std::span<const std::byte> all = Large::all().around(inside);
  if (all.empty()) return;
  const auto from = std::max<std::ptrdiff_t>(begin - all.data() - kAround, 0);
  const auto to = std::min<std::ptrdiff_t>(end - all.data() + kAround, std::ssize(all));
  // Of a file's pages nothing is lost: whoever still wants one maps it again.
  advise(all, from, to, MADV_DONTNEED);
}

[[noreturn]] void fail() { throw std::system_error(errno, std::generic_category()); }

struct File {
  int number;
  ~File() { close(number); }
};

}  // namespace

Mapping::Mapping(const std::string& path) {
  // A pipe's open would wait for a writer, before anybody can tell that it is one.
  const File file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat found{};
  if (file.number < 0 || fstat(file.number, &found) != 0) fail();
  if (S_ISDIR(found.st_mode)) throw std::system_error(EISDIR, std::generic_category());
  if (!S_ISREG(found.st_mode)) throw std::system_error(ESPIPE, std::generic_category());
  size_ = static_cast<std::size_t>(found.st_size);
  if (size_ == 0) return;
  void* data = mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.number, 0);
  if (data == MAP_FAILED) fail();
  data_ = static_cast<const std::byte*>(data);
  if (size_ < kLarge) return;
  const std::unique_lock lock(Large::all().mutex);
  Large::all().sizes.emplace(data_, size_);
}

Mapping::~Mapping() {
  if (size_ == 0) return;
  if (size_ >= kLarge) {
    const std::unique_lock lock(Large::all().mutex);
    Large::all().sizes.erase(data_);
  }
  munmap(const_cast<std::byte*>(data_), size_);
}

void give_back(std::span<const std::byte> bytes) {
  give_back_around(bytes.data(), bytes.data(), bytes.data() + bytes.size());
}

Trail::Trail(const std::byte* data, std::int64_t stride, std::uint64_t size, std::uint64_t a_run)
    : data_(data), bytes_a_run_(stride * static_cast<std::int64_t>(a_run)) {
  const std::shared_lock lock(Large::all().mutex);
  if (size == 0 || bytes_a_run_ == 0 || Large::all().around(data).empty()) return;
  every_ = std::bit_ceil(kTogether / static_cast<std::uint64_t>(std::abs(bytes_a_run_)) + 1);
  given_back_ = std::make_unique<std::atomic<std::uint64_t>>(0);
}

/// What went before is given back once more, for who was in the midst of it has mapped it anew; and whoever
/// is later than that gives its own back.
void Trail::passed(std::uint64_t run) const {
  if (is_kept()) return;
  if ((run + 1) % every_ == 0) {
    give_back(run + 1 - std::min(run + 1, 2 * every_), run + 1);
    ask_for(run + 1);
    std::uint64_t before = given_back_->load();
    while (before < run + 1 && !given_back_->compare_exchange_weak(before, run + 1)) {
    }
  } else if (run < given_back_->load()) {
    give_back(run, run + 1);
  }
}

/// Runs first .. last, that one left out.
void Trail::give_back(std::uint64_t first, std::uint64_t last) const {
  const std::byte* ends[] = {data_ + static_cast<std::int64_t>(first) * bytes_a_run_,
                             data_ + static_cast<std::int64_t>(last) * bytes_a_run_};
  std::ranges::sort(ends);
  give_back_around(data_, ends[0], ends[1]);
}

/// What comes next, before somebody waits for it.
void Trail::ask_for(std::uint64_t run) const {
  const std::shared_lock lock(Large::all().mutex);
  const std::span<const std::byte> all = Large::all().around(data_);
  if (all.empty()) return;
  const std::ptrdiff_t at = data_ + static_cast<std::int64_t>(run) * bytes_a_run_ - all.data();
  const std::ptrdiff_t begin = bytes_a_run_ > 0 ? at : at - kAhead;
  advise(all, std::max<std::ptrdiff_t>(begin, 0), std::min(begin + kAhead, std::ssize(all)), MADV_WILLNEED);
}

}  // namespace mc::runtime

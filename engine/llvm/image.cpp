// System V ABI, "Object Files" and its AMD64 supplement, as far as kernels need them. The pages are written
// first, then code may run and data be read, never both.
#include "engine/llvm/image.hpp"

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "engine/llvm/callable.hpp"

namespace mc::jit {

#if defined(__x86_64__) && defined(__linux__)
namespace {

/// Thrown within this room where an object is not what it should be.
struct Unfit {};

void demand(bool holds) {
  if (!holds) throw Unfit{};
}

class Linker {
 public:
  explicit Linker(std::string_view object) : object_(object) {}
  ~Linker() {
    if (memory_ != nullptr) munmap(memory_, bytes_);
  }

  void read();
  void place();
  void relocate();
  void protect();
  std::byte* address_of(std::string_view symbol) const;
  std::size_t bytes_of(std::string_view symbol) const;

  std::byte* memory() const { return memory_; }
  std::size_t bytes() const { return bytes_; }
  void release() { memory_ = nullptr; }

 private:
  /// A jump to an address that may be too far for a call: jmp *0(%rip), and the address.
  static constexpr std::size_t kStub = 16;

  template <class T>
  T at(std::uint64_t offset) const {
    demand(offset <= object_.size() && sizeof(T) <= object_.size() - offset);
    T value;
    std::memcpy(&value, object_.data() + offset, sizeof value);
    return value;
  }
  std::string_view text_at(const Elf64_Shdr& table, std::uint64_t offset) const {
    demand(table.sh_offset <= object_.size() && table.sh_size <= object_.size() - table.sh_offset &&
           offset < table.sh_size);
    const std::string_view rest = object_.substr(table.sh_offset + offset, table.sh_size - offset);
    const std::size_t end = rest.find('\0');
    demand(end != std::string_view::npos);
    return rest.substr(0, end);
  }
  const Elf64_Shdr& section(std::uint64_t index) const {
    demand(index < sections_.size());
    return sections_[index];
  }
  /// Tables for unwinding: kernels throw nothing.
  bool is_loaded(const Elf64_Shdr& s) const {
    return (s.sh_flags & SHF_ALLOC) != 0 && s.sh_size > 0 && text_at(names_, s.sh_name) != ".eh_frame";
  }
  static bool is_code(const Elf64_Shdr& s) { return (s.sh_flags & SHF_EXECINSTR) != 0; }

  void reserve(bool code);
  void relocate(const Elf64_Shdr& table);
  std::optional<Elf64_Sym> find(std::string_view name) const;
  std::byte* value_of(const Elf64_Sym& symbol);
  std::byte* stub_of(std::string_view name);

  std::string_view object_;
  std::vector<Elf64_Shdr> sections_;
  Elf64_Shdr names_{}, symbols_{};
  std::vector<std::uint64_t> places_;  ///< of each section, in the memory; kNowhere
  static constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
  std::byte* memory_ = nullptr;
  std::size_t bytes_ = 0, code_bytes_ = 0, stubs_ = 0;
};

void Linker::read() {
  const auto header = at<Elf64_Ehdr>(0);
  demand(std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
         header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_type == ET_REL && header.e_machine == EM_X86_64 &&
         header.e_shentsize == sizeof(Elf64_Shdr));
  for (unsigned k = 0; k < header.e_shnum; ++k)
    sections_.push_back(at<Elf64_Shdr>(header.e_shoff + k * sizeof(Elf64_Shdr)));
  names_ = section(header.e_shstrndx);
  const auto table = std::ranges::find(sections_, std::uint32_t{SHT_SYMTAB}, &Elf64_Shdr::sh_type);
  demand(table != sections_.end() && table->sh_entsize == sizeof(Elf64_Sym));
  symbols_ = *table;
}

std::uint64_t aligned(std::uint64_t offset, std::uint64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

/// Code, room for stubs, and on pages of their own the constants.
void Linker::place() {
  places_.assign(sections_.size(), kNowhere);
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  reserve(true);
  stubs_ = bytes_ = aligned(bytes_, kStub);
  bytes_ += std::size(kCallable) * kStub;
  code_bytes_ = bytes_ = aligned(bytes_, page);
  reserve(false);
  bytes_ = aligned(bytes_, page);
  void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  demand(memory != MAP_FAILED);
  memory_ = static_cast<std::byte*>(memory);
  for (std::size_t k = 0; k < sections_.size(); ++k)
    if (places_[k] != kNowhere && sections_[k].sh_type != SHT_NOBITS)
      std::memcpy(memory_ + places_[k], object_.data() + sections_[k].sh_offset, sections_[k].sh_size);
}

void Linker::reserve(bool code) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 30, kMostAlignment = 4096;
  for (std::size_t k = 0; k < sections_.size(); ++k) {
    const Elf64_Shdr& s = sections_[k];
    if (!is_loaded(s) || is_code(s) != code) continue;
    const std::uint64_t alignment = std::max<std::uint64_t>(s.sh_addralign, 1);
    demand((s.sh_flags & SHF_WRITE) == 0 && s.sh_size <= kMost && alignment <= kMostAlignment);
    demand(s.sh_type == SHT_NOBITS ||
           (s.sh_offset <= object_.size() && s.sh_size <= object_.size() - s.sh_offset));
    places_[k] = aligned(bytes_, alignment);
    bytes_ = places_[k] + s.sh_size;
    demand(bytes_ <= kMost);
  }
}

void Linker::relocate() {
  for (const Elf64_Shdr& table : sections_) {
    if (table.sh_type == SHT_REL) throw Unfit{};
    if (table.sh_type == SHT_RELA && section(table.sh_info).sh_size > 0 && places_[table.sh_info] != kNowhere)
      relocate(table);
  }
}

void Linker::relocate(const Elf64_Shdr& table) {
  const Elf64_Shdr& target = section(table.sh_info);
  demand(table.sh_entsize == sizeof(Elf64_Rela));
  for (std::uint64_t k = 0; k < table.sh_size / sizeof(Elf64_Rela); ++k) {
    const auto entry = at<Elf64_Rela>(table.sh_offset + k * sizeof(Elf64_Rela));
    const std::uint64_t number = ELF64_R_SYM(entry.r_info);
    demand(number < symbols_.sh_size / sizeof(Elf64_Sym));
    const auto symbol = at<Elf64_Sym>(symbols_.sh_offset + number * sizeof(Elf64_Sym));
    const auto type = ELF64_R_TYPE(entry.r_info);
    const std::size_t width = type == R_X86_64_64 ? 8 : 4;
    demand(entry.r_offset <= target.sh_size && width <= target.sh_size - entry.r_offset);
    std::byte* const where = memory_ + places_[table.sh_info] + entry.r_offset;
    // In unsigned numbers: what a damaged object adds may be anything.
    const std::uint64_t value =
        reinterpret_cast<std::uint64_t>(value_of(symbol)) + static_cast<std::uint64_t>(entry.r_addend);
    if (type == R_X86_64_64) {
      std::memcpy(where, &value, sizeof value);
      continue;
    }
    demand(type == R_X86_64_PC32 || type == R_X86_64_PLT32);
    const auto distance = static_cast<std::int64_t>(value - reinterpret_cast<std::uint64_t>(where));
    const auto near = static_cast<std::int32_t>(distance);
    demand(near == distance);
    std::memcpy(where, &near, sizeof near);
  }
}

std::byte* Linker::value_of(const Elf64_Sym& symbol) {
  if (symbol.st_shndx == SHN_UNDEF) return stub_of(text_at(section(symbols_.sh_link), symbol.st_name));
  demand(symbol.st_shndx < sections_.size() && places_[symbol.st_shndx] != kNowhere &&
         symbol.st_value <= sections_[symbol.st_shndx].sh_size);
  return memory_ + places_[symbol.st_shndx] + symbol.st_value;
}

std::byte* Linker::stub_of(std::string_view name) {
  const auto* found = std::ranges::find(kCallable, name, &Callable::name);
  demand(found != std::end(kCallable));
  std::byte* const stub = memory_ + stubs_ + static_cast<std::size_t>(found - kCallable) * kStub;
  constexpr unsigned char kJump[] = {0xff, 0x25, 0, 0, 0, 0};
  std::memcpy(stub, kJump, sizeof kJump);
  std::memcpy(stub + sizeof kJump, &found->address, sizeof found->address);
  return stub;
}

void Linker::protect() {
  demand(mprotect(memory_, code_bytes_, PROT_READ | PROT_EXEC) == 0);
  demand(bytes_ == code_bytes_ || mprotect(memory_ + code_bytes_, bytes_ - code_bytes_, PROT_READ) == 0);
}

/// The symbol of that name that the object defines, if there is one.
std::optional<Elf64_Sym> Linker::find(std::string_view name) const {
  for (std::uint64_t k = 0; k < symbols_.sh_size / sizeof(Elf64_Sym); ++k) {
    const auto symbol = at<Elf64_Sym>(symbols_.sh_offset + k * sizeof(Elf64_Sym));
    if (symbol.st_shndx != SHN_UNDEF && symbol.st_shndx < sections_.size() &&
        text_at(section(symbols_.sh_link), symbol.st_name) == name)
      return symbol;
  }
  return std::nullopt;
}

std::byte* Linker::address_of(std::string_view name) const {
  const auto symbol = find(name);
  demand(symbol && places_[symbol->st_shndx] != kNowhere && is_code(sections_[symbol->st_shndx]) &&
         symbol->st_value < sections_[symbol->st_shndx].sh_size);
  return memory_ + places_[symbol->st_shndx] + symbol->st_value;
}

std::size_t Linker::bytes_of(std::string_view name) const {
  const auto symbol = find(name);
  return symbol ? symbol->st_size : 0;
}

}  // namespace

std::size_t Image::bytes_of(std::string_view object, std::string_view symbol) try {
  Linker linker(object);
  linker.read();
  return linker.bytes_of(symbol);
} catch (const Unfit&) {
  return 0;
}

std::unique_ptr<Image> Image::link(std::string_view object, std::string_view symbol) try {
  Linker linker(object);
  linker.read();
  linker.place();
  linker.relocate();
  linker.protect();
  std::byte* const address = linker.address_of(symbol);
  std::unique_ptr<Image> image(new Image(linker.memory(), linker.bytes(), address));
  linker.release();
  return image;
} catch (const Unfit&) {
  return nullptr;
}

Image::~Image() { munmap(memory_, bytes_); }

#else
std::size_t Image::bytes_of(std::string_view, std::string_view) { return 0; }
std::unique_ptr<Image> Image::link(std::string_view, std::string_view) { return nullptr; }
Image::~Image() = default;
#endif

}  // namespace mc::jit

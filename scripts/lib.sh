# Shared by all scripts, here, in tests and .ci/run: which Debian packages are needed, installing them, building.
# To be sourced, from anywhere, under `set -euo pipefail`. Everything it prints goes to stderr: stdout is moment's.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# To build and test. libclang-19-dev reads C++ functions; without it all else is built. zlib and zstd are what LLVM's static libraries are linked against; lld is not strictly needed, but
# links in a quarter of the time and memory.
build_packages=(
  g++ cmake ninja-build lld-19
  llvm-19-dev libclang-19-dev zlib1g-dev libzstd-dev libxxhash-dev
  pkg-config libfmt-dev libspdlog-dev libcli11-dev nlohmann-json3-dev libedit-dev
  libgtest-dev libmpfr-dev libboost-dev
)
# For .ci/run and scripts/format: the second compiler with its fuzzer, the formatter, the benchmarks' library, the battery of tests of
# random numbers, gdb for a test of what it sees, gnuplot for the demo's picture, and git to list the files.
ci_packages=(clang-19 libclang-rt-19-dev clang-format-19 libbenchmark-dev dieharder gdb git ccache gnuplot-nox)

say() { printf '%s\n' "$*" >&2; }

# install_missing PACKAGE...: what is not there yet, named first. Does nothing where there is no dpkg: CMake then says
# what it does not find.
install_missing() {
  command -v dpkg-query >/dev/null || return 0
  local package status missing=()
  # One call for all: this runs before every start of moment.
  status=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null) || true
  for package in "$@"; do
    [[ $'\n'$status$'\n' == *$'\n'"$package installed"$'\n'* ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  say "Installing with apt-get: ${missing[*]}"
  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      say "Neither root nor sudo: please have these packages installed, then try again."
      return 1
    fi
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get -q update >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y --no-install-recommends install "${missing[@]}" </dev/null >&2
}

# build PRESET [TARGET...]: configures if that was never done, or before the presets changed, then builds what is out of date; CMake configures anew by
# itself when one of its files changes. Says nothing when there is nothing to do.
build() {
  local preset=$1
  shift
  if [[ ! build/$preset/build.ninja -nt CMakePresets.json ]]; then
    say "Configuring build/$preset"
    nice cmake --preset "$preset" >&2
  fi
  nice ninja -C "build/$preset" -j "$(nproc)" "$@" 2>&1 |
    sed -u '/^ninja: Entering directory/d; /Re-checking globbed directories/d; /^ninja: no work to do/d' >&2
}

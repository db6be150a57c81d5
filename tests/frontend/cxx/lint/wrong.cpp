// Programs with one thing wrong each, written down in all the ways there are. wrong.txt is what the lint
// says.
// clang-format off
#include <array>
#include <string>
#include <string_view>

#include <mc/cxx.hpp>

#include "shared.hpp"

using namespace std::literals;

void plain() { mc::compile("sum(x_i^2) + sqr(y)"); }

void with_escapes() { mc::compile("x ~ normal(0, 1);\n\tE[\"\\\x40]"); }

void behind_escapes() { mc::compile("x ~ normal(0, 1);\n\tE[\x73qr(x)] # \u03c0\n; P[\u03C0x > 1]"); }

void side_by_side() {
  mc::compile("x ~ normal(0, 1); "
              "y ~ nromal(0, 1); " /* between two pieces */ "E[x*y]");
}

void raw() {
  mc::compile(R"(
    x ~ normal(0, 1)^3
    E[smu(x_i^2)])");
}

void raw_with_a_word() { mc::compile(R"moment(x ~ normal(0, 1); (((E[x])moment"); }

void at_the_end() { mc::compile("x ~ normal(0, 1); E[x"); }

void in_a_density() { mc::compile("sum(x_i^2)", "prodd(1/(hi_i - lo_i))"); }

void in_both() { mc::compile("sum(x_i^2", "prod(1/(hi_i - lo_i)"); }

void continued_line() { mc::compile("x ~ normal(0, 1); \
E[sqr(x)]"); }

// ---- macros

#define PAYOFF "max(S0*exq(s*z) - K, 0)"
void in_a_macro() { mc::compile("z ~ normal(0, 1); E[" PAYOFF "]"); }

#define COMPILED(text) mc::compile(text)
void given_to_a_macro() { COMPILED("z ~ normal(0, 1); E[sqr(z)]"); }

#define WRITTEN(...) mc::compile(#__VA_ARGS__)
void made_by_a_macro() { WRITTEN(z ~ normal(0, 1); E[sqr(z)]); }

// ---- constants

constexpr char kArray[] = "E[x";
constexpr std::string_view kView = "x ~ normal(0, 1); E[exq(x)]";
constexpr std::string_view kLonger = "# behind a comment\nx ~ normal(0, 1); E[exq(x)^2]";
const std::string kString = "x ~ normal(0, 1); E[exq(x) + 1]";
constexpr std::array<char, 4> kComputed = [] { return std::array<char, 4>{'2', '*', ')', '2'}; }();

void an_array() { mc::compile(kArray); }
void a_view() { mc::compile(kView); }
void a_string() { mc::compile(kString); }
void with_a_suffix() { mc::compile("x ~ normal(0, 1); E[exq(x) + 2]"sv); }
void part_of_a_view() { mc::compile(kLonger.substr(19)); }
void computed() { mc::compile(std::string_view(kComputed.data(), kComputed.size())); }
void chosen() { mc::compile(sizeof(long) == 8 ? "E[y" : "1"); }
void of_a_function() {
  static const char text[] = "E[z";
  mc::compile(text);
}

// ---- handed on

auto handed_on(unsigned samples, const char* text) { return mc::compile(text).estimate({.samples = samples}); }
auto handed_on_again(const std::string& text) { return handed_on(10, text.c_str()); }
void hands_on() { handed_on(10, "x ~ normal(0, 1); E[lgo(x)]"); }
void hands_on_twice() { handed_on_again("x ~ normal(0, 1); E[lgo(x) + 1]"); }

// ---- others that take a text

void a_program_with_functions(const std::vector<mc::cxx::Function>& functions) {
  mc::cxx::compile_program("x ~ normal(0, 1); E[payoff(x)", functions);
}

void with_limits() { mc::compile("1 +", mc::Limits{.depth = 10}); }

// ---- known to nobody here

void given(const std::string& text) { mc::compile(text); }
template <class Text>
void given_to_a_template(Text text) {
  mc::compile(text);
}
void changed(std::string text) {
  text += ")";
  mc::compile(text);
}
void changes() { changed("(1"); }

// ---- right

void right() { mc::compile("x ~ normal(0, 1); E[x^2]"); }

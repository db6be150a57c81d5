// Arrays from files: every kind of .npy that is read, and what is said of all others; text in columns.
#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/cpu_back_ends.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc {
namespace {

using testing::TemporaryFolder;

template <class T>
std::string bytes(std::initializer_list<T> numbers) {
  std::string all(numbers.size() * sizeof(T), '\0');
  std::memcpy(all.data(), std::data(numbers), all.size());
  return all;
}

std::string header(std::string_view descr, std::string_view shape, std::string_view fortran = "False") {
  return "{'descr': '" + std::string(descr) + "', 'fortran_order': " + std::string(fortran) +
         ", 'shape': " + std::string(shape) + ", }";
}

/// As numpy.save writes it: the numbers begin at a multiple of 64.
std::string npy(std::string head, const std::string& numbers, unsigned version = 1) {
  const std::size_t before = version == 1 ? 10 : 12;
  head.resize((before + head.size() + 64) / 64 * 64 - before, ' ');
  head.back() = '\n';
  std::string file = "\x93NUMPY" + std::string{static_cast<char>(version), '\0'};
  for (std::size_t k = 0; k < before - 8; ++k) file += static_cast<char>(head.size() >> 8 * k & 255);
  return file + head + numbers;
}

class Files : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content) const {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  /// What is said of such a file, with its folder left out.
  std::string refusal(const std::string& name, const std::string& content,
                      std::string_view columns = {}) const {
    try {
      read_array(file(name, content), columns);
    } catch (const Error& error) {
      return without_folder(error.what()) + '\n';
    }
    return {};
  }

  std::string without_folder(std::string text) const {
    const std::string folder = folder_.path() + "/";
    for (std::size_t at; (at = text.find(folder)) != text.npos;) text.erase(at, folder.size());
    return text;
  }

  TemporaryFolder folder_;
};

/// All its numbers in a matrix's order, by what a program sees of them.
std::vector<double> numbers_of(const Parameter& array) {
  std::vector<double> all;
  const Moment moment = array.rank() == 1 ? compile("x ~ rows(A); E[x]") : compile("x ~ rows(A); E[x_1]");
  const Input whole = array.numbers();
  if (array.rank() == 1) {
    for (std::size_t k = 0; k < whole.size(); ++k) {
      double value = 0;
      const auto at =
          static_cast<const std::byte*>(whole.data()) + static_cast<std::ptrdiff_t>(k) * whole.stride();
      const auto read = [&]<class T>(T number) {
        std::memcpy(&number, at, sizeof number);
        value = static_cast<double>(number);
      };
      switch (whole.type()) {
        case NumberType::f64:
          read(double{});
          break;
        case NumberType::f32:
          read(float{});
          break;
        case NumberType::i64:
          read(std::int64_t{});
          break;
        case NumberType::i32:
          read(std::int32_t{});
          break;
        case NumberType::u8:
          read(std::uint8_t{});
          break;
      }
      all.push_back(value);
    }
    return all;
  }
  for (std::size_t column = 0; column < array.columns(); ++column)
    all.push_back(compile("x ~ rows(A); E[x_" + std::to_string(column + 1) + "]")
                      .estimate({.parameters = {{"A", array}}})
                      .value);
  return all;  // the columns' means
}

using Numbers = std::vector<double>;

TEST_F(Files, OfNumPyAreReadWhereTheyLie) {
  struct Case {
    std::string descr, numbers;
    NumberType type;
    Numbers wanted;
  };
  for (const Case& c : {
           Case{"<f8", bytes<double>({1.5, -2, 1e300}), NumberType::f64, {1.5, -2, 1e300}},
           Case{"<f4", bytes<float>({1.5, -2, 3}), NumberType::f32, {1.5, -2, 3}},
           Case{"<i8", bytes<std::int64_t>({1, -2, 1LL << 40}), NumberType::i64, {1, -2, 0x1p40}},
           Case{"<i4", bytes<std::int32_t>({1, -2, 3}), NumberType::i32, {1, -2, 3}},
           Case{"|u1", bytes<std::uint8_t>({1, 200, 3}), NumberType::u8, {1, 200, 3}},
           Case{"|b1", bytes<std::uint8_t>({1, 0, 1}), NumberType::u8, {1, 0, 1}},
       })
    for (unsigned version : {1u, 2u, 3u}) {
      SCOPED_TRACE(c.descr);
      const Parameter array = read_array(file("a.npy", npy(header(c.descr, "(3,)"), c.numbers, version)));
      EXPECT_EQ(array.rank(), 1u);
      EXPECT_EQ(array.numbers().type(), c.type);
      EXPECT_EQ(numbers_of(array), c.wanted);
      const Moment sum = compile("sum(x)"), mean = compile("x ~ rows(A); E[x]");
      const double wanted = c.wanted[0] + c.wanted[1] + c.wanted[2];
      EXPECT_EQ(sum({{"x", array.numbers()}}), wanted);
      EXPECT_NEAR(mean.estimate({.parameters = {{"A", array}}}).value, wanted / 3, std::abs(wanted) * 1e-15);
    }
}

/// Where its header is padded to a length of its own, the numbers lie at no address for such.
TEST_F(Files, OfNumPyMayBeginAnywhere) {
  const std::string head = header("<f8", "(3,)");
  const Numbers wanted{1.5, -2, 4};
  for (std::size_t pad = 0; pad < 8; ++pad) {
    SCOPED_TRACE(pad);
    std::string content = "\x93NUMPY" + std::string{'\1', '\0', static_cast<char>(head.size() + pad), '\0'};
    const std::size_t begin = content.size() + head.size() + pad;
    content += head + std::string(pad, ' ') + bytes<double>({1.5, -2, 4});
    const Parameter array = read_array(file("a.npy", content));
    EXPECT_EQ(array.values().size(), begin % alignof(double) == 0 ? 3u : 0u);
    EXPECT_EQ(numbers_of(array), wanted);
    EXPECT_EQ(compile("A_2 + A_3")({}, {{"A", array}}), 2);
    for (Backend backend : mc::testing::cpu_back_ends()) {
      EXPECT_EQ(compile("sum(x)")({{"x", array.numbers()}}, {.backend = backend}), 3.5);
      Numbers out(3);
      compile("x").map(out, {{"x", array.numbers()}}, {.backend = backend});
      EXPECT_EQ(out, wanted);
    }
  }
}

TEST_F(Files, OfNumPyMayBeMatrices) {
  const std::string path = file("a.npy", npy("{\"shape\": (3, 2), 'fortran_order':False,'descr':'<i4'}",
                                             bytes<std::int32_t>({1, 2, 3, 4, 8, 9})));
  const Parameter array = read_array(path);
  EXPECT_EQ(array.rank(), 2u);
  EXPECT_EQ(array.rows(), 3u);
  EXPECT_EQ(numbers_of(array), (Numbers{4, 5}));
  EXPECT_EQ(numbers_of(read_array(path, "2")), (Numbers{2, 4, 9}));
  const Parameter first = read_array(path, "1");
  EXPECT_EQ(compile("max(x)")({{"x", first.numbers()}}), 8);
}

TEST_F(Files, OfNumPyAreRefused) {
  const std::string eight(8, '\0');
  struct Case {
    std::string content, why;
  };
  const Case cases[] = {
      {"", "error: a.npy: no .npy file: it does not begin with \\x93NUMPY\n  numpy.save makes such\n"},
      {"hello", "error: a.npy: no .npy file: it does not begin with \\x93NUMPY\n  numpy.save makes such\n"},
      {"\x93NUMPY\x01", "error: a.npy: cut off in its header\n  copy it once more\n"},
      {npy(header("<f8", "(1,)"), eight).substr(0, 50),
       "error: a.npy: cut off in its header\n  copy it once more\n"},
      {npy(header("<f8", "(1,)"), eight, 4), "error: a.npy: a .npy of version 4, and 1 to 3 are known\n"},
      {npy("{'descr': '<f8'}", eight), "error: a.npy: its header is not one of a .npy file\n"},
      {npy("{'descr': '<f8", eight), "error: a.npy: its header is not one of a .npy file\n"},
      {npy(header("<f8", "(1, x)"), eight), "error: a.npy: its header is not one of a .npy file\n"},
      {npy(header("<f8", "(-1,)"), eight), "error: a.npy: its header is not one of a .npy file\n"},
      {npy(header("<f8", "(99999999999999999999,)"), eight),
       "error: a.npy: its header is not one of a .npy file\n"},
      {npy(header("<f8", "(2,)"), eight),
       "error: a.npy: cut off: an array of shape (2,) is longer than the 8 bytes that are there\n"
       "  copy it once more\n"},
      {npy(header("<f8", "(4611686018427387904, 4)"), eight),
       "error: a.npy: cut off: an array of shape (4611686018427387904, 4) is longer than the 8 bytes that "
       "are "
       "there\n  copy it once more\n"},
      {npy(header("<f8", "(1, 1)", "True"), eight),
       "error: a.npy: its columns, not its rows, stand one after another (fortran_order)\n"
       "  numpy.save(file, numpy.ascontiguousarray(a))\n"},
      {npy(header(">f8", "(1,)"), eight),
       "error: a.npy: its numbers are big endian (>f8)\n"
       "  numpy.save(file, a.astype(a.dtype.newbyteorder('<')))\n"},
      {npy(header("|O", "(1,)"), eight),
       "error: a.npy: an array of Python objects\n"
       "  f8, f4, i8, i4 and u1 are read: numpy.save(file, a.astype('f8'))\n"},
      {npy(header("<c16", "(1,)"), eight + eight),
       "error: a.npy: an array of <c16\n"
       "  f8, f4, i8, i4 and u1 are read: numpy.save(file, a.astype('f8'))\n"},
      {npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", eight),
       "error: a.npy: an array of records\n  numpy.save one field of it: a['name']\n"},
      {npy(header("<f8", "()"), eight), "error: a.npy: its shape is ()\n  vectors and matrices are read\n"},
      {npy(header("<f8", "(1, 1, 1)"), eight),
       "error: a.npy: its shape is (1, 1, 1)\n  vectors and matrices are read\n"},
      {npy(header("<f8", "(4, 0)"), ""), "error: a.npy: it has no columns\n"},
      {npy(header("<f8", "(0, 2305843009213693952)"), ""),
       "error: a.npy: its shape is (0, 2305843009213693952): rows longer than any memory\n"},
  };
  for (const auto& [content, why] : cases) EXPECT_EQ(refusal("a.npy", content), why);
  EXPECT_EQ(
      refusal("a.npy", npy(header("<f8", "(1, 1)"), eight), "2"),
      "error: a.npy: there is no column 2\n  it has 1, counted from 1, and one of them can be chosen\n");
}

TEST_F(Files, OfAnEmptyArrayReduceToNothing) {
  const Parameter none = read_array(file("a.npy", npy(header("<f8", "(0,)"), "")));
  EXPECT_EQ(compile("sum(x)")({{"x", none.numbers()}}), 0);
  const std::string wide = file("wide.npy", npy(header("<f8", "(0, 1000000000000000000)"), ""));
  const Parameter last = read_array(wide, "1000000000000000000");
  EXPECT_EQ(compile("sum(x)")({{"x", last.numbers()}}), 0);
  EXPECT_THROW(compile("x ~ rows(A); E[x]").estimate({.parameters = {{"A", none}}}), ArgumentError);
}

TEST_F(Files, OfTextAreRead) {
  struct Case {
    std::string text;
    std::string columns;
    std::size_t width;
    Numbers wanted;  ///< a vector's numbers, or a matrix's columns' means
  };
  const Case cases[] = {
      {"1\n2\n3\n", "", 1, {1, 2, 3}},
      {"1\n2\n3", "", 1, {1, 2, 3}},
      {"x\n1\n+2\n3e1\n", "", 1, {1, 2, 30}},
      {"a,b\n1,2\n3,4\n", "", 2, {2, 3}},
      {"a,b\r\n1,2\r\n3,4\r\n", "", 2, {2, 3}},
      {"\xEF\xBB\xBF"
       "a,b\n1,2\n3,4\n",
       "a",
       1,
       {1, 3}},
      {"1;2\n3;4\n", "", 2, {2, 3}},
      {"1\t2\n3\t4\n", "2", 1, {2, 4}},
      {"  1   2 \n3 4\n", "", 2, {2, 3}},
      {"# made by hand\n\na , b\n# more\n 1 , 2\n\n3,4\n", "b", 1, {2, 4}},
      {"date,\"the price\",v\n2020-01-01,\"1.5\",7\n2020-01-02,2,8\n", "the price", 1, {1.5, 2}},
      {"date,\"the price\",v\n2020-01-01,\"1.5\",7\n2020-01-02,2,8\n", "v,2", 2, {7.5, 1.75}},
      {"2020-01-01,5\n2020-01-02,6\n", "2", 1, {5, 6}},
      {"1,\"a \"\"quoted\"\", word\",3\n4,b,6\n", "1,3", 2, {2.5, 4.5}},
      {",a,b\n0,1,2\n1,3,4\n", "b", 1, {2, 4}},
      {"Na,K\n140,4\n", "Na", 1, {140}},
      {"1e-400\n1.5e400\n-inf\n-2.5e999\n", "", 1, {0, INFINITY, -INFINITY, -INFINITY}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const Parameter array = read_array(file("a.csv", c.text), c.columns);
    EXPECT_EQ(array.columns(), c.width);
    EXPECT_EQ(numbers_of(array), c.wanted);
  }
  EXPECT_TRUE(std::isnan(numbers_of(read_array(file("a.csv", "1\nnan\n")))[1]));
}

TEST_F(Files, OfTextAreRefusedWithThePlace) {
  struct Case {
    std::string text, columns, why;
  };
  const Case cases[] = {
      {"", "", "error: a.csv: there is no number in it\n"},
      {"# nothing\n\n", "", "error: a.csv: there is no number in it\n"},
      {"a,b\n", "a",
       "error: a.csv: there is no number in it\n  its first line is taken for the columns' names\n"},
      {"NA\n1\n2\n", "",
       "a.csv:1:1: error: NA is no column's name\n  1 | NA\n    | ^~  for a number that is not known write "
       "nan\n"},
      {"day,null\nx,2\n", "",
       "a.csv:1:5: error: null is no column's name\n  1 | day,null\n    |     ^~~~  for a number that is not "
       "known write nan\n"},
      {"2020-01-01,\n2020-01-02,2\n", "2",
       "a.csv:1:12: error: nothing is no column's name\n  1 | 2020-01-01,\n    |            ^  for a number "
       "that is not known write nan\n"},
      {{"1\0002\n3\n", 6},
       "",
       "error: a.csv: no plain text: there is a zero byte in line 1\n"
       "  UTF-16 is not read: iconv -f UTF-16 -t UTF-8\n"},
      {{"\xFF\xFE"
        "1\0\n\0002\0\n\0",
        10},
       "",
       "error: a.csv: no plain text: there is a zero byte in line 1\n"
       "  UTF-16 is not read: iconv -f UTF-16 -t UTF-8\n"},
      {{"x\n1\n# \0\n", 8},
       "",
       "error: a.csv: no plain text: there is a zero byte in line 3\n"
       "  UTF-16 is not read: iconv -f UTF-16 -t UTF-8\n"},
      {"q1,q2,q3,q4,q5,q6,q7,q8,q9,q10,q\x1b,q12,q13,q14\n", "zzz",
       "error: a.csv: there is no column zzz\n"
       "  there are q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q\\x1b, q12 and 2 more\n"},
      {"a,b\n1,2\n3\n", "",
       "a.csv:3:1: error: this line has 1 field, and the first one 2\n  3 | 3\n    | ^\n"},
      {"1,2\n3,4,5\n", "",
       "a.csv:2:1: error: this line has 3 fields, and the first one 2\n  2 | 3,4,5\n    | ^~~~~\n"},
      {"a,b\n1,x y\n", "",
       "a.csv:2:3: error: x y is not a number\n  2 | 1,x y\n    |   ^~~  leave the column out: FILE:2 takes "
       "the "
       "second, FILE:2,4 two of them\n"},
      {"a;b\n1;2,5\n", "",
       "a.csv:2:3: error: 2,5 is not a number\n  2 | 1;2,5\n    |   ^~~  a decimal point is written .\n"},
      {"a,b\n1,\n", "",
       "a.csv:2:3: error: a number is missing\n  2 | 1,\n    |   ^  for one that is not known write nan\n"},
      {"a,b\n1,\"2\n", "", "a.csv:2:3: error: a quote is not closed in its line\n  2 | 1,\"2\n    |   ^~\n"},
      {"a,b\n1,\"2\"3\n", "",
       "a.csv:2:6: error: something stands behind a closing quote\n  2 | 1,\"2\"3\n    |      ^\n"},
      {"1\n7e8123c4\n", "",
       "a.csv:2:1: error: 7e8123c4 is not a number\n  2 | 7e8123c4\n    | ^~~~~~~~  leave the column out: "
       "FILE:2 takes "
       "the second, FILE:2,4 two of them\n"},
      {"1,2\n3,1e-400 kg\n", "",
       "a.csv:2:3: error: 1e-400 kg is not a number\n  2 | 3,1e-400 kg\n    |   ^~~~~~~~~  leave the column "
       "out: FILE:2 "
       "takes the second, FILE:2,4 two of them\n"},
      {"1\n1e999e", "",
       "a.csv:2:1: error: 1e999e is not a number\n  2 | 1e999e\n    | ^~~~~~  leave the column out: FILE:2 "
       "takes the "
       "second, FILE:2,4 two of them\n"},
      {"b,a,a\n1,2,3\n", "a",
       "error: a.csv: several columns are called a\n  give the column's number: FILE:2\n"},
      {"price,b\n1,2\n", "prise", "error: a.csv: there is no column prise\n  did you mean price?\n"},
      {"price,b\n1,2\n", "zzz", "error: a.csv: there is no column zzz\n  there are price, b\n"},
      {"price,b\n1,2\n", "3", "error: a.csv: there is no column 3\n  it has 2, counted from 1\n"},
      {"price,b\n1,2\n", "0", "error: a.csv: there is no column 0\n  it has 2, counted from 1\n"},
      {"1,2\n", "price",
       "error: a.csv: there is no column price\n  its first line names none: give a column's number\n"},
      {"1,0x10\n", "",
       "a.csv:1:3: error: 0x10 is not a number\n  1 | 1,0x10\n    |   ^~~~  leave the column out: FILE:2 "
       "takes "
       "the second, FILE:2,4 two of them\n"},
  };
  for (const auto& [text, columns, why] : cases) EXPECT_EQ(refusal("a.csv", text, columns), why);
}

TEST_F(Files, ThatAreNotThere) {
  const auto why = [&](const std::string& path) {
    try {
      read_array(path);
    } catch (const ArgumentError& error) {
      return without_folder(error.what()) + '\n';
    }
    return std::string();
  };
  EXPECT_EQ(why(folder_ / "none.csv"), "error: none.csv: No such file or directory\n");
  EXPECT_EQ(why("/"), "error: /: Is a directory\n");
  EXPECT_EQ(why("/dev/null"), "error: /dev/null: no regular file\n");
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);  // whose open would wait for a writer
  EXPECT_EQ(why(folder_ / "pipe"), "error: pipe: no regular file\n");
}

/// A reduction that is stopped has no value.
TEST(Stopping, ThrowsWhatWasDone) {
  const std::vector<double> x(1 << 20, 1.0);
  std::stop_source source;
  const Moment sum = compile("sum(x)");
  std::uint64_t heard = 0;
  const auto hear = [&](std::uint64_t done, std::uint64_t all) {
    EXPECT_EQ(all, x.size());
    heard = std::max(heard, done);
    if (done > x.size() / 4) source.request_stop();
  };
  try {
    sum({{"x", x}}, {.threads = 1, .stop = source.get_token(), .progress = hear});
    FAIL() << "it was not stopped";
  } catch (const Stopped& stopped) {
    EXPECT_EQ(stopped.all(), x.size());
    EXPECT_GE(stopped.done(), x.size() / 4);
    EXPECT_LT(stopped.done(), x.size());
  }
  EXPECT_EQ(sum({{"x", x}}, {.stop = std::stop_token()}), static_cast<double>(x.size()));
}

/// What a map has written by then stays; what is stopped before it begins writes nothing.
TEST(Stopping, EndsMapsToo) {
  const std::vector<double> x(1 << 20, 1.0);
  std::vector<double> out(x.size());
  const Moment twice = compile("2*x");
  for (bool at_once : {true, false}) {
    SCOPED_TRACE(at_once);
    std::ranges::fill(out, 0);
    std::stop_source source;
    if (at_once) source.request_stop();
    const auto hear = [&](std::uint64_t done, std::uint64_t all) {
      EXPECT_EQ(all, x.size());
      if (done > x.size() / 4) source.request_stop();
    };
    try {
      twice.map(out, {{"x", x}}, {.threads = 1, .stop = source.get_token(), .progress = hear});
      FAIL() << "it was not stopped";
    } catch (const Stopped& stopped) {
      EXPECT_LT(stopped.done(), x.size());
      EXPECT_EQ(std::ranges::count(out, 2.0), static_cast<std::ptrdiff_t>(stopped.done()));
      EXPECT_EQ(stopped.done() == 0, at_once);
    }
  }
}

/// A few numbers that take seconds are one call of a kernel, which looks at the stop too.
TEST(Stopping, DoesNotWaitForACallToEnd) {
  const std::vector<double> x(4096, 0.25);
  std::vector<double> out(x.size());
  const Moment logistic = compile("iterate(y = x, 3.9*y*(1 - y), 3000000)");
  const Moment sum = compile("sum(iterate(y = x_i, 3.9*y*(1 - y), 3000000))");
  for (Backend backend : mc::testing::cpu_back_ends()) {
    SCOPED_TRACE(static_cast<int>(backend));
    std::stop_source source;
    const DataOptions options{.backend = backend, .threads = 1, .stop = source.get_token()};
    std::jthread stopping([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      source.request_stop();
    });
    EXPECT_THROW(logistic.map(out, {{"x", x}}, options), Stopped);
    EXPECT_THROW(sum({{"x", x}}, options), Stopped);
  }
}

/// Progress may ask for another reduction, longer or shorter than the one that it hears of.
TEST(Progress, MayReduceAmidAReduction) {
  const std::vector<double> x(1 << 20, 1.0), other(3 << 20, 5.0);
  const Moment sum = compile("sum(x)");
  for (unsigned threads : {1u, 2u})
    for (std::size_t size : {x.size() / 8, other.size()}) {
      SCOPED_TRACE(size);
      bool was_asked = false;
      const auto hear = [&](std::uint64_t done, std::uint64_t all) {
        if (was_asked || done < all / 2) return;
        was_asked = true;
        EXPECT_EQ(sum({{"x", Input(other.data(), size)}}), 5.0 * static_cast<double>(size));
      };
      EXPECT_EQ(sum({{"x", x}}, {.threads = threads, .progress = hear}), static_cast<double>(x.size()));
      EXPECT_TRUE(was_asked || threads > 1);
    }
}

}  // namespace
}  // namespace mc

// Personal data is read by name of a purpose only, and no printer takes it.
#include <gtest/gtest.h>

#include <concepts>
#include <sstream>
#include <string>
#include <type_traits>

#include "base/personal.h"

namespace plmm {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept Formattable = requires(const T& value) { format_as(value); };
template <class T>
concept TestPrintable = requires(std::ostream* out, const T& value) { PrintTo(value, out); };

TEST(Personal, is_read_by_saying_what_for) {
  const Personal<std::string> name("Mira");
  EXPECT_EQ(name.reveal(Purpose::show_owner), "Mira");
  EXPECT_EQ(Personal<std::string>("Mira").reveal(Purpose::seal), "Mira");
  EXPECT_TRUE(name == Personal<std::string>("Mira"));
  EXPECT_TRUE(Personal<std::string>() == Personal<std::string>(""));
}

TEST(Personal, is_refused_by_streams_formats_and_test_messages) {
  static_assert(Streamable<std::string> && !Streamable<Personal<std::string>>);
  static_assert(!Formattable<Personal<std::string>> && !TestPrintable<Personal<std::string>>);
  static_assert(!Streamable<Personal<int>> && !Formattable<Personal<int>>);
}

TEST(Personal, does_not_turn_into_what_it_holds) {
  static_assert(!std::convertible_to<Personal<std::string>, std::string>);
  static_assert(!std::convertible_to<std::string, Personal<std::string>>);
  static_assert(!std::is_constructible_v<std::string, Personal<std::string>>);
}

}  // namespace
}  // namespace plmm

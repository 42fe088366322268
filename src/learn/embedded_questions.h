// assets/following inside the program.
#pragma once

#include <string_view>

namespace plmm::learn {

std::string_view embedded_learn_questions();
std::string_view embedded_test_questions();

}  // namespace plmm::learn

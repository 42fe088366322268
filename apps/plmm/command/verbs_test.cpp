// Tests of the table and of what is made from it: parser, help, man pages and completion.
#include "apps/plmm/command/verbs.h"

#include <gtest/gtest.h>

#include <set>

#include "apps/plmm/command/arguments.h"
#include "apps/plmm/command/completion.h"
#include "apps/plmm/command/help.h"
#include "apps/plmm/command/man.h"
#include "apps/plmm/terminal/exit_code.h"
#include "apps/plmm/terminal/format.h"

namespace plmm::command {
namespace {

Result<Invocation> parse(std::initializer_list<std::string> words) {
  const std::vector<std::string> all(words);
  return parse_arguments(all);
}
std::string error_of(std::initializer_list<std::string> words) {
  const auto parsed = parse(words);
  return parsed ? "accepted" : parsed.error().what;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto stop = text.find('\n');
    out.push_back(text.substr(0, stop));
    text = stop == std::string_view::npos ? std::string_view() : text.substr(stop + 1);
  }
  return out;
}

TEST(Verbs, each_is_explained_wholly) {
  std::set<std::string_view> names;
  for (const auto& verb : verbs()) {
    EXPECT_TRUE(names.insert(verb.name).second) << verb.name;
    EXPECT_FALSE(verb.summary.empty()) << verb.name;
    EXPECT_FALSE(verb.text.empty()) << verb.name;
    std::set<std::string_view> flags;
    for (const auto& option : verb.options) {
      EXPECT_TRUE(flags.insert(option.flag).second) << verb.name << " " << option.flag;
      EXPECT_FALSE(option.help.empty()) << verb.name << " " << option.flag;
      const bool has_value = option.value.kind != Kind::flag;
      EXPECT_EQ(has_value, !option.value.name.empty()) << verb.name << " " << option.flag;
    }
    for (const auto& argument : verb.arguments) EXPECT_FALSE(argument.help.empty()) << verb.name;
    for (const auto& example : verb.examples) EXPECT_FALSE(example.meaning.empty()) << verb.name;
  }
}

TEST(Verbs, pages_fit_80_columns_and_name_every_option) {
  for (const auto& verb : verbs()) {
    const auto help = verb_help(verb);
    const auto man = verb_man(verb);
    for (const auto line : lines_of(help)) EXPECT_LE(terminal::columns(line), 80U) << line;
    for (const auto& option : verb.options) {
      EXPECT_NE(help.find(option.flag), std::string::npos) << verb.name << " " << option.flag;
      std::string escaped(option.flag);
      for (std::size_t i = 0; (i = escaped.find('-', i)) != std::string::npos; i += 2) {
        escaped.insert(i, 1, '\\');
      }
      EXPECT_NE(man.find(escaped), std::string::npos) << verb.name << " " << option.flag;
    }
  }
  const auto overview = overview_help();
  for (const auto line : lines_of(overview)) EXPECT_LE(terminal::columns(line), 80U) << line;
}

TEST(Verbs, man_pages_have_every_section_and_exit_code) {
  const auto page = overview_man();
  for (const char* section : {"NAME", "SYNOPSIS", "DESCRIPTION", "VERBS", "EXIT STATUS",
                              "ENVIRONMENT", "FILES", "SEE ALSO"}) {
    EXPECT_NE(page.find(std::string(".SH ") + section), std::string::npos) << section;
  }
  for (const auto& [code, meaning] : terminal::kExitCodes)
    EXPECT_NE(page.find(meaning.substr(0, 9)), 0U);
  EXPECT_NE(page.find("PLMM_TOP_K"), std::string::npos);
}

TEST(Verbs, completion_names_every_shown_verb_and_option) {
  const std::vector<std::string> models{"model-a"};
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = completion_script(shell, models);
    EXPECT_NE(script.find("model-a"), std::string::npos) << shell;
    for (const auto& verb : verbs()) {
      if (verb.shown == Shown::hidden) continue;
      EXPECT_NE(script.find(verb.name), std::string::npos) << shell << " " << verb.name;
      for (const auto& option : verb.options) {
        EXPECT_NE(script.find(option.flag.substr(2)), std::string::npos)
            << shell << " " << verb.name << " " << option.flag;
      }
    }
  }
}

TEST(Arguments, the_default_verb_takes_options_without_a_name) {
  const auto plain = parse({}).value();
  EXPECT_EQ(plain.verb->name, "chat");
  EXPECT_FALSE(plain.named);
  const auto with_option = parse({"--model", "x", "--seed=3"}).value();
  EXPECT_EQ(with_option.verb->name, "chat");
  EXPECT_EQ(with_option.flags().at("model"), "x");
  EXPECT_EQ(with_option.flags().at("seed"), "3");
}

TEST(Arguments, values_stay_as_they_were_typed) {
  const auto ask = parse({"ask", "what", "is", "chat?", "--stop", "\n", "--stop", "", "-m", "a b",
                          "--system", "", "--raw"})
                       .value();
  EXPECT_EQ(ask.list("QUESTION"), (std::vector<std::string>{"what", "is", "chat?"}));
  EXPECT_EQ(ask.list("--stop"), (std::vector<std::string>{"\n", ""}));
  EXPECT_EQ(ask.text("--model"), "a b");
  EXPECT_TRUE(ask.has("--system"));
  EXPECT_TRUE(ask.has("--raw"));
  EXPECT_FALSE(ask.has("--json"));
  EXPECT_EQ(parse({"ask", "--", "--raw", "-x"}).value().list("QUESTION"),
            (std::vector<std::string>{"--raw", "-x"}));
  EXPECT_EQ(parse({"ask", "chat"}).value().list("QUESTION"), (std::vector<std::string>{"chat"}));
}

TEST(Arguments, the_last_of_two_wins) {
  EXPECT_EQ(parse({"ask", "x", "--seed", "1", "--seed", "2"}).value().flags().at("seed"), "2");
}

TEST(Arguments, errors_say_what_and_what_next) {
  EXPECT_EQ(error_of({"chta"}),
            "'chta' is not a verb of plmm. Did you mean 'chat'? Run: plmm --help");
  EXPECT_EQ(error_of({"ask", "--tempratur", "1", "x"}),
            "plmm ask has no option '--tempratur'. Did you mean '--temperature'? "
            "Run: plmm ask --help");
  EXPECT_EQ(error_of({"ls", "more"}), "plmm ls does not take 'more' here. Run: plmm ls --help");
  EXPECT_EQ(error_of({"rm"}), "plmm rm needs NAME (a name of `plmm ls`). Run: plmm rm --help");
  EXPECT_EQ(error_of({"ask", "x", "--top-k", "many"}),
            "--top-k must be a whole number from 0 to 1,000,000");
  EXPECT_EQ(error_of({"completion", "tcsh"}), "SHELL must be bash, zsh or fish");
  EXPECT_NE(error_of({"ask", "x", "--seed"}), "accepted");
  EXPECT_NE(error_of({"ask", "-q", "x"}), "accepted");
}

TEST(Arguments, help_is_found_before_anything_is_checked) {
  EXPECT_TRUE(parse({"rm", "--help"}).value().help);
  EXPECT_TRUE(parse({"rm", "-h", "--nonsense"}).has_value() == false ||
              parse({"rm", "-h"}).value().help);
  EXPECT_EQ(parse({"--help"}).value().verb->name, "help");
  EXPECT_EQ(parse({"--version"}).value().verb->name, "version");
}

TEST(ExitCodes, each_error_has_the_documented_one) {
  EXPECT_EQ(terminal::exit_code_of(ErrorCode::invalid_argument), terminal::ExitCode::usage);
  EXPECT_EQ(terminal::exit_code_of(ErrorCode::not_found), terminal::ExitCode::no_model);
  EXPECT_EQ(terminal::exit_code_of(ErrorCode::offline), terminal::ExitCode::offline);
  EXPECT_EQ(terminal::exit_code_of(ErrorCode::corrupt_data), terminal::ExitCode::corrupt_file);
  EXPECT_EQ(terminal::exit_code_of(ErrorCode::cancelled), terminal::ExitCode::interrupted);
  EXPECT_EQ(static_cast<int>(terminal::exit_code_of(ErrorCode::io)), 7);
}

}  // namespace
}  // namespace plmm::command

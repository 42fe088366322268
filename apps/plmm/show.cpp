// plmm show and tokenize: what is inside a model's file.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/plmm/context.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/lines.h"
#include "catalog/catalog.h"
#include "gguf/reader.h"
#include "model/model.h"
#include "tensor/dtype.h"
#include "text/chat_template.h"
#include "text/tokenizer.h"

namespace plmm::cli {
namespace {

using Json = nlohmann::ordered_json;

/// All that show prints, gathered from file and catalogue.
struct Description {
  std::string name;
  std::filesystem::path path;
  model::Summary summary;
  text::VocabularySpec vocabulary;
  std::string chat_template;  // family, or why there is none
  std::string licence;
  const catalog::ModelEntry* entry = nullptr;
};

std::string template_text(const model::Summary& summary, const text::Tokenizer& tokenizer) {
  if (summary.chat_template.empty()) return "none (a base model: it continues text)";
  const auto family = text::recognise_template(summary.chat_template, tokenizer);
  return family ? std::string(text::name(*family)) : "not recognised: choose one with --template";
}

Result<Description> describe(const std::string& name, const gguf::Reader& reader,
                             const std::filesystem::path& path) {
  Description out;
  out.name = name;
  out.path = path;
  out.summary = TRY(model::summarise(reader));
  out.vocabulary = TRY(model::read_vocabulary(reader));
  const auto tokenizer = TRY(text::Tokenizer::create(out.vocabulary));
  out.chat_template = template_text(out.summary, *tokenizer);
  out.entry = catalog::find(name);
  out.licence = out.entry != nullptr ? out.entry->licence : out.summary.licence;
  if (out.licence.empty()) out.licence = "not stated in the file";
  return out;
}

std::string attention_text(const model::ModelConfig& config) {
  std::string out = fmt::format("{} query heads, {} key-value heads of {}", config.n_heads,
                                config.n_kv_heads, config.head_dim);
  if (config.sliding_window > 0) {
    out += fmt::format("; window {} but in every {}th layer",
                       terminal::thousands(static_cast<std::uint64_t>(config.sliding_window)),
                       config.global_every);
  }
  return out;
}

std::string count_text(std::uint64_t n) {
  if (n >= 999'500'000) return fmt::format("{:.2f} billion", static_cast<double>(n) / 1e9);
  return fmt::format("{:.1f} million", static_cast<double>(n) / 1e6);
}

std::string as_text(const Description& d, const Context& context) {
  const auto& config = d.summary.config;
  const auto line = [](std::string_view term, std::string_view text) {
    return terminal::padded(term, 14) + std::string(text) + "\n";
  };
  std::string out = line("name", d.summary.general_name.empty()
                                     ? d.name
                                     : fmt::format("{} ({})", d.name, d.summary.general_name));
  out += line("file", fmt::format("{}, {}", files::shorten_home(d.path, context.paths.home),
                                  terminal::size_text(d.summary.file_bytes)));
  out += line(
      "architecture",
      fmt::format("{}, {} layers, width {}, feed-forward {}", d.summary.architecture,
                  config.n_layers, terminal::thousands(static_cast<std::uint64_t>(config.n_embd)),
                  terminal::thousands(static_cast<std::uint64_t>(config.n_ff))));
  out += line("attention", attention_text(config));
  out += line("parameters", fmt::format("{} ({})", count_text(d.summary.n_parameters),
                                        terminal::thousands(d.summary.n_parameters)));
  out += line(
      "context",
      fmt::format("{} tokens", terminal::thousands(static_cast<std::uint64_t>(config.n_context))));
  out += line("vocabulary",
              fmt::format("{} tokens, {} {}", terminal::thousands(d.vocabulary.tokens.size()),
                          d.vocabulary.model, d.vocabulary.pre));
  out += line("template", d.chat_template);
  out += line("licence", d.licence);
  if (d.entry != nullptr) out += line("role", d.entry->role);
  out += "\ntensors        type    count        elements      size\n";
  for (const auto& c : d.summary.classes) {
    out += fmt::format("{}{}{:>6}  {:>14}  {:>8}\n", terminal::padded(c.name, 15),
                       terminal::padded(tensor::info(c.type).name, 7), c.n_tensors,
                       terminal::thousands(c.n_elements), terminal::size_text(c.bytes));
  }
  return out;
}

std::string as_json(const Description& d) {
  const auto& config = d.summary.config;
  auto tensors = Json::array();
  for (const auto& c : d.summary.classes) {
    tensors.push_back({{"class", c.name},
                       {"type", tensor::info(c.type).name},
                       {"tensors", c.n_tensors},
                       {"elements", c.n_elements},
                       {"bytes", c.bytes}});
  }
  const Json out{{"name", d.name},
                 {"path", d.path.string()},
                 {"bytes", d.summary.file_bytes},
                 {"general_name", d.summary.general_name},
                 {"architecture", d.summary.architecture},
                 {"parameters", d.summary.n_parameters},
                 {"layers", config.n_layers},
                 {"embedding", config.n_embd},
                 {"feed_forward", config.n_ff},
                 {"heads", config.n_heads},
                 {"kv_heads", config.n_kv_heads},
                 {"head_dim", config.head_dim},
                 {"sliding_window", config.sliding_window},
                 {"context", config.n_context},
                 {"vocabulary",
                  {{"tokens", d.vocabulary.tokens.size()},
                   {"model", d.vocabulary.model},
                   {"pre", d.vocabulary.pre}}},
                 {"template", d.chat_template},
                 {"licence", d.licence},
                 {"role", d.entry != nullptr ? Json(d.entry->role) : Json()},
                 {"tensors", tensors}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// The bytes that a line of hexadecimal stands for.
Result<std::string> from_hex(std::string_view hex) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  if (hex.size() % 2 != 0)
    return fail(ErrorCode::invalid_argument, "--hex: a line has an odd number of digits");
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]);
    const int low = digit(hex[i + 1]);
    if (high < 0 || low < 0)
      return fail(ErrorCode::invalid_argument, "--hex: a line has something else than digits");
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

}  // namespace

Result<ExitCode> run_show(Context& context) {
  auto name = context.arguments.text("NAME|FILE");
  if (name.empty()) name = context.settings.text("model");
  const auto path = TRY(find_model(context.settings, name));
  const auto reader = TRY(gguf::Reader::open(path));
  const auto description = TRY(describe(name, reader, path));
  if (context.arguments.has("--json")) {
    context.console.data(as_json(description));
  } else {
    context.console.answer(as_text(description, context));
  }
  return ExitCode::ok;
}

Result<ExitCode> run_tokenize(Context& context) {
  const auto path = TRY(find_model(context.settings, context.settings.text("model")));
  const auto reader = TRY(gguf::Reader::open(path));
  const auto tokenizer = TRY(text::Tokenizer::create(TRY(model::read_vocabulary(reader))));
  const auto special =
      context.arguments.has("--special") ? text::Special::parse : text::Special::plain;
  const bool hex = context.arguments.has("--hex");
  terminal::InputLines lines;
  std::string out;
  constexpr std::size_t kFlushBytes = 1 << 16;
  for (auto line = TRY(lines.next()); line; line = TRY(lines.next())) {
    const auto ids = tokenizer->encode(hex ? TRY(from_hex(*line)) : *line, special);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i > 0) out += ' ';
      out += std::to_string(ids[i]);
    }
    out += '\n';
    if (out.size() < kFlushBytes) continue;
    context.console.data(out);
    out.clear();
    if (context.console.output_closed()) break;
  }
  context.console.data(out);
  return ExitCode::ok;
}

}  // namespace plmm::cli

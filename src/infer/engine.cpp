// Loading an engine: threads, kernels, model, template.
#include "infer/engine.h"

#include <chrono>
#include <thread>

#include "base/thread_pool.h"
#include "gguf/reader.h"
#include "kernel/dispatch.h"
#include "model/model.h"

namespace plmm::infer {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string template_text(const gguf::Reader& reader) {
  const auto* value = reader.find("tokenizer.chat_template");
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string_view>(value);
  return text == nullptr ? std::string() : std::string(*text);
}

}  // namespace

Engine::Engine() = default;
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::load(const std::filesystem::path& gguf,
                                             const LoadOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto* kernels = TRY(kernel::choose_kernels(options.tier));
  auto reader = TRY(gguf::Reader::open(gguf));
  std::unique_ptr<Engine> out(new Engine());
  out->pool_ = options.threads_of != nullptr
                   ? options.threads_of->pool_
                   : std::make_shared<ThreadPool>(ThreadPool::count_or_all(options.n_threads));
  out->stats_.open_s = seconds_since(start);
  const bool exact = options.precision == Precision::exact;
  out->cache_type_ = exact ? kernel::CacheType::f32 : options.kv_cache;
  out->model_ = TRY(
      model::Model::load(std::move(reader), *kernels, exact, *out->pool_, options.packed_folder));
  if (options.n_head_rows > 0) out->model_->shorten_head(options.n_head_rows);
  const std::string file_template = template_text(out->model_->reader());
  if (options.chat_template) {
    out->template_ = *options.chat_template;
  } else {
    out->template_ = text::recognise_template(file_template, out->tokenizer());
    if (!out->template_)
      out->template_.error().what = gguf.string() + ": " + out->template_.error().what;
  }
  if (out->template_ == text::TemplateFamily::chatml)
    out->default_system_ = text::default_system(file_template);
  out->stats_.pack_s = seconds_since(start) - out->stats_.open_s;
  out->stats_.packed_bytes = out->model_->bytes_per_token();
  out->stats_.was_packed = out->model_->weights().was_packed;
  return out;
}

const text::Tokenizer& Engine::tokenizer() const { return model_->tokenizer(); }
std::string_view Engine::tier() const { return model_->kernels().name; }

}  // namespace plmm::infer

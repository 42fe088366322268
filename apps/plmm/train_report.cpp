// Writing of the report and drawing of the curve.
#include "apps/plmm/train_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/plmm/terminal/format.h"
#include "train/teacher.h"

namespace plmm::cli {
namespace {

constexpr double kWidth = 640, kHeight = 320, kMargin = 48;  // pixels
constexpr std::size_t kDroppedShown = 10;

/// Steps and losses to places in the picture.
struct Scale {
  double n_steps;
  double loss_max;
  double x(double step) const { return kMargin + step / n_steps * (kWidth - 2 * kMargin); }
  double y(double loss) const {
    return kHeight - kMargin - loss / loss_max * (kHeight - 2 * kMargin);
  }
};

std::string label(double x, double y, std::string_view text) {
  return fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n", x, y, text);
}

std::string teacher_text(const Taught& taught, double before, double after) {
  std::string out =
      fmt::format("teacher     {}, loss there {:.4f}", taught.teacher, taught.loss_apart);
  if (const auto share = train::gap_closed(before, after, taught.loss_apart))
    return out + fmt::format("; {:.0f} % of the gap closed\n", 100 * *share);
  return out + ", no lower than the model's alone\n";
}

}  // namespace

std::string learning_curve(const train::RunLog& log, const Taught* taught) {
  Scale scale{std::max<double>(static_cast<double>(log.losses.size()), 1), 0.1};
  for (const double loss : log.losses) scale.loss_max = std::max(scale.loss_max, loss);
  for (const auto& look : log.validations) scale.loss_max = std::max(scale.loss_max, look.loss);
  const bool has_teacher = taught != nullptr && !log.validations.empty();
  if (has_teacher) scale.loss_max = std::max(scale.loss_max, taught->loss_apart);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"{0:.0f}\" height=\"{1:.0f}\" fill=\"white\"/>\n",
      kWidth, kHeight);
  out +=
      fmt::format("<path d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}\" fill=\"none\" stroke=\"black\"/>\n",
                  scale.x(0), scale.y(scale.loss_max), scale.y(0), scale.x(scale.n_steps));
  out += label(4, scale.y(scale.loss_max) + 4, fmt::format("{:.2f}", scale.loss_max));
  out += label(4, scale.y(0) + 4, "0 loss");
  out += label(scale.x(scale.n_steps) - 24, scale.y(0) + 18, fmt::format("{}", log.losses.size()));
  out += label(scale.x(scale.n_steps / 2) - 16, scale.y(0) + 18, "steps");
  out += label(scale.x(0) + 8, 20, "line: data learnt from · points: documents kept apart");
  out += "<polyline fill=\"none\" stroke=\"#888\" points=\"";
  for (std::size_t i = 0; i < log.losses.size(); ++i) {
    out +=
        fmt::format("{:.1f},{:.1f} ", scale.x(static_cast<double>(i) + 1), scale.y(log.losses[i]));
  }
  out += "\"/>\n";
  for (const auto& look : log.validations) {
    out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"#06c\"/>\n",
                       scale.x(look.step), scale.y(look.loss));
  }
  if (has_teacher) {
    out += fmt::format(
        "<path d=\"M{:.1f} {:.1f}H{:.1f}\" stroke=\"#06c\" stroke-dasharray=\"6 4\"/>\n",
        scale.x(0), scale.y(taught->loss_apart), scale.x(scale.n_steps));
    out += label(scale.x(scale.n_steps) - 60, scale.y(taught->loss_apart) - 6, "the teacher");
  }
  return out + "</svg>\n";
}

std::string dropped_text(const train::DataReport& report) {
  std::string out;
  for (std::size_t i = 0; i < std::min(report.dropped.size(), kDroppedShown); ++i) {
    const train::Dropped& dropped = report.dropped[i];
    out += fmt::format("left out: {}: line {}: {}\n", dropped.file, dropped.line, dropped.why);
  }
  if (report.dropped.size() > kDroppedShown)
    out += fmt::format("left out: {} more\n", report.dropped.size() - kDroppedShown);
  return out;
}

std::string train_report(const TrainedWith& with, const train::DataReport& data,
                         const train::RunLog& log, const Taught* taught) {
  std::string out = fmt::format("model       {}\n", with.model);
  out +=
      fmt::format("{}{} ({} kept apart, {} doubles, {} places left out)\n",
                  data.are_pairs ? "pairs       " : "documents   ",
                  terminal::thousands(data.n_documents), terminal::thousands(data.n_validation),
                  terminal::thousands(data.n_duplicates), terminal::thousands(data.dropped.size()));
  out += fmt::format("tokens      {} of which {} are to be predicted\n",
                     terminal::thousands(data.n_tokens), terminal::thousands(data.n_supervised));
  out += fmt::format("steps       {} in {}\n", terminal::thousands(log.losses.size()),
                     terminal::duration_text(with.seconds));
  if (!log.losses.empty()) {
    out += fmt::format("loss        {:.4f} -> {:.4f}{}\n", log.losses.front(), log.losses.back(),
                       taught == nullptr ? "" : " with the teacher's share");
  }
  if (!log.validations.empty()) {
    const auto first = log.validations.front(), best = log.best();
    out += fmt::format("kept apart  loss {:.4f} -> {:.4f} at step {}", first.loss, best.loss,
                       best.step);
    // The loss of a pair is not that of a token.
    if (!data.are_pairs) {
      out +=
          fmt::format(", perplexity {:.2f} -> {:.2f}", std::exp(first.loss), std::exp(best.loss));
    }
    out += "\n";
    if (taught != nullptr) out += teacher_text(*taught, first.loss, best.loss);
  }
  return out + "\n" + with.recipe + "\n" + dropped_text(data);
}

}  // namespace plmm::cli

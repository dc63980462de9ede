#include "harness/cli/plot_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/new_file.h"
#include "harness/base/text.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "reports/draw_plot.h"
#include "reports/optimize_rows.h"
#include "reports/segments_plot.h"
#include "reports/selfcheck_rows.h"
#include "reports/speculation_plot.h"
#include "reports/speculation_rows.h"
#include "reports/sweep_plots.h"
#include "reports/trend_plot.h"
#include "topologies/recorded_library.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr int kFewestColumns = 60;
constexpr int kMostColumns = 160;

struct SweepKind {
  const char* name;
  const char* about;
  Plot (*plot)(const SweepRows&);
};

constexpr std::array kSweepKinds = {
    SweepKind{"tok-s", "tok/s of every split, with intervals and processes", tok_s_plot},
    SweepKind{"groups", "ms/token by layer group and head", groups_plot},
    SweepKind{"cliff", "where shards stop being resident", cliff_plot},
    SweepKind{"cold-warm", "loading, first calls, first token, warm token", cold_warm_plot},
    SweepKind{"golden", "errors of outputs by layer boundary, with limits", golden_plot}};
constexpr const char* kPower = "power";
constexpr const char* kTrend = "trend";
constexpr const char* kSegments = "segments";
constexpr const char* kSpeculation = "speculation";

Result<Plot> recorded_trend_plot(const std::string& name) {
  const Result<RecordedFacts> facts = find_recorded(name);
  if (!facts) return fail_with_context(facts.error(), "--recorded");
  const Result<TrendRows> rows = recorded_trend(*facts, TrendQuery{});
  if (!rows) return fail(rows.error());
  return trend_plot(*rows);
}

Result<Plot> make_plot(const PlotArguments& arguments) {
  std::vector<std::string> names;
  for (const SweepKind& kind : kSweepKinds) names.emplace_back(kind.name);
  names.emplace_back(kSegments);
  names.emplace_back(kTrend);
  names.emplace_back(kPower);
  names.emplace_back(kSpeculation);
  if (std::find(names.begin(), names.end(), arguments.kind) == names.end())
    return invalid_input(fmt::format("KIND: found {}, want one of {}", quote(arguments.kind),
                                     fmt::join(names, ", ")));
  if (arguments.kind == kPower && arguments.sweep)
    return invalid_input("--sweep: power is of the newest selfcheck, not of a sweep");
  if (arguments.kind == kTrend && arguments.sweep)
    return invalid_input("--sweep: a trend is of all sweeps");
  if (arguments.recorded && arguments.kind != kTrend)
    return invalid_input("--recorded: want the kind trend; others are of a sweep's replay");
  if (arguments.recorded) return recorded_trend_plot(*arguments.recorded);
  const SystemClock clock;
  const Result<Store> store = open_stored(work_folder(arguments.work), clock);
  if (!store) return fail(store.error());
  if (arguments.kind == kPower) {
    const Result<SelfcheckFigures> figures = read_newest_selfcheck(*store);
    if (!figures) return fail(figures.error());
    return power_plot(*figures);
  }
  if (arguments.kind == kTrend) {
    const Result<TrendRows> rows = read_trend(*store, TrendQuery{});
    if (!rows) return fail(rows.error());
    return trend_plot(*rows);
  }
  const std::optional<std::string_view> asked =
      arguments.sweep ? std::optional<std::string_view>(*arguments.sweep) : std::nullopt;
  if (arguments.kind == kSpeculation) {
    const Result<SpeculationRows> rows = read_speculation(*store, asked);
    if (!rows) return fail(rows.error());
    return speculation_plot(rows->report);
  }
  if (arguments.kind == kSegments) {
    const Result<OptimizeRows> optimize = read_optimize(*store, asked);
    if (!optimize) return fail(optimize.error());
    return segments_plot(optimize->report);
  }
  const Result<SweepRows> sweep = read_sweep(*store, asked);
  if (!sweep) return fail(sweep.error());
  const auto kind = std::find_if(kSweepKinds.begin(), kSweepKinds.end(),
                                 [&](const SweepKind& one) { return one.name == arguments.kind; });
  return kind->plot(*sweep);
}

Result<PlotFormat> format_of(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  if (extension == ".svg") return PlotFormat::kSvg;
  if (extension == ".png") return PlotFormat::kPng;
  if (extension == ".pdf") return PlotFormat::kPdf;
  return invalid_input(fmt::format("-o: found {}, want a name that ends in .svg, .png or .pdf",
                                   quote(file.string())));
}

std::filesystem::path beside(std::filesystem::path picture, const char* extension) {
  return picture.replace_extension(extension);
}

// The terminal's own width where stdout is one.
PlotSize terminal_size(const Plot& plot) {
  PlotSize size = plot.text_size;
  winsize window{};
  if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 &&
      window.ws_col > 0)
    size.width = std::clamp(static_cast<int>(window.ws_col), kFewestColumns, kMostColumns);
  return size;
}

Result<Answer> draw_file(const Plot& plot, const PlotArguments& arguments) {
  const std::filesystem::path file = *arguments.output;
  const Result<PlotFormat> format = format_of(file);
  if (!format) return fail(format.error());
  const std::filesystem::path csv = beside(file, ".csv");
  Result<std::string> picture = draw(plot, *format);
  if (!picture) {
    if (!can_draw()) {
      if (auto written = write_new_file(csv, plot.csv); !written) return fail(written.error());
      return unavailable(
          fmt::format("{}; its data are in {}", picture.error().message, quote(csv.string())));
    }
    return fail(std::move(picture).error());
  }
  if (auto written = write_new_file(file, *picture); !written) return fail(written.error());
  const std::filesystem::path script = beside(file, ".gp");
  if (arguments.keep_script) {
    if (auto written = write_new_file(script, script_of(plot, *format, file.filename().string()));
        !written)
      return fail(written.error());
    if (auto written = write_new_file(csv, plot.csv); !written) return fail(written.error());
  }
  if (!arguments.json) {
    std::string text = fmt::format("{}\n{}\n", one_line(plot.title), one_line(file.string()));
    if (arguments.keep_script)
      text += fmt::format("{}\n{}\n", one_line(script.string()), one_line(csv.string()));
    return text;
  }
  Json document = json_document(kSchemaVersion);
  document["kind"] = arguments.kind;
  document["title"] = plot.title;
  document["about"] = plot.about;
  document["picture"] = file.string();
  document["script"] = arguments.keep_script ? Json(script.string()) : Json(nullptr);
  document["csv"] = arguments.keep_script ? Json(csv.string()) : Json(nullptr);
  return to_text(document) + '\n';
}

}  // namespace

std::string plot_kinds_help() {
  std::string text = "what to draw:";
  for (const SweepKind& kind : kSweepKinds)
    text += fmt::format("\n{:<10} {}", kind.name, kind.about);
  text += fmt::format("\n{:<10} {}", kSegments,
                      "what segments cost in the newest optimize, and the best path");
  text += fmt::format("\n{:<10} {}", kTrend, "tok/s of every split over time, with changes");
  text += fmt::format("\n{:<10} {}", kPower, "how often a selfcheck found a delay, by its size");
  return text + fmt::format("\n{:<10} {}", kSpeculation,
                            "what the newest speculate gains, by tokens a call");
}

Result<Answer> run_plot(const PlotArguments& arguments) {
  const int asked =
      int{arguments.output.has_value()} + int{arguments.terminal} + int{arguments.csv};
  if (asked != 1) return invalid_input("want one of -o FILE, --term and --csv");
  if (arguments.json && !arguments.output)
    return invalid_input("--json: want -o FILE, of which it tells; --csv prints the data");
  if (arguments.keep_script && !arguments.output)
    return invalid_input("--keep-script: want -o FILE, beside which it lies");
  if (arguments.output) {
    if (const Result<PlotFormat> format = format_of(*arguments.output); !format)
      return fail(format.error());
  }
  const Result<Plot> plot = make_plot(arguments);
  if (!plot) return fail(plot.error());
  if (arguments.csv) return Answer(plot->csv);
  if (!arguments.terminal) return draw_file(*plot, arguments);
  Result<std::string> text = draw(*plot, PlotFormat::kText, terminal_size(*plot));
  if (!text) return fail(std::move(text).error());
  return Answer(*std::move(text));
}

}  // namespace fusesweep

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/csv.h"
#include "reports/gnuplot_script.h"
#include "reports/plot_words.h"
#include "reports/shown_text.h"
#include "reports/split_axis.h"
#include "reports/sweep_plots.h"

namespace fusesweep {
namespace {

constexpr std::size_t kBarColumns = 40;  // in characters
constexpr double kBarPx = 760;           // about what a picture has for its bars
constexpr double kCharacterPx = 7;

// Shards of a split from the first on, dark to light and over again; told apart by the white line between
// them and by the layers in them, not by the colour.
constexpr std::array<std::string_view, 4> kShardInks = {"#08407E", "#2B7BBA", "#63A8D3", "#A6CEE4"};
constexpr std::string_view kHostInk = "#8C8C8C";
constexpr std::string_view kRestInk = "#EBEBEB";
constexpr double kRestThatShows = 0.02;  // of a token

struct Bar {
  std::size_t line = 0;
  std::vector<GroupRow> groups;
  double ms_per_token = 0;
  bool is_recorded = false;
};

bool is_layers(std::string_view group) { return group.starts_with('[') || group == "layers"; }
bool is_head(std::string_view group) { return group.starts_with("head"); }

// Of a split that has only recorded runs, the one that tells most groups.
std::optional<Bar> bar_of(const SplitRow& split, std::size_t line) {
  if (!split.groups.empty() && split.ms_per_token)
    return Bar{line, split.groups, *split.ms_per_token, false};
  const RecordedDecodeRow* best = nullptr;
  for (const RecordedDecodeRow& run : split.recorded) {
    if (!run.groups.empty() && (best == nullptr || run.groups.size() > best->groups.size()))
      best = &run;
  }
  if (best == nullptr || best->tok_per_s <= 0) return std::nullopt;
  return Bar{line, best->groups, 1000 / best->tok_per_s, true};
}

// "[0,16)" as "16": how many layers. Anything else as it is called.
std::string label_of(const std::string& group) {
  int begin = 0;
  int end = 0;
  if (std::sscanf(group.c_str(), "[%d,%d)", &begin, &end) == 2 && end > begin)
    return std::to_string(end - begin);
  return shown(group, 12);
}

struct Piece {
  double begin = 0;
  double end = 0;
  std::string_view ink;
  char letter = '?';
  std::string label;
};

std::vector<Piece> pieces_of(const Bar& bar) {
  std::vector<Piece> pieces;
  double at = 0;
  std::size_t shard = 0;
  for (const GroupRow& group : bar.groups) {
    Piece piece{.begin = at, .end = at + group.ms_per_token, .label = label_of(group.group)};
    if (is_layers(group.group)) {
      piece.ink = kShardInks[shard % kShardInks.size()];
      piece.letter = static_cast<char>(shard < 9 ? '1' + shard : 'a' + (shard - 9) % 26);
      ++shard;
    } else {
      piece.ink = is_head(group.group) ? colour::kOrange : kHostInk;
      piece.letter = is_head(group.group) ? 'H' : '.';
    }
    at = piece.end;
    pieces.push_back(std::move(piece));
  }
  if (bar.ms_per_token - at > kRestThatShows * bar.ms_per_token)
    pieces.push_back({.begin = at, .end = bar.ms_per_token, .ink = kRestInk, .letter = '-'});
  return pieces;
}

// Bars of characters: gnuplot's own are not filled.
std::string text_bars(const std::vector<Bar>& bars, double most_ms) {
  std::string text;
  for (const Bar& bar : bars) {
    std::string drawn;
    for (const Piece& piece : pieces_of(bar)) {
      const auto until = static_cast<std::size_t>(piece.end / most_ms * kBarColumns + 0.5);
      if (until > drawn.size()) drawn.append(until - drawn.size(), piece.letter);
    }
    text +=
        fmt::format("  set label {} {} at graph 0, first {} left noenhanced\n", 400 + bar.line,
                    single_quoted(fmt::format("{} {:.4g} ms", drawn, bar.ms_per_token)), bar.line);
  }
  return text;
}

std::string boxes(const std::vector<Bar>& bars, double most_ms) {
  std::string text;
  int object = 1000;
  int label = 1000;
  for (const Bar& bar : bars) {
    for (const Piece& piece : pieces_of(bar)) {
      text += fmt::format(
          "  set object {} rectangle from first {}, first {} to first {}, first {} front fillcolor "
          "rgb '{}' fillstyle solid 1 border rgb 'white'\n",
          object++, figure(piece.begin), figure(static_cast<double>(bar.line) - 0.34),
          figure(piece.end), figure(static_cast<double>(bar.line) + 0.34), piece.ink);
      const double room = (piece.end - piece.begin) / most_ms * kBarPx;
      if (room < (static_cast<double>(characters(piece.label)) + 1) * kCharacterPx) continue;
      const bool is_dark = piece.ink == kShardInks[0] || piece.ink == kShardInks[1];
      text += fmt::format(
          "  set label {} {} at first {}, first {} center noenhanced font ',10' textcolor rgb '{}' "
          "front\n",
          label++, single_quoted(piece.label), figure((piece.begin + piece.end) / 2), bar.line,
          is_dark ? "white" : colour::kText);
    }
    text += fmt::format(
        "  set label {} {} at first {}, first {} left offset character 0.7, 0 noenhanced font "
        "',10' "
        "textcolor rgb '{}' front\n",
        label++,
        single_quoted(
            fmt::format("{:.4g} ms{}", bar.ms_per_token, bar.is_recorded ? ", recorded" : "")),
        figure(std::max(bar.ms_per_token, pieces_of(bar).back().end)), bar.line, colour::kText);
  }
  return text;
}

std::string csv_of(const SweepRows& sweep) {
  CsvTable table{.columns = {"evidence", "split", "group", "ms_per_token"}, .rows = {}};
  for (const SplitRow& split : sweep.splits) {
    for (const GroupRow& group : split.groups)
      table.rows.push_back({std::string("measured"), split.name, group.group, group.ms_per_token});
    if (split.ms_per_token)
      table.rows.push_back(
          {std::string("measured"), split.name, std::string("token"), *split.ms_per_token});
    for (const RecordedDecodeRow& run : split.recorded) {
      for (const GroupRow& group : run.groups)
        table.rows.push_back(
            {std::string("recorded"), split.name, group.group, group.ms_per_token});
    }
  }
  return to_csv(table);
}

// Medians of groups need not add up to the median of the whole; a record may not tell every group.
std::string rest_key(const std::vector<Bar>& bars) {
  const bool has_rest = std::any_of(bars.begin(), bars.end(), [](const Bar& bar) {
    return pieces_of(bar).back().ink == kRestInk;
  });
  if (!has_rest) return {};
  return fmt::format(
      ", \\\n      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb '{}' "
      "title "
      "'in no group: medians do not add up'",
      kRestInk);
}

// What most of a token's time goes to, over all bars.
std::string title_of(const std::vector<Bar>& bars) {
  double layers = 0;
  double head = 0;
  double all = 0;
  double grouped = 0;
  for (const Bar& bar : bars) {
    double sum = 0;
    for (const GroupRow& group : bar.groups) {
      sum += group.ms_per_token;
      if (is_layers(group.group)) layers += group.ms_per_token;
      if (is_head(group.group)) head += group.ms_per_token;
    }
    grouped += sum;
    all += std::max(sum, bar.ms_per_token);
  }
  if (all <= 0) return "Where a token's time goes";
  std::string text =
      fmt::format("{} of a token's time is in the layers", short_share_text(layers / all));
  if (head > 0) text += fmt::format(", {} in the head", short_share_text(head / all));
  if (1 - grouped / all > kRestThatShows)
    text += fmt::format("; {} is in no group's median", short_share_text(1 - grouped / all));
  return text;
}

}  // namespace

Plot groups_plot(const SweepRows& rows) {
  const SweepRows sweep = in_drawing_order(rows);
  Plot plot{.name = "groups", .csv = csv_of(sweep)};
  std::vector<Bar> bars;
  std::vector<bool> has_points;
  double most_ms = 0;
  for (std::size_t i = 0; i < sweep.splits.size(); ++i) {
    const std::optional<Bar> bar = bar_of(sweep.splits[i], i);
    has_points.push_back(bar.has_value());
    if (!bar) continue;
    bars.push_back(*bar);
    most_ms = std::max({most_ms, bar->ms_per_token, pieces_of(*bar).back().end});
  }
  plot.title = !bars.empty() ? title_of(bars) : "No time by layer group: " + finding(sweep);
  plot.about = fmt::format("Milliseconds a token, stacked by layer group and head, of {}: {}.",
                           count_text(bars.size(), "split"), plot.title);
  Frame frame{.title = plot.title,
              .subtitle = source_line(sweep),
              .right = 4,
              .key = {"shards of layers, in order", "head", "embedding and host"},
              .x_label = "milliseconds per token (lower is better); numbers: layers of a shard"};
  if (bars.empty()) {
    plot.size = frame.size = {960, 240};
    plot.text_size = {80, 12};
    plot.script = empty_script(frame, "No split has figures by layer group.");
    return plot;
  }
  const std::vector<SplitLine> lines = split_lines(sweep, has_points);
  if (!rest_key(bars).empty()) frame.key.emplace_back("in no group: medians do not add up");
  fit_frame(lines, frame);
  plot.size = frame.size;
  plot.text_size = text_size_for(lines, frame);
  plot.script = frame_commands(frame) + axis_commands(lines) +
                fmt::format("set xrange [0:{}]\n", figure(most_ms * 1.14)) +
                fmt::format(
                    "if (is_text) {{\n{}  unset xtics\n  unset xlabel\n  unset key\n"
                    "  set label 399 {} at graph 0, graph 0 offset character 0, character -2\n"
                    "  plot NaN notitle\n}} else {{\n{}",
                    text_bars(bars, most_ms),
                    single_quoted("1 2 3...: shards in order, H: head, .: host, -: no group"),
                    boxes(bars, most_ms)) +
                fmt::format(
                    "  plot NaN notitle, \\\n"
                    "      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb "
                    "'{}' title 'shards of layers, in order', \\\n"
                    "      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb "
                    "'{}' title 'head', \\\n"
                    "      keyentry with boxes fillstyle solid 1 border rgb 'white' fillcolor rgb "
                    "'{}' title 'embedding and host'{}\n}}\n",
                    kShardInks[1], colour::kOrange, kHostInk, rest_key(bars));
  return plot;
}

}  // namespace fusesweep

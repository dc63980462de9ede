#include "harness/core/selfcheck.h"

#include <limits>
#include <utility>

namespace fusesweep {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();
constexpr double kMostShare = 1e6;
constexpr double kMostSeconds = 1e9;

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

std::optional<double> read_share(const JsonField& of, std::string_view key) {
  const std::optional<JsonField> field = of.find(key);
  return field ? std::optional(field->number(-kMostShare, kMostShare)) : std::nullopt;
}

Json to_json(const TrialRate& rate) {
  return {{"count", rate.count}, {"trials", rate.trials}, {"low", rate.low}, {"high", rate.high}};
}

TrialRate read_rate(const JsonField& field) {
  const int trials = static_cast<int>(field.at("trials").integer(0, kMost));
  return {.count = static_cast<int>(field.at("count").integer(0, trials)),
          .trials = trials,
          .low = field.at("low").number(0, 1),
          .high = field.at("high").number(0, 1)};
}

Json to_json(const SelfcheckBank& bank) {
  return {{"condition", bank.condition},
          {"blocks", bank.blocks},
          {"block_s", bank.block_s},
          {"cell_sd", or_null(bank.cell_sd)},
          {"block_sd", or_null(bank.block_sd)},
          {"drift_rel", or_null(bank.drift_rel)},
          {"steal_rel", or_null(bank.steal_rel)}};
}

SelfcheckBank read_bank(const JsonField& field) {
  return {.condition = field.at("condition").text(),
          .blocks = static_cast<int>(field.at("blocks").integer(0, kMost)),
          .block_s = field.at("block_s").number(0, kMostSeconds),
          .cell_sd = read_share(field, "cell_sd"),
          .block_sd = read_share(field, "block_sd"),
          .drift_rel = read_share(field, "drift_rel"),
          .steal_rel = read_share(field, "steal_rel")};
}

Json to_json(const SelfcheckTrials& trials) {
  return {{"condition", trials.condition},
          {"physical", trials.is_physical},
          {"seconds", trials.seconds},
          {"blocks", trials.blocks},
          {"injected_rel", trials.injected_rel},
          {"group", trials.group.empty() ? Json(nullptr) : Json(trials.group)},
          {"faster", to_json(trials.faster)},
          {"slower", to_json(trials.slower)},
          {"equivalent", to_json(trials.equivalent)},
          {"inconclusive", to_json(trials.inconclusive)},
          {"dirty", to_json(trials.dirty)},
          {"size_rel", or_null(trials.size_rel)},
          {"smallest_detectable_rel", or_null(trials.smallest_detectable_rel)}};
}

SelfcheckTrials read_trials(const JsonField& field) {
  const std::optional<JsonField> group = field.find("group");
  return {.condition = field.at("condition").text(),
          .is_physical = field.at("physical").boolean(),
          .seconds = field.at("seconds").number(0, kMostSeconds),
          .blocks = field.at("blocks").number(0, kMost),
          .injected_rel = field.at("injected_rel").number(-1, kMostShare),
          .group = group ? group->text() : std::string(),
          .faster = read_rate(field.at("faster")),
          .slower = read_rate(field.at("slower")),
          .equivalent = read_rate(field.at("equivalent")),
          .inconclusive = read_rate(field.at("inconclusive")),
          .dirty = read_rate(field.at("dirty")),
          .size_rel = read_share(field, "size_rel"),
          .smallest_detectable_rel = read_share(field, "smallest_detectable_rel")};
}

Json to_json(const SelfcheckReruns& reruns) {
  return {{"condition", reruns.condition},
          {"seconds", reruns.seconds},
          {"blocks", reruns.blocks},
          {"injected_rel", reruns.injected_rel},
          {"group", reruns.group.empty() ? Json(nullptr) : Json(reruns.group)},
          {"regressions", to_json(reruns.regressions)},
          {"right_group", to_json(reruns.right_group)},
          {"dirty", to_json(reruns.dirty)}};
}

SelfcheckReruns read_reruns(const JsonField& field) {
  const std::optional<JsonField> group = field.find("group");
  return {.condition = field.at("condition").text(),
          .seconds = field.at("seconds").number(0, kMostSeconds),
          .blocks = field.at("blocks").number(0, kMost),
          .injected_rel = field.at("injected_rel").number(-1, kMostShare),
          .group = group ? group->text() : std::string(),
          .regressions = read_rate(field.at("regressions")),
          .right_group = read_rate(field.at("right_group")),
          .dirty = read_rate(field.at("dirty"))};
}

}  // namespace

Json to_json(const SelfcheckFigures& figures) {
  Json json = {{"split", figures.split},
               {"banks", Json::array()},
               {"trials", Json::array()},
               {"smallest", Json::array()},
               {"reruns", Json::array()}};
  for (const SelfcheckBank& bank : figures.banks) json["banks"].push_back(to_json(bank));
  for (const SelfcheckTrials& trials : figures.trials) json["trials"].push_back(to_json(trials));
  for (const SelfcheckSmallest& smallest : figures.smallest) {
    json["smallest"].push_back({{"condition", smallest.condition},
                                {"seconds", smallest.seconds},
                                {"injected_rel", or_null(smallest.injected_rel)}});
  }
  for (const SelfcheckReruns& reruns : figures.reruns) json["reruns"].push_back(to_json(reruns));
  return json;
}

Result<SelfcheckFigures> read_selfcheck(const Json& json) {
  JsonReader reader(json, "selfcheck");
  const JsonField root = reader.root();
  SelfcheckFigures figures{.split = root.at("split").text()};
  for (const JsonField& bank : root.at("banks").items()) figures.banks.push_back(read_bank(bank));
  for (const JsonField& trials : root.at("trials").items())
    figures.trials.push_back(read_trials(trials));
  for (const JsonField& smallest : root.at("smallest").items()) {
    figures.smallest.push_back({.condition = smallest.at("condition").text(),
                                .seconds = smallest.at("seconds").number(0, kMostSeconds),
                                .injected_rel = read_share(smallest, "injected_rel")});
  }
  if (const std::optional<JsonField> all = root.find("reruns")) {
    for (const JsonField& reruns : all->items()) figures.reruns.push_back(read_reruns(reruns));
  }
  if (reader.error()) return fail(*reader.error());
  return figures;
}

}  // namespace fusesweep

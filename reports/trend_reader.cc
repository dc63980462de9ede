// From the store to the points of series.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "harness/core/contract_json.h"
#include "harness/stats/cell_estimate.h"
#include "reports/recorded_trend.h"
#include "reports/trend_rows.h"
#include "reports/trial_figures.h"

namespace fusesweep {
namespace {

constexpr const char* kTwin = "twin";

TimesOf times_of(std::string_view metric) {
  if (metric == "ttft_ms") return TimesOf::kPrefill;
  if (metric == "group_ms") return TimesOf::kGroups;
  return TimesOf::kSteps;
}

// What is stored as JSON by whoever stored it: a value in words, or "?" where there is none.
std::string in_words(const Json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_primitive() || member->is_null()) return "?";
  return member->is_string() ? member->get<std::string>() : to_text(*member);
}

std::string text_of(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

std::string workload_of(const Json& shape, const char* kv_form, const std::string& prompt_tokens,
                        const std::string& decode_tokens) {
  const std::string threads = in_words(shape, "threads");
  return fmt::format("T={} S={} {} kv={} head={} threads={} prompt={} decode={}",
                     in_words(shape, "tokens"), in_words(shape, "context"),
                     in_words(shape, "encoding"), in_words(shape, kv_form),
                     in_words(shape, "head_shards"), threads == "0" ? "all" : threads,
                     prompt_tokens, decode_tokens);
}

// The names of groups, or one without a name for what a decoding took as a whole.
std::vector<std::string> groups_in(const std::string& groups_json) {
  std::vector<std::string> groups;
  const Result<Json> parsed = parse_json(groups_json, "groups");
  if (!parsed || !parsed->is_array()) return groups;
  for (const Json& group : *parsed) {
    if (!group.is_string()) return {};
    groups.push_back(group.get<std::string>());
  }
  return groups;
}

// Every `count`-th of them from `first` on.
std::vector<std::int64_t> column(const std::vector<std::int64_t>& all_ns, std::size_t first,
                                 std::size_t count) {
  std::vector<std::int64_t> times;
  for (std::size_t i = first; i < all_ns.size(); i += count) times.push_back(all_ns[i]);
  return times;
}

// Whether an arm's name, "16+8+6+2 T=4 fp16", is of this candidate of a sweep: the words after the
// split are the axes on which candidates differ.
bool is_named(const Json& candidate, std::string_view name) {
  const std::vector<std::string_view> words = split_text(name, ' ');
  if (in_words(candidate, "split") != words.front()) return false;
  constexpr std::pair<std::string_view, const char*> kAxes[] = {{"T=", "tokens"},
                                                                {"kv=", "kv"},
                                                                {"S=", "context"},
                                                                {"head=", "head_shards"},
                                                                {"threads=", "threads"}};
  return std::all_of(words.begin() + 1, words.end(), [&](std::string_view word) {
    for (const auto& [prefix, member] : kAxes) {
      if (word.starts_with(prefix))
        return in_words(candidate, member) == word.substr(prefix.size());
    }
    return in_words(candidate, "encoding") == word;
  });
}

struct RunMade {
  std::int64_t started_unix_ms = 0;
  std::string host;
  std::string os;
  std::string program;
};

struct RunnerMade {
  std::string name;
  std::string toolchain;
};

struct Trial {
  Uuid sweep;
  Uuid run;
  std::string name;
  std::int64_t began_unix_ms = 0;
  TrialTimes times;
  std::map<std::string, std::string> split_keys;  // by arm
};

class TrendReader {
 public:
  TrendReader(const Store& store, const TrendQuery& query)
      : store_(store), query_(query), times_(times_of(query.metric)) {}

  Result<TrendRows> read() {
    if (auto done = read_runs(); !done) return fail(std::move(done).error());
    if (auto done = read_models(); !done) return fail(std::move(done).error());
    if (auto done = read_decodes(); !done) return fail(std::move(done).error());
    if (auto done = read_sweeps(); !done) return fail(std::move(done).error());
    TrendRows rows{.metric = query_.metric};
    for (auto& [key, points] : points_)
      rows.series.push_back({.key = key, .points = std::move(points)});
    const auto recorded = store_.recorded_runs();
    if (!recorded) return fail(recorded.error());
    for (TrendSeries& series : recorded_series(*recorded, query_))
      rows.series.push_back(std::move(series));
    std::stable_sort(rows.series.begin(), rows.series.end(),
                     [](const TrendSeries& a, const TrendSeries& b) { return a.key < b.key; });
    judge_trend(rows);
    return rows;
  }

 private:
  Result<void> read_runs() {
    return store_.each_run([&](const RunOrigin& run) {
      RunMade& made = runs_[run.id];
      made.started_unix_ms = run.started_unix_ms;
      made.host = run.host.value_or("");
      made.os = run.os.value_or("");
      made.program = run.program_version;
      if (run.git_revision) made.program += ' ' + run.git_revision->substr(0, 12);
      if (run.git_dirty.value_or(false)) made.program += " changed";
    });
  }

  Result<void> read_models() {
    const auto models = store_.models();
    if (!models) return fail(models.error());
    for (const ModelRow& model : *models)
      models_[{model.hash, hash_of(model.contract)}] = model.name;
    return {};
  }

  Result<const RunnerMade*> runner_of(const std::string& fingerprint) {
    const auto [found, is_new] = runners_.try_emplace(fingerprint);
    if (is_new && !fingerprint.empty()) {
      const auto runner = store_.find_runner(fingerprint);
      if (!runner) return fail(runner.error());
      if (*runner) {
        found->second = {(*runner)->name, fmt::format("{} {}, {}", (*runner)->name,
                                                      (*runner)->version, (*runner)->toolchain)};
      }
    }
    return &found->second;
  }

  // The parts of a key that do not depend on the split.
  Result<TrendKey> key_of(const Uuid& run, const std::string& model, const std::string& contract,
                          const Conditions& conditions) {
    const Result<const RunnerMade*> runner = runner_of(conditions.runner);
    if (!runner) return fail(runner.error());
    const auto name = models_.find({model, contract});
    return TrendKey{.host = runs_[run].host,
                    .runner = (*runner)->name,
                    .model = name == models_.end() ? "" : name->second,
                    .model_hash = model,
                    .contract_hash = contract,
                    .options_hash = conditions.options_hash,
                    .metric = query_.metric};
  }

  bool is_wanted(const TrendKey& key) const {
    return (!query_.split || *query_.split == key.split) &&
           (!query_.model || *query_.model == key.model) &&
           (!query_.host || *query_.host == key.host);
  }

  TrendPoint point_of(const Uuid& run, std::int64_t unix_ms, const std::string& toolchain) {
    const RunMade& made = runs_[run];
    return {.unix_ms = unix_ms,
            .run = to_text(run),
            .toolchain = toolchain,
            .os = made.os,
            .program = made.program};
  }

  bool is_rate() const { return query_.metric == "tok_per_s"; }

  // From a time in log ns to the metric, and the same of what is a factor between two times.
  double value_of(double log_ns) const {
    return is_rate() ? 1e9 / std::exp(log_ns) : std::exp(log_ns) / 1e6;
  }
  double factor_of(double log) const { return std::exp(is_rate() ? -log : log); }

  Interval turned(double low, double high) const {
    return is_rate() ? Interval{high, low} : Interval{low, high};
  }

  // One point of a run for each series, however often it repeated it.
  Result<void> read_decodes() {
    struct Sample {
      LogMean log;
      std::string toolchain;
    };
    std::map<std::pair<Uuid, TrendKey>, Sample> samples;
    std::map<std::string, Json> workloads;
    std::map<std::string, std::vector<std::string>> groups;
    std::optional<Error> error;
    const auto read = [&](const DecodeTimes& decode) {
      if (error) return;
      Result<TrendKey> key =
          key_of(decode.run, decode.model, decode.contract_hash, decode.conditions);
      if (!key) {
        error = key.error();
        return;
      }
      const auto [shape, is_new] = workloads.try_emplace(decode.workload_json, Json::object());
      if (is_new) {
        if (Result<Json> parsed = parse_json(decode.workload_json, "workload");
            parsed && parsed->is_object())
          shape->second = *std::move(parsed);
      }
      key->source = "bench";
      if (decode.evidence == "recorded") key->evidence = TrendEvidence::kRecorded;
      key->split = decode.split;
      key->workload = workload_of(shape->second, "kv_form", std::to_string(decode.prompt_tokens),
                                  std::to_string(decode.steps));
      if (!is_wanted(*key)) return;
      const auto add = [&](std::span<const std::int64_t> all_ns) {
        Sample& sample = samples[{decode.run, *key}];
        sample.log.add(cell_estimate(all_ns));
        sample.toolchain = runners_[decode.conditions.runner].toolchain;
      };
      if (times_ != TimesOf::kGroups) {
        add(decode.all_ns);
        return;
      }
      const auto [names, are_new] = groups.try_emplace(decode.groups_json);
      if (are_new) names->second = groups_in(decode.groups_json);
      for (std::size_t i = 0; i < names->second.size(); ++i) {
        key->group = names->second[i];
        add(column(decode.all_ns, i, names->second.size()));
      }
    };
    // Runners and models are looked up meanwhile, which reads are free to do.
    auto done =
        store_.each_decode_times({.times = times_, .since_unix_ms = query_.since_unix_ms}, read);
    if (!done) return done;
    if (error) return fail(*error);
    for (const auto& [place, sample] : samples) {
      const auto log = sample.log.value();
      if (!log) continue;
      TrendPoint point =
          point_of(place.first, runs_[place.first].started_unix_ms, sample.toolchain);
      point.value = value_of(*log);
      if (std::isfinite(point.value)) points_[place.second].push_back(std::move(point));
    }
    return {};
  }

  Result<void> read_sweeps() {
    std::map<std::pair<Uuid, std::string>, Trial> trials;
    std::map<std::string, std::vector<std::string>> groups;  // by hash of the arm
    Trial* trial = nullptr;
    const auto read = [&](const CellTimes& cell) {
      if (trial == nullptr || trial->sweep != cell.sweep || trial->name != cell.trial) {
        const auto [found, is_new] = trials.try_emplace({cell.sweep, cell.trial});
        trial = &found->second;
        if (is_new) {
          trial->sweep = cell.sweep;
          trial->name = cell.trial;
          trial->run = cell.run;
          trial->began_unix_ms = cell.began_unix_ms;
        }
      }
      trial->split_keys.try_emplace(cell.arm, cell.split_key);
      if (times_ != TimesOf::kGroups) {
        trial->times.add(cell.block_id, {cell.arm, ""}, cell.all_ns);
        return;
      }
      const auto [names, are_new] = groups.try_emplace(cell.arm_hash);
      if (are_new) names->second = groups_in(cell.groups_json);
      for (std::size_t i = 0; i < names->second.size(); ++i) {
        trial->times.add(cell.block_id, {cell.arm, names->second[i]},
                         column(cell.all_ns, i, names->second.size()));
      }
    };
    if (auto done =
            store_.each_cell_times({.times = times_, .since_unix_ms = query_.since_unix_ms}, read);
        !done)
      return done;
    if (trials.empty()) return {};
    const auto sweeps = store_.sweeps();
    if (!sweeps) return fail(sweeps.error());
    std::map<Uuid, const StoredSweep*> by_id;
    for (const StoredSweep& sweep : *sweeps) by_id[sweep.id] = &sweep;
    for (const auto& [place, one] : trials) {
      const auto sweep = by_id.find(place.first);
      // Arms of selfchecks and reruns are called by what they are there for, not by their split, some are
      // slowed on purpose, and some are artifacts of another day.
      if (sweep == by_id.end() || kind_of(sweep->second->sweep) != "sweep") continue;
      if (auto done = add_trial(one, *sweep->second); !done) return done;
    }
    return {};
  }

  // The arm that the twin repeats, as the answer names it, or else the only one with the twin's split.
  static std::string control_of(const Trial& trial, const Json& answer) {
    if (trial.split_keys.contains("control")) return "control";
    if (answer.is_object()) {
      const std::string named = text_of(answer, "control");
      if (trial.split_keys.contains(named)) return named;
    }
    const auto twin = trial.split_keys.find(kTwin);
    if (twin == trial.split_keys.end()) return "";
    std::string control;
    for (const auto& [arm, split_key] : trial.split_keys) {
      if (arm == kTwin || split_key != twin->second) continue;
      if (!control.empty()) return "";
      control = arm;
    }
    return control;
  }

  Result<void> add_trial(const Trial& trial, const StoredSweep& sweep) {
    const Json& spec = sweep.sweep.spec;
    const Conditions conditions{text_of(spec, "runner"), text_of(spec, "options_hash")};
    Result<TrendKey> common =
        key_of(trial.run, text_of(spec, "model_hash"), text_of(spec, "contract_hash"), conditions);
    if (!common) return fail(std::move(common).error());
    const std::string control = control_of(trial, sweep.answer);
    for (const auto& [arm, estimate] : trial.times.estimates(control)) {
      if (arm.first == kTwin) continue;
      TrendKey key = *common;
      key.source = "sweep";
      key.group = arm.second;
      key.split = std::string(split_text(arm.first, ' ').front());
      key.workload = workload_of(candidate_of(spec, arm.first), "kv",
                                 in_words(spec, "prompt_tokens"), in_words(spec, "decode_tokens"));
      if (!is_wanted(key)) continue;
      TrendPoint point =
          point_of(trial.run, trial.began_unix_ms, runners_[conditions.runner].toolchain);
      point.trial = to_text(trial.sweep) + ' ' + trial.name;
      fill(point, estimate);
      if (point.control) point.control_split = control;
      if (std::isfinite(point.value)) points_[key].push_back(std::move(point));
    }
    return {};
  }

  static Json candidate_of(const Json& spec, std::string_view arm) {
    const auto candidates = spec.find("candidates");
    if (candidates == spec.end() || !candidates->is_array()) return Json::object();
    for (const Json& candidate : *candidates) {
      if (candidate.is_object() && is_named(candidate, arm)) return candidate;
    }
    return Json::object();
  }

  void fill(TrendPoint& point, const ArmEstimate& estimate) const {
    point.value = value_of(estimate.log_ns);
    if (estimate.interval)
      point.interval = turned(value_of(estimate.interval->low), value_of(estimate.interval->high));
    if (!estimate.log_ratio) return;
    point.control = value_of(*estimate.log_control_ns);
    point.ratio = factor_of(*estimate.log_ratio);
    if (estimate.ratio_interval) {
      point.ratio_interval =
          turned(factor_of(estimate.ratio_interval->low), factor_of(estimate.ratio_interval->high));
    }
  }

  const Store& store_;
  const TrendQuery& query_;
  const TimesOf times_;
  std::map<Uuid, RunMade> runs_;
  std::map<std::pair<std::string, std::string>, std::string> models_;
  std::map<std::string, RunnerMade> runners_;
  std::map<TrendKey, std::vector<TrendPoint>> points_;
};

}  // namespace

Result<TrendRows> read_trend(const Store& store, const TrendQuery& query) {
  if (auto checked = check_trend_query(query); !checked) return fail(std::move(checked).error());
  return TrendReader(store, query).read();
}

}  // namespace fusesweep

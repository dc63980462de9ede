#include "harness/sweep/rerun.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "harness/core/rerun_cause.h"
#include "harness/gate/gate_names.h"
#include "harness/stats/against_history.h"
#include "harness/stats/grouped_fit.h"
#include "harness/sweep/begun_sweep.h"
#include "harness/sweep/gate_split.h"
#include "harness/sweep/gate_workbench.h"
#include "harness/sweep/rerun_findings.h"
#include "harness/sweep/rerun_speed.h"
#include "harness/sweep/stored_words.h"
#include "harness/sweep/sweep_spec.h"
#include "harness/sweep/sweep_trial.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/shard_builder.h"

namespace fusesweep {
namespace {

bool can_continue(const RunnerDescription& runner) { return turn_tokens_for(runner, 1) > 0; }

class RerunRun {
 public:
  RerunRun(const RerunSetup& setup, const SweepPlace& place)
      : setup_(setup), baseline_(setup.baseline), place_(place) {
    report_ = {.baseline = baseline_.name,
               .baseline_id = to_text(baseline_.id),
               .set_unix_ms = baseline_.set_unix_ms,
               .model = setup.model.name,
               .runner = setup.description.name,
               .is_cross_host = setup.is_cross_host,
               .margin_rel = setup.rules.margin_rel,
               .rule_out_rel = setup.rules.rule_out_rel};
  }

  Result<RerunReport> run() {
    if (auto same = check_identity(); !same) return fail(std::move(same).error());
    choose_form();
    if (auto begun = begin(); !begun) return fail(std::move(begun).error());
    for (const auto step : {&RerunRun::gate, &RerunRun::compare_builds, &RerunRun::measure}) {
      if (is_interrupted()) break;
      if (auto done = (this->*step)(); !done) return fail(std::move(done).error());
    }
    report_.is_interrupted = is_interrupted_;
    report_.is_strong_required = setup_.rules.is_strong_required;
    leave_out_metrics();
    report_.cause = likely_cause(report_);
    if (!is_interrupted_) {
      if (auto ended = place_.store.end_sweep(sweep_, "done", to_json(report_)); !ended)
        return fail(std::move(ended).error());
      // What was built is kept where somebody will want to look at it.
      std::error_code none;  // what is left there is the next clean-up's
      if (outcome_of(report_) != FindingOutcome::kRegression)
        std::filesystem::remove_all(folder(), none);
    }
    return std::move(report_);
  }

 private:
  // A split of the baseline as it is now.
  struct Now {
    const BaselineSplit* then = nullptr;
    Split split;
    std::vector<ShardNow> shards;
    bool is_qualified = false;
    bool has_same_bytes = false;
    TrialArm arm;  // of the new program and the new artifacts
  };

  bool is_interrupted() {
    is_interrupted_ = is_interrupted_ || setup_.is_interrupted();
    return is_interrupted_;
  }

  // Those that nobody asked for are still told.
  void leave_out_metrics() {
    const std::set<std::string>& wanted = setup_.rules.metrics;
    if (wanted.empty()) return;
    for (RerunFinding& finding : report_.findings) {
      if (!wanted.contains(finding.metric)) finding.outcome = FindingOutcome::kToldOnly;
    }
    const bool is_timed = std::any_of(wanted.begin(), wanted.end(), is_timed_metric);
    if (!is_timed) report_.dirt.clear();
  }

  std::filesystem::path folder() const { return setup_.work / "reruns" / report_.sweep; }

  // Everything that makes the answer another one than the baseline's.
  std::vector<std::string> differences() const {
    std::vector<std::string> all;
    const auto add = [&](const char* what, const std::string& found, const std::string& wanted) {
      if (found != wanted)
        all.push_back(fmt::format("{}: found {}, want {}", what, quote(found), quote(wanted)));
    };
    const Provenance& then = baseline_.provenance;
    const Provenance& now = setup_.provenance;
    add("host", now.host.value_or(""), then.host.value_or(""));
    add("CPU", now.cpu.value_or(""), then.cpu.value_or(""));
    add("device", setup_.description.device, baseline_.runner.row.device);
    add("model", setup_.model.hash, baseline_.model.hash);
    add("contract", hash_of(setup_.model.contract), hash_of(baseline_.model.contract));
    const auto add_count = [&](const char* what, std::optional<int> found, int wanted) {
      if (found) add(what, std::to_string(*found), std::to_string(wanted));
    };
    add_count("prompt tokens", setup_.workload.prompt_tokens, baseline_.prompt_tokens);
    add_count("decode tokens", setup_.workload.decode_tokens, baseline_.decode_tokens);
    for (const BaselineSplit& split : baseline_.splits)
      add_count("context", setup_.workload.context, split.shape.context);
    return all;
  }

  Result<void> check_identity() {
    const std::vector<std::string> all = differences();
    is_other_ = !all.empty();
    if (!is_other_ || setup_.is_cross_host) return {};
    return invalid_input(fmt::format(
        "baseline {} is of something else: {}: --cross-host compares ratios to the control alone",
        quote(baseline_.name), fmt::join(all, "; ")));
  }

  void choose_form() {
    const std::optional<std::string> altered = altered_artifact();
    if (is_other_) {
      weak_because(
          "the baseline is of another machine, model or workload, and only ratios compare");
    } else if (!setup_.start_old) {
      weak_because(setup_.why_not_old);
    } else if (altered) {
      weak_because(*altered);
    } else {
      report_.form = RerunForm::kStrong;
    }
  }

  // That a shard of the baseline is not there any more, or is not what it was.
  std::optional<std::string> altered_artifact() const {
    for (const BaselineShard& shard : baseline_.shards) {
      const Result<Artifact> artifact =
          read_artifact(baseline_artifacts(setup_.folder) / hash_of(shard.identity));
      if (!artifact) return "the baseline's artifacts: " + artifact.error().message;
      if (artifact->content_hash != shard.content_hash)
        return fmt::format("the baseline's {} is not what it was",
                           display_name(shard.identity.kind));
    }
    return std::nullopt;
  }

  void weak_because(const std::string& reason) {
    report_.form = RerunForm::kWeak;
    report_.form_reason = reason;
  }

  Json spec() const {
    Json splits = Json::array();
    for (const BaselineSplit& split : baseline_.splits) splits.push_back(split.name);
    const Conditions conditions = conditions_of(setup_.description, options(0));
    return {{"kind", "rerun"},
            {"baseline", baseline_.name},
            {"baseline_id", to_text(baseline_.id)},
            {"model_hash", setup_.model.hash},
            {"contract_hash", hash_of(setup_.model.contract)},
            {"builder_version", kBuilderVersion},
            {"runner", conditions.runner},
            {"options_hash", conditions.options_hash},
            {"program", setup_.program_hash},
            {"form", to_text(report_.form)},
            {"splits", std::move(splits)},
            {"prompt_tokens", prompt_tokens()},
            {"decode_tokens", decode_tokens()},
            {"margin_rel", setup_.rules.margin_rel},
            {"rule_out_rel", setup_.rules.rule_out_rel},
            {"target_rel", setup_.rules.target_rel},
            {"budget_ms", setup_.rules.budget.count()},
            {"seed", setup_.rules.seed}};
  }

  // One that was cut short goes on; one that has ended is asked anew.
  Result<void> begin() {
    Result<BegunSweep> begun = begin_or_go_on(place_.store, place_.run, spec(), setup_.is_fresh);
    if (begun && begun->ended) begun = begin_or_go_on(place_.store, place_.run, spec(), true);
    if (!begun) return fail(std::move(begun).error());
    sweep_ = begun->id;
    report_.sweep = to_text(sweep_);
    std::error_code error;
    std::filesystem::create_directories(folder(), error);
    if (error)
      return unavailable(fmt::format("{}: {}", one_line(folder().string()), error.message()));
    return {};
  }

  int prompt_tokens() const {
    return setup_.workload.prompt_tokens.value_or(baseline_.prompt_tokens);
  }
  int decode_tokens() const {
    return setup_.workload.decode_tokens.value_or(baseline_.decode_tokens);
  }

  RunnerOptions options(int threads) const {
    return {.threads = threads, .residency_limit_bytes = baseline_.residency_limit_bytes};
  }

  ShardIdentity shape_of(const BaselineSplit& split) const {
    ShardIdentity shape = split.shape;
    shape.context = setup_.workload.context.value_or(shape.context);
    return shape;
  }

  GateSetup gates_of(const BaselineSplit& split) const {
    GateSetup gates{.model = setup_.model,
                    .profile = setup_.profile,
                    .shape = shape_of(split),
                    .head_shards = split.head_shards,
                    .options = options(split.threads),
                    .work = folder(),
                    .fixtures = setup_.work / "fixtures",
                    .limits = default_limits(setup_.description.device_kind),
                    .only = {},
                    .stored = StoredVerdicts::kUse,
                    .positions = baseline_.positions,
                    .prompts = baseline_.prompts,
                    .prompt_tokens = baseline_.gate_prompt_tokens,
                    .greedy_tokens = baseline_.greedy_tokens,
                    .threads = setup_.threads};
    return gates;
  }

  // The splits that are asked for, and in the weak form the one that they are compared through.
  std::vector<const BaselineSplit*> all_splits() const {
    std::vector<const BaselineSplit*> all;
    for (const BaselineSplit& split : baseline_.splits) all.push_back(&split);
    if (report_.form == RerunForm::kWeak && baseline_.control) all.push_back(&*baseline_.control);
    return all;
  }

  // Verdicts about what is built now are kept beside it and not in the store: a builder that has gone
  // wrong must not disqualify shards that were built when it was right.
  Result<void> gate() {
    Result<Store> store = Store::open(folder() / "gates.db", Access::kWrite, place_.clock);
    if (!store) return fail(std::move(store).error());
    const Result<Uuid> run = store->begin_run(
        {.command = "rerun", .arguments = {}, .seed = {}, .provenance = setup_.provenance});
    if (!run) return fail(run.error());
    for (const BaselineSplit* split : all_splits()) {
      if (is_interrupted()) return {};
      place_.progress.set_step(
          {.name = "building and gating " + split->name, .later = setup_.rules.budget});
      if (auto gated = gate(*split, *store, *run); !gated) return gated;
    }
    place_.progress.set_step({});
    return read_build_times(*store);
  }

  Result<void> gate(const BaselineSplit& then, Store& store, const Uuid& run) {
    const Result<Split> split = parse_split(then.split, setup_.model.contract.n_layers);
    if (!split) return fail(split.error());
    Result<GateWorkbench> bench = GateWorkbench::create(
        place_.runner, setup_.description, gates_of(then), store, run, place_.progress);
    if (!bench) return fail(std::move(bench).error());
    const Result<std::vector<Gated>> gated = gate_split(*bench, *split);
    if (!gated) return fail(gated.error());
    const Result<std::vector<ShardIdentity>> shards =
        shards_of(setup_.model, *split, shape_of(then), then.head_shards);
    if (!shards) return fail(shards.error());
    Now now{.then = &then, .split = *split, .shards = {}, .arm = {}};
    for (const ShardIdentity& shard : *shards) now.shards.push_back({.identity = shard});
    std::vector<NamedVerdict> others;
    for (const Gated& one : *gated) {
      const auto shard = std::find_if(now.shards.begin(), now.shards.end(), [&](const ShardNow& s) {
        return one.subject.kind == "shard" && hash_of(s.identity) == one.subject.key;
      });
      if (shard != now.shards.end()) shard->verdicts = one.verdicts;
      for (const GateVerdict& verdict : one.verdicts) {
        if (shard != now.shards.end()) continue;
        // What is said of the whole split has no part.
        others.push_back({one.subject.kind == "split" ? "" : one.subject.text, verdict});
      }
    }
    now.is_qualified = is_qualified(*gated);
    for (RerunFinding& finding : compare_gates(then.split, others))
      report_.findings.push_back(std::move(finding));
    now_.push_back(std::move(now));
    return {};
  }

  static bool is_qualified(const std::vector<Gated>& gated) {
    return std::all_of(gated.begin(), gated.end(),
                       [](const Gated& one) { return first_hindrance(one) == nullptr; });
  }

  // Of this call, and of one that was cut short before it.
  Result<void> read_build_times(const Store& store) {
    const Result<std::vector<RunRow>> runs = store.runs();
    if (!runs) return fail(runs.error());
    for (const RunRow& run : *runs) {
      const Result<std::vector<ArtifactRow>> artifacts = store.artifacts_of(run.id);
      if (!artifacts) return fail(artifacts.error());
      for (const ArtifactRow& row : *artifacts) {
        if (row.build_ns) build_ns_[hash_of(row.shard)] = *row.build_ns;
      }
    }
    return {};
  }

  // Bytes and placement of what was built, as far as it could be.
  Result<void> compare_builds() {
    bool is_weights_changed = false;
    for (Now& now : now_) {
      bool is_same = true;
      for (ShardNow& shard : now.shards) {
        const std::filesystem::path path = folder() / "artifacts" / hash_of(shard.identity);
        const Result<Artifact> artifact = read_artifact(path);
        if (!artifact) {  // its build failed, and a gate says so
          is_same = false;
          continue;
        }
        shard.content_hash = artifact->content_hash;
        shard.bytes = artifact->bytes;
        if (const auto ns = build_ns_.find(hash_of(shard.identity)); ns != build_ns_.end())
          shard.build_ns = ns->second;
        if (!std::holds_alternative<EmbeddingTable>(shard.identity.kind)) {
          const Result<Placement> placed =
              place_.runner.inspect({.artifact = path, .options = options(now.then->threads)});
          if (placed) shard.kinds = placed->kinds;
        }
        is_same = is_same && has_same_bytes(shard);
      }
      now.has_same_bytes = is_same;
      is_weights_changed = is_weights_changed || !is_same;
      std::erase_if(now.shards, [](const ShardNow& shard) {
        return shard.content_hash.empty() && shard.verdicts.empty();
      });
      for (RerunFinding& finding :
           compare_shards(now.then->split, shards_then(now), now.shards, setup_.rules.margin_rel))
        report_.findings.push_back(std::move(finding));
    }
    report_.changes = changes_between({.provenance = baseline_.provenance,
                                       .runner = baseline_.runner.row,
                                       .program_hash = baseline_.runner.program_hash,
                                       .builder_version = builder_then(),
                                       .model_hash = baseline_.model.hash},
                                      {.provenance = setup_.provenance,
                                       .runner = row_of(setup_.description),
                                       .program_hash = setup_.program_hash,
                                       .builder_version = kBuilderVersion,
                                       .model_hash = setup_.model.hash});
    if (is_weights_changed)
      report_.changes.push_back({"weights", "those of the baseline", "others"});
    return {};
  }

  int builder_then() const {
    return baseline_.shards.empty() ? kBuilderVersion
                                    : baseline_.shards.front().identity.builder_version;
  }

  std::vector<BaselineShard> shards_then(const Now& now) const {
    std::vector<BaselineShard> shards;
    for (const std::string& key : now.then->shards) {
      for (const BaselineShard& shard : baseline_.shards) {
        if (hash_of(shard.identity) == key) shards.push_back(shard);
      }
    }
    return shards;
  }

  bool has_same_bytes(const ShardNow& now) const {
    return std::any_of(
        baseline_.shards.begin(), baseline_.shards.end(), [&](const BaselineShard& then) {
          return then.identity.kind == now.identity.kind && then.content_hash == now.content_hash;
        });
  }

  // A wrong answer is never timed.
  Result<void> measure() {
    std::vector<Now*> qualified;
    for (Now& now : now_) {
      if (now.is_qualified) qualified.push_back(&now);
    }
    if (report_.form == RerunForm::kWeak) return measure_weakly(qualified);
    if (qualified.empty()) {
      report_.form = RerunForm::kNotMeasured;
      report_.form_reason = "no split passes its gates now, and a wrong answer is not timed";
      return {};
    }
    return measure_duets(qualified);
  }

  SweepSpec trial_spec(std::size_t trials) const {
    SweepSpec spec;
    spec.prompt_tokens = prompt_tokens();
    spec.decode_tokens = decode_tokens();
    spec.decodings = baseline_.decodings;
    const bool all_continue =
        can_continue(setup_.description) &&
        (report_.form != RerunForm::kStrong || can_continue(setup_.old_description));
    spec.turn_tokens = all_continue ? baseline_.turn_tokens : 0;
    spec.target_rel = setup_.rules.target_rel;
    spec.margin_rel = setup_.rules.margin_rel;
    spec.budget = setup_.rules.budget / static_cast<int>(trials);
    spec.seed = setup_.rules.seed;
    return spec;
  }

  Result<TrialArm> new_arm(const Now& now, std::string name) {
    return prepare_arm(place_.runner, setup_.description, setup_.model,
                       {.split = now.split,
                        .shape = shape_of(*now.then),
                        .head_shards = now.then->head_shards,
                        .work = folder(),
                        .options = options(now.then->threads)},
                       std::move(name), place_.progress);
  }

  Result<TrialArm> old_arm(const Now& now) const {
    const BaselineSplit& then = *now.then;
    std::string contents;
    for (const BaselineShard& shard : baseline_.shards) contents += shard.content_hash;
    const Result<std::filesystem::path> manifest =
        write_manifest(baseline_.model.hash,
                       {.split = now.split,
                        .shape = then.shape,
                        .head_shards = then.head_shards,
                        .work = folder() / "then",
                        .options = {}},
                       baseline_artifacts(setup_.folder));
    if (!manifest) return fail(manifest.error());
    return TrialArm{
        .name = kBaselineArm,
        .split_key = then.split_key,
        .content = to_hex(hash128(contents)),
        .open = {.manifest = *manifest, .artifacts = {}, .options = options(then.threads)},
        .start = setup_.start_old};
  }

  Result<TrialOutcome> run_trial_of(const std::vector<TrialArm>& arms, const SweepSpec& spec) {
    place_.progress.set_step({.name = "measuring " + arms.back().name});
    return run_trial(arms, spec, setup_.model.contract.vocab_size, setup_.start_new,
                     {place_.store, place_.run, sweep_, false, place_.clock, place_.progress,
                      setup_.is_interrupted});
  }

  // One split after the other, each beside what it was.
  Result<void> measure_duets(const std::vector<Now*>& qualified) {
    struct Duet {
      const Now* now;
      TrialOutcome outcome;
      std::vector<BlockRow> blocks;
      std::vector<SpeedTable> tables;
    };
    std::vector<Duet> duets;
    const SweepSpec spec = trial_spec(qualified.size());
    for (const Now* now : qualified) {
      if (is_interrupted()) return {};
      Result<TrialArm> arm = new_arm(*now, kNewArm);
      if (!arm) return fail(std::move(arm).error());
      const Result<TrialArm> old = old_arm(*now);
      if (!old) return fail(old.error());
      // The same bytes are the same files, so that memory and disk treat both alike.
      if (now->has_same_bytes) arm->open.manifest = old->open.manifest;
      Result<TrialOutcome> outcome = run_trial_of({*old, *arm}, spec);
      if (!outcome) return fail(std::move(outcome).error());
      if (outcome->is_interrupted) {
        is_interrupted_ = true;
        return {};
      }
      if (outcome->failed_arm) {
        if (*outcome->failed_arm == 0) {
          report_.form = RerunForm::kNotMeasured;
          report_.form_reason = "the old program cannot run: " + outcome->failure;
        } else {
          report_.findings.push_back({.split = now->then->split,
                                      .metric = "run",
                                      .outcome = FindingOutcome::kRegression,
                                      .text = outcome->failure});
        }
        continue;
      }
      Result<std::vector<BlockRow>> blocks = place_.store.blocks_of(sweep_, outcome->name);
      if (!blocks) return fail(std::move(blocks).error());
      const std::string names[] = {kBaselineArm, kTwinName, kNewArm};
      std::vector<SpeedTable> tables = speed_tables(*blocks, names);
      duets.push_back({now, *std::move(outcome), *std::move(blocks), std::move(tables)});
    }
    SpeedRules rules{.margin_rel = setup_.rules.margin_rel,
                     .rule_out_rel = setup_.rules.rule_out_rel,
                     .figures = 0,
                     .trial = setup_.rules.trial};
    for (const Duet& duet : duets) rules.figures += duet.tables.size();
    for (const Duet& duet : duets) {
      const std::string& split = duet.now->then->split;
      SpeedVerdict verdict =
          judge_speed(split, duet.tables, duet.outcome.plan, duet.outcome.noise, rules);
      take(std::move(verdict), duet.outcome);
      const BlockRow& first = duet.blocks.front();
      report_.findings.push_back(
          compare_ids(split, ids_of(first, kBaselineArm), ids_of(first, kNewArm)));
    }
    return {};
  }

  void take(SpeedVerdict verdict, const TrialOutcome& outcome) {
    for (RerunFinding& finding : verdict.findings) report_.findings.push_back(std::move(finding));
    for (std::string& dirt : verdict.dirt) report_.dirt.push_back(std::move(dirt));
    report_.blocks += outcome.blocks;
    report_.wanted_blocks += outcome.wanted_blocks;
  }

  Result<void> measure_weakly(const std::vector<Now*>& qualified) {
    const auto is_control = [&](const Now* now) {
      return baseline_.control && now->then == &*baseline_.control;
    };
    const auto control = std::find_if(qualified.begin(), qualified.end(), is_control);
    const auto not_measured = [&](const char* reason) -> Result<void> {
      report_.form = RerunForm::kNotMeasured;
      report_.form_reason += fmt::format("; not measured: {}", reason);
      return {};
    };
    if (!baseline_.control)
      return not_measured("the sweep measured no other split to compare through");
    if (control == qualified.end())
      return not_measured("the split to compare through does not pass its gates now");
    std::vector<TrialArm> arms;
    std::vector<const Now*> measured;
    Result<TrialArm> first = new_arm(**control, (*control)->then->name);
    if (!first) return fail(std::move(first).error());
    arms.push_back(*std::move(first));
    for (const Now* now : qualified) {
      if (is_control(now)) continue;
      Result<TrialArm> arm = new_arm(*now, now->then->name);
      if (!arm) return fail(std::move(arm).error());
      arms.push_back(*std::move(arm));
      measured.push_back(now);
    }
    if (measured.empty()) return not_measured("no split passes its gates now");
    const Result<TrialOutcome> outcome = run_trial_of(arms, trial_spec(1));
    if (!outcome) return fail(outcome.error());
    if (outcome->is_interrupted) {
      is_interrupted_ = true;
      return {};
    }
    if (outcome->failed_arm) {
      report_.findings.push_back({.split = arms[*outcome->failed_arm].name,
                                  .metric = "run",
                                  .outcome = FindingOutcome::kRegression,
                                  .text = outcome->failure});
      return {};
    }
    report_.blocks = outcome->blocks;
    report_.wanted_blocks = outcome->wanted_blocks;
    const Result<std::vector<BlockRow>> blocks = place_.store.blocks_of(sweep_, outcome->name);
    if (!blocks) return fail(blocks.error());
    for (std::size_t i = 0; i < measured.size(); ++i) {
      if (auto judged = judge_weakly(*measured[i], i, measured.size(), *outcome); !judged)
        return judged;
      if (!is_other_) {
        report_.findings.push_back(compare_ids(measured[i]->then->split, measured[i]->then->ids,
                                               ids_of(blocks->front(), measured[i]->then->name)));
      }
    }
    return {};
  }

  Result<void> judge_weakly(const Now& now, std::size_t place, std::size_t of,
                            const TrialOutcome& outcome) {
    const BaselineSplit& then = *now.then;
    const Result<std::vector<MeasuredRatio>> history = ratios_then(then);
    if (!history) return fail(history.error());
    RerunFinding finding{
        .split = then.split, .metric = "tok_per_s", .outcome = FindingOutcome::kInconclusive};
    const VerdictRules& rules = setup_.rules.trial;
    const double level = level_of_each(rules.level, of);
    const TrialVerdict trial = judge_trial(*outcome.fit, outcome.noise, rules);
    for (const Dirt& dirt : trial.dirt) {
      if (place == 0) report_.dirt.push_back(to_text(dirt));
    }
    finding.smallest_detectable_rel = trial.smallest_detectable_rel;
    if (history->empty()) {
      finding.text =
          fmt::format("no run has measured {} beside {}", then.name, baseline_.control->name);
      report_.findings.push_back(std::move(finding));
      return {};
    }
    const MeasuredRatio ratio = ratio_now(*outcome.fit, kFirstCandidateArm + place);
    const double change = change_against(ratio, *history);
    finding.change_rel = std::expm1(-change);
    finding.text = fmt::format("as a ratio to {}, against {} earlier {}", baseline_.control->name,
                               history->size(), history->size() == 1 ? "run" : "runs");
    const auto at_once = interval_against(ratio, *history, level);
    const auto alone = interval_against(ratio, *history, rules.equivalence_level);
    if (at_once) {
      finding.low_rel = std::expm1(-at_once->high);
      finding.high_rel = std::expm1(-at_once->low);
      const double size = std::expm1(change);
      if (at_once->low > 0 && size >= setup_.rules.margin_rel)
        finding.outcome = FindingOutcome::kRegression;
      else if (at_once->high < 0 && size <= -setup_.rules.margin_rel)
        finding.outcome = FindingOutcome::kImproved;
      else if (std::expm1(alone->high) < setup_.rules.rule_out_rel)
        finding.outcome = FindingOutcome::kSame;
    }
    if (!trial.dirt.empty()) finding.outcome = FindingOutcome::kDirty;
    report_.findings.push_back(std::move(finding));
    return {};
  }

  static MeasuredRatio ratio_now(const TwoWayFit& fit, std::size_t arm) {
    const GroupedFit levels(fit, ControlLevel::kWithItsTwin);
    MeasuredRatio ratio{.log_ratio = levels.log_ratio(arm, kControlArm)};
    if (fit.error) {
      ratio.standard_error = standard_error(fit, *fit.error, kArmAgainstTwo);
      ratio.degrees_of_freedom = fit.error->degrees_of_freedom;
    }
    return ratio;
  }

  // What earlier runs made of the split against the control: the baseline's own, and those in the store that
  // were asked the same way on the baseline's host.
  Result<std::vector<MeasuredRatio>> ratios_then(const BaselineSplit& split) const {
    std::vector<MeasuredRatio> ratios;
    std::set<Uuid> seen;
    const auto add = [&](const Store& store) -> Result<void> {
      const Result<std::vector<StoredSweep>> sweeps = store.sweeps();
      if (!sweeps) return fail(sweeps.error());
      for (const StoredSweep& sweep : *sweeps) {
        if (!sweep.ended_unix_ms || !seen.insert(sweep.id).second) continue;
        const Result<bool> counts = was_asked_alike(store, sweep);
        if (!counts) return fail(counts.error());
        if (!*counts) continue;
        if (auto added = add_ratios(store, sweep, split, ratios); !added) return added;
      }
      return {};
    };
    const Result<Store> frozen =
        Store::open(baseline_store(setup_.folder), Access::kRead, place_.clock);
    if (!frozen) return fail(frozen.error());
    if (auto added = add(*frozen); !added) return fail(std::move(added).error());
    if (auto added = add(place_.store); !added) return fail(std::move(added).error());
    return ratios;
  }

  Result<bool> was_asked_alike(const Store& store, const StoredSweep& sweep) const {
    if (sweep.id == baseline_.sweep) return true;
    if (sweep.sweep.spec.contains("kind")) return false;
    const Result<StoredSpec> stored = read_sweep_spec(sweep.sweep.spec);
    if (!stored) return false;
    const Result<std::optional<RunRow>> run = store.find_run(sweep.run);
    if (!run) return fail(run.error());
    const SweepSpec& spec = stored->spec;
    return *run && (*run)->start.provenance.host == baseline_.provenance.host &&
           (*run)->start.provenance.cpu == baseline_.provenance.cpu &&
           stored->model_hash == baseline_.model.hash &&
           stored->contract_hash == hash_of(baseline_.model.contract) &&
           stored->conditions.runner == fingerprint_of(baseline_.runner.row) &&
           stored->conditions.options_hash == baseline_.options_hash &&
           spec.prompt_tokens == baseline_.prompt_tokens &&
           spec.decode_tokens == baseline_.decode_tokens;
  }

  // Of each of its trials in which both were measured; they must be told apart from their names alone.
  Result<void> add_ratios(const Store& store, const StoredSweep& sweep, const BaselineSplit& split,
                          std::vector<MeasuredRatio>& ratios) const {
    const Result<std::vector<std::string>> trials = store.trials_of(sweep.id);
    if (!trials) return fail(trials.error());
    for (const std::string& trial : *trials) {
      const Result<std::vector<BlockRow>> blocks = store.blocks_of(sweep.id, trial);
      if (!blocks) return fail(blocks.error());
      if (const auto ratio = ratio_in(*blocks, split)) ratios.push_back(*ratio);
    }
    return {};
  }

  std::optional<MeasuredRatio> ratio_in(const std::vector<BlockRow>& blocks,
                                        const BaselineSplit& split) const {
    std::vector<std::string> arms = {baseline_.control->name, split.name};
    std::set<std::string> others;
    for (const BlockRow& block : blocks) {
      for (const CellRow& cell : block.cells) others.insert(cell.arm);
    }
    for (const std::string& arm : arms) {
      if (others.erase(arm) == 0) return std::nullopt;
    }
    arms.insert(arms.end(), others.begin(), others.end());
    std::vector<BlockCells> table;
    for (const BlockRow& block : blocks) table.push_back(cells_of(block, arms));
    const TwoWayFit fit = fit_two_way(table);
    if (static_cast<int>(fit.blocks.size()) < VerdictRules().min_blocks) return std::nullopt;
    MeasuredRatio ratio{.log_ratio = log_ratio(fit, 1, 0)};
    if (fit.error) {
      ratio.standard_error = standard_error(fit, *fit.error);
      ratio.degrees_of_freedom = fit.error->degrees_of_freedom;
    }
    return ratio;
  }

  const RerunSetup& setup_;
  const Baseline& baseline_;
  const SweepPlace& place_;
  RerunReport report_;
  Uuid sweep_{};
  bool is_other_ = false;
  bool is_interrupted_ = false;
  std::vector<Now> now_;
  std::map<std::string, std::int64_t> build_ns_;  // by identity
};

}  // namespace

std::vector<std::string> rerun_metrics() {
  std::vector<std::string> all = {"tok_per_s",       "group_ms",    "activation_ms",
                                  "anonymous_bytes", "relative_l2", "first_divergence",
                                  "bytes",           "run"};
  for (const GateName& gate : all_gates()) all.emplace_back(gate.name);
  return all;
}

Result<RerunReport> run_rerun(const RerunSetup& setup, const SweepPlace& place) {
  return RerunRun(setup, place).run();
}

}  // namespace fusesweep

#include "harness/cli/baseline_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "harness/base/bytes.h"
#include "harness/base/text.h"
#include "harness/base/utc_time.h"
#include "harness/cli/text_table.h"
#include "harness/cli/verdict_text.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

double tok_per_s(const BaselineSplit& split) { return 1000 / split.ms_per_token; }

std::string or_dash(std::string_view text) { return text.empty() ? "-" : one_line(text); }

Json bytes_json(const Result<BaselineBytes>& bytes, std::uint64_t BaselineBytes::*member) {
  return bytes ? Json((*bytes).*member) : Json(nullptr);
}

std::vector<std::string> row_of(const Baseline& baseline, const BaselineFolderFacts& facts) {
  std::vector<std::string> splits;
  std::vector<std::string> speeds;
  for (const BaselineSplit& split : baseline.splits) {
    splits.push_back(split.name);
    speeds.push_back(fmt::format("{:.2f}", tok_per_s(split)));
  }
  return {baseline.name,
          utc_time(baseline.set_unix_ms),
          cell(baseline.model.name),
          cell(fmt::format("{}", fmt::join(splits, ", "))),
          cell(fmt::format("{}", fmt::join(speeds, ", "))),
          cell(fmt::format("{} {}", baseline.runner.row.name, baseline.runner.row.version)),
          cell(baseline.provenance.host.value_or("")),
          std::string(to_text(facts.program)),
          facts.bytes ? format_bytes(facts.bytes->alone) : "-"};
}

std::string head_text(const Baseline& baseline, const BaselineFolderFacts& facts) {
  const auto line = [](std::string_view name, std::string_view value) {
    return fmt::format("{:<10} {}\n", name, value);
  };
  std::string text = line("baseline", baseline.name);
  text += line("id", to_text(baseline.id));
  text += line("set", utc_time(baseline.set_unix_ms) + " UTC");
  text += line("sweep", to_text(baseline.sweep));
  text += line("model", fmt::format("{}, hash {}, file {}", or_dash(baseline.model.name),
                                    baseline.model.hash, or_dash(baseline.model_file)));
  text += line("workload", fmt::format("{} prompt tokens, {} decoded, {} decodings, turns of {}",
                                       baseline.prompt_tokens, baseline.decode_tokens,
                                       baseline.decodings, baseline.turn_tokens));
  text += line("gates", fmt::format("{} positions of a shard, {} prompts of {} tokens, {} greedy",
                                    baseline.positions, baseline.prompts,
                                    baseline.gate_prompt_tokens, baseline.greedy_tokens));
  text += line("options", fmt::format("residency limit {}, hash {}",
                                      baseline.residency_limit_bytes
                                          ? format_bytes(*baseline.residency_limit_bytes)
                                          : "-",
                                      baseline.options_hash));
  text += line("folder", one_line(facts.folder.string()) +
                             (facts.bytes ? fmt::format(", {}, {} of it linked from nowhere else",
                                                        format_bytes(facts.bytes->all),
                                                        format_bytes(facts.bytes->alone))
                                          : std::string()));
  return text;
}

std::string runner_text(const BaselineRunner& runner, ProgramState program) {
  std::string emulated;
  for (const std::string& rule : runner.row.emulated)
    emulated += fmt::format("{} {}", emulated.empty() ? "; emulated:" : ",", one_line(rule));
  std::string text = "\nrunner\n";
  text += fmt::format("  {} {} on {} ({}), {}{}\n", or_dash(runner.row.name),
                      or_dash(runner.row.version), or_dash(runner.row.device),
                      or_dash(runner.row.device_kind), runner.row.evidence, emulated);
  text += fmt::format("  toolchain  {}\n", or_dash(runner.row.toolchain));
  text += fmt::format("  typed      {}\n", or_dash(runner.kind));
  text += fmt::format("  command   {}\n", words_text(runner));
  text += fmt::format("  program    {}{}, hash {}\n", to_text(program),
                      runner.is_copied ? ", a copy" : "", or_dash(runner.program_hash));
  return text;
}

std::string provenance_text(const Provenance& made_by) {
  std::string text = "\nmeasured by\n";
  text += fmt::format("  program    {} {}{}\n", or_dash(made_by.program_version),
                      one_line(made_by.git_revision.value_or("of no checkout")),
                      made_by.git_dirty.value_or(false) ? " with changes" : "");
  text += fmt::format("  compiler   {}, {}, {}\n", or_dash(made_by.compiler),
                      or_dash(made_by.build_type), or_dash(made_by.compiler_flags));
  text += fmt::format("  machine    {}, {}, {}, {}\n", or_dash(made_by.host.value_or("")),
                      or_dash(made_by.cpu.value_or("")), or_dash(made_by.os.value_or("")),
                      or_dash(made_by.kernel.value_or("")));
  for (const auto& [name, value] : made_by.machine.items())
    text += fmt::format("  {}: {}\n", one_line(name), one_line(to_text(value)));
  return text;
}

std::string text_of(const BaselineSplit& split) {
  std::string text = fmt::format(
      "  {}: {:.2f} tok/s, {:.3f} ms/token; split {}, T={}, context {}, {}, kv {}, {} head "
      "shard{}, {}\n",
      one_line(split.name), tok_per_s(split), split.ms_per_token, split.split, split.shape.tokens,
      split.shape.context, to_text(split.shape.encoding), to_text(split.shape.kv_form),
      split.head_shards, split.head_shards == 1 ? "" : "s",
      split.threads == 0
          ? std::string("a thread for each core")
          : fmt::format("{} thread{}", split.threads, split.threads == 1 ? "" : "s"));
  for (const std::string& shard : split.shards) text += fmt::format("    {}\n", shard);
  for (const GateVerdict& verdict : split.verdicts)
    text += "    " + verdict_text(verdict, "      ");
  if (!split.ids.empty()) text += fmt::format("    ids {}\n", fmt::join(split.ids, ","));
  return text;
}

std::string text_of(const BaselineShard& shard) {
  std::string text = fmt::format(
      "  {}: {}, {}{}\n", to_text(shard.identity.kind), hash_of(shard.identity),
      format_bytes(shard.bytes),
      shard.build_ns
          ? fmt::format(", built in {:.2f} s", static_cast<double>(*shard.build_ns) / 1e9)
          : std::string());
  text += fmt::format("    content {}\n", shard.content_hash);
  for (const PlacedKind& kind : shard.kinds) {
    text +=
        fmt::format("    {} x {} on {}{}\n", kind.count, one_line(kind.type), one_line(kind.place),
                    kind.implementation.empty() ? "" : ", " + one_line(kind.implementation));
  }
  for (const GateVerdict& verdict : shard.verdicts)
    text += "    " + verdict_text(verdict, "      ");
  return text;
}

}  // namespace

BaselineFolderFacts facts_of_folder(const Baseline& baseline, const std::filesystem::path& folder) {
  return {.folder = folder,
          .program = state_of_program(baseline, folder),
          .bytes = bytes_of_folder(folder)};
}

std::string words_text(const BaselineRunner& runner) {
  std::string text;
  for (const std::string& word : runner.words) text += ' ' + quote(word);
  return runner.kind.starts_with("--") ? text : " fusesweep" + text;
}

std::string list_text(const std::vector<ListedBaseline>& listed,
                      const std::filesystem::path& baselines) {
  if (listed.empty()) return "no baseline yet: fusesweep baseline set\n";
  std::vector<std::vector<std::string>> rows = {
      {"baseline", "set (UTC)", "model", "splits", "tok/s", "runner", "host", "program", "alone"}};
  std::string damaged;
  for (const ListedBaseline& one : listed) {
    if (one.baseline) {
      rows.push_back(row_of(*one.baseline,
                            facts_of_folder(*one.baseline, baseline_folder(baselines, one.name))));
    } else {
      damaged += fmt::format("damaged: {}\n", one.baseline.error().message);
    }
  }
  return (rows.size() > 1 ? table_text(rows) : std::string()) + damaged;
}

Json list_json(const std::vector<ListedBaseline>& listed, const std::filesystem::path& baselines) {
  Json document = json_document(kSchemaVersion);
  Json& all = document["baselines"] = Json::array();
  for (const ListedBaseline& one : listed) {
    if (!one.baseline) {
      all.push_back({{"name", one.name}, {"error", one.baseline.error().message}});
      continue;
    }
    const Baseline& baseline = *one.baseline;
    const BaselineFolderFacts facts =
        facts_of_folder(baseline, baseline_folder(baselines, one.name));
    Json splits = Json::array();
    for (const BaselineSplit& split : baseline.splits) {
      splits.push_back({{"name", split.name},
                        {"split", split.split},
                        {"ms_per_token", split.ms_per_token},
                        {"tok_per_s", tok_per_s(split)}});
    }
    all.push_back(
        {{"name", one.name},
         {"id", to_text(baseline.id)},
         {"set_unix_ms", baseline.set_unix_ms},
         {"model", baseline.model.name},
         {"splits", std::move(splits)},
         {"runner", baseline.runner.row.name},
         {"runner_version", baseline.runner.row.version},
         {"host", baseline.provenance.host ? Json(*baseline.provenance.host) : Json(nullptr)},
         {"program", to_text(facts.program)},
         {"bytes", bytes_json(facts.bytes, &BaselineBytes::all)},
         {"bytes_alone", bytes_json(facts.bytes, &BaselineBytes::alone)}});
  }
  return document;
}

std::string show_text(const Baseline& baseline, const BaselineFolderFacts& facts) {
  std::string text = head_text(baseline, facts) + runner_text(baseline.runner, facts.program) +
                     provenance_text(baseline.provenance) + "\nsplits\n";
  for (const BaselineSplit& split : baseline.splits) text += text_of(split);
  if (baseline.control) text += "\ncontrol\n" + text_of(*baseline.control);
  text += "\nshards\n";
  for (const BaselineShard& shard : baseline.shards) text += text_of(shard);
  return text;
}

Json show_json(const Baseline& baseline, const BaselineFolderFacts& facts) {
  Json document = to_json(baseline);
  document["folder"] = facts.folder.string();
  document["program"] = to_text(facts.program);
  document["bytes"] = bytes_json(facts.bytes, &BaselineBytes::all);
  document["bytes_alone"] = bytes_json(facts.bytes, &BaselineBytes::alone);
  return document;
}

}  // namespace fusesweep

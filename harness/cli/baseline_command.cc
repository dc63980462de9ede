#include "harness/cli/baseline_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/new_folder.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/baseline_contents.h"
#include "harness/cli/baseline_text.h"
#include "harness/cli/work_folder.h"
#include "results/baseline.h"
#include "results/folder_archive.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

std::filesystem::path baselines_folder(const std::optional<std::string>& typed_work) {
  return work_folder(typed_work) / "baselines";
}

bool is_taken(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::symlink_status(path, error).type() !=
         std::filesystem::file_type::not_found;
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// What was moved, in a line or in a document.
std::string moved_text(const Baseline& baseline, std::uint64_t bytes) {
  return fmt::format("{}, {}, {}", counted(baseline.splits.size(), "split"),
                     counted(baseline.shards.size(), "shard"), format_bytes(bytes));
}

Json moved_json(const Baseline& baseline, std::uint64_t bytes) {
  Json document = json_document(kSchemaVersion);
  document["name"] = baseline.name;
  document["id"] = to_text(baseline.id);
  document["splits"] = baseline.splits.size();
  document["shards"] = baseline.shards.size();
  document["bytes"] = bytes;
  return document;
}

// What an import is held to: what was typed, and what there is room for.
Result<ArchiveLimits> read_limits(const BaselineImportArguments& arguments,
                                  const std::filesystem::path& baselines) {
  const Result<std::uint64_t> typed = parse_bytes(arguments.max_bytes);
  if (!typed) return fail_with_context(typed.error(), "--max-bytes");
  ArchiveLimits limits{.max_bytes = *typed};
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(baselines, error);
  if (!error) limits.max_bytes = std::min<std::uint64_t>(limits.max_bytes, space.available);
  return limits;
}

// Under which name it comes in.
Result<std::string> read_name(const BaselineImportArguments& arguments) {
  if (arguments.name) {
    if (is_baseline_name(*arguments.name)) return *arguments.name;
    return invalid_input(
        fmt::format("--as: found {}, want the name of a baseline: letters, digits, '-', '_' and "
                    "'.', which is not the first",
                    quote(*arguments.name)));
  }
  const Result<std::string> text =
      read_first_file(arguments.file, baseline_document({}).string(), kMaxBaselineBytes);
  if (!text) return fail(text.error());
  const Result<Baseline> baseline = parse_baseline(
      *text,
      fmt::format("{}: {}", one_line(arguments.file), one_line(baseline_document({}).string())));
  if (!baseline) return fail(baseline.error());
  return baseline->name;
}

// Whoever has not been trusted leaves no program here.
Result<void> settle_program(Baseline& baseline, bool is_trusted,
                            const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::path program = baseline_program(folder);
  baseline.runner.may_start = is_trusted;
  if (!baseline.runner.is_copied) return {};
  if (is_trusted) {
    using std::filesystem::perms;
    std::filesystem::permissions(program,
                                 perms::owner_exec | perms::group_exec | perms::others_exec,
                                 std::filesystem::perm_options::add, error);
  } else {
    std::filesystem::remove_all(program.parent_path(), error);
    baseline.runner.is_copied = false;
  }
  if (error) return unavailable(fmt::format("{}: {}", one_line(program.string()), error.message()));
  return {};
}

std::string import_text(const Baseline& baseline, std::uint64_t bytes, bool had_program) {
  std::string text = fmt::format("{}: {}\n", baseline.name, moved_text(baseline, bytes));
  if (baseline.runner.may_start)
    return text + fmt::format("will be started:{}\n", words_text(baseline.runner));
  if (had_program) text += "its program was left out: --trust-program takes it in\n";
  return text + fmt::format("will not be started:{}\n", words_text(baseline.runner));
}

}  // namespace

Result<Answer> run_baseline_list(const BaselineListArguments& arguments) {
  const std::filesystem::path baselines = baselines_folder(arguments.work);
  const std::vector<ListedBaseline> listed = list_baselines(baselines);
  if (!arguments.json) return Answer(list_text(listed, baselines));
  return Answer(to_text(list_json(listed, baselines)) + '\n');
}

Result<Answer> run_baseline_show(const BaselineShowArguments& arguments) {
  const std::filesystem::path baselines = baselines_folder(arguments.work);
  const Result<Baseline> baseline = find_baseline(baselines, arguments.name);
  if (!baseline) return fail(baseline.error());
  const BaselineFolderFacts facts =
      facts_of_folder(*baseline, baseline_folder(baselines, arguments.name));
  if (!arguments.json) return Answer(show_text(*baseline, facts));
  return Answer(to_text(show_json(*baseline, facts)) + '\n');
}

Result<Answer> run_baseline_remove(const BaselineRemoveArguments& arguments) {
  const std::filesystem::path baselines = baselines_folder(arguments.work);
  // What it frees is only told: whatever is wrong with it, it goes.
  const Result<BaselineBytes> bytes =
      is_baseline_name(arguments.name) ? bytes_of_folder(baseline_folder(baselines, arguments.name))
                                       : Result<BaselineBytes>();
  if (auto removed = remove_baseline(baselines, arguments.name); !removed)
    return fail(std::move(removed).error());
  if (!arguments.json) {
    return Answer(fmt::format("removed {}{}\n", arguments.name,
                              bytes ? ": " + format_bytes(bytes->alone) + " freed" : ""));
  }
  Json document = json_document(kSchemaVersion);
  document["removed"] = arguments.name;
  document["freed_bytes"] = bytes ? Json(bytes->alone) : Json(nullptr);
  return Answer(to_text(document) + '\n');
}

Result<Answer> run_baseline_export(const BaselineExportArguments& arguments) {
  const std::filesystem::path baselines = baselines_folder(arguments.work);
  const Result<Baseline> baseline = find_baseline(baselines, arguments.name);
  if (!baseline) return fail(baseline.error());
  if (is_taken(arguments.output)) {
    return invalid_input(fmt::format("--output: {}: found a file of that name, want a new one",
                                     one_line(arguments.output)));
  }
  const std::filesystem::path folder = baseline_folder(baselines, arguments.name);
  const SystemClock clock;
  Progress progress(Progress::on_terminal(stderr), clock);
  if (auto checked = check_baseline_contents(*baseline, folder, progress); !checked)
    return fail(std::move(checked).error());
  const Result<ArchiveContents> packed = pack_folder(folder, arguments.output, progress);
  if (!packed) return fail(packed.error());
  if (!arguments.json) {
    return Answer(
        fmt::format("{}: {}\n", one_line(arguments.output), moved_text(*baseline, packed->bytes)));
  }
  Json document = moved_json(*baseline, packed->bytes);
  document["file"] = arguments.output;
  return Answer(to_text(document) + '\n');
}

Result<Answer> run_baseline_import(const BaselineImportArguments& arguments) {
  const std::filesystem::path baselines = baselines_folder(arguments.work);
  const Result<std::string> name = read_name(arguments);
  if (!name) return fail(name.error());
  const std::filesystem::path folder = baseline_folder(baselines, *name);
  Result<NewFolder> making = NewFolder::create(folder);
  if (!making) return fail(std::move(making).error());
  // Looked at only now: whoever else makes it holds the lock that we hold.
  if (is_taken(folder)) {
    return invalid_input(fmt::format("{}: found a baseline of that name, want another: --as",
                                     one_line(folder.string())));
  }
  const Result<ArchiveLimits> limits = read_limits(arguments, baselines);
  if (!limits) return fail(limits.error());
  const SystemClock clock;
  Progress progress(Progress::on_terminal(stderr), clock);
  const Result<ArchiveContents> unpacked =
      unpack_folder(arguments.file, making->path(), *limits, progress);
  if (!unpacked) return fail(unpacked.error());
  Result<Baseline> baseline = read_baseline_folder(making->path());
  if (!baseline) return fail(std::move(baseline).error());
  if (auto checked = check_baseline_contents(*baseline, making->path(), progress); !checked)
    return fail(std::move(checked).error());

  baseline->name = *name;
  const bool had_program = baseline->runner.is_copied;
  if (auto settled = settle_program(*baseline, arguments.trust_program, making->path()); !settled)
    return fail(std::move(settled).error());
  // What was read, as we write it.
  if (auto written = write_baseline(*baseline, making->path()); !written)
    return fail(std::move(written).error());
  if (auto committed = std::move(*making).commit(); !committed)
    return fail(std::move(committed).error());
  if (!arguments.json) return Answer(import_text(*baseline, unpacked->bytes, had_program));
  Json document = moved_json(*baseline, unpacked->bytes);
  document["folder"] = folder.string();
  document["may_start"] = baseline->runner.may_start;
  document["program_left_out"] = had_program && !baseline->runner.is_copied;
  document["words"] = baseline->runner.words;
  return Answer(to_text(document) + '\n');
}

}  // namespace fusesweep

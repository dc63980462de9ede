#include "harness/cli/report_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/report_files.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "reports/answer_words.h"
#include "reports/optimize_document.h"
#include "reports/optimize_words.h"
#include "reports/rerun_document.h"
#include "reports/rerun_rows.h"
#include "reports/rerun_words.h"
#include "reports/shown_text.h"
#include "reports/speculation_document.h"
#include "reports/speculation_words.h"
#include "reports/sweep_index.h"
#include "reports/sweep_json.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

struct Place {
  const Store& store;
  std::filesystem::path folder;
  std::vector<ReportFormat> formats;
  const Clock& clock;
};

Json to_json(const std::vector<std::filesystem::path>& files) {
  Json json = Json::array();
  for (const std::filesystem::path& file : files) json.push_back(file.string());
  return json;
}

std::string lines_of(const std::vector<std::filesystem::path>& files) {
  std::string text;
  for (const std::filesystem::path& file : files) text += one_line(file.string()) + '\n';
  return text;
}

// No format of a rerun is CSV.
Result<std::vector<std::filesystem::path>> write_rerun(const StoredRerun& rerun,
                                                       std::span<const ReportFormat> formats,
                                                       const Place& place) {
  const std::string name = to_text(rerun.id);
  const Document document = rerun_document(rerun.report);
  std::vector<std::filesystem::path> files;
  for (const ReportFormat format : formats) {
    if (format == ReportFormat::kJson) {
      files.push_back(place.folder / (name + extension_of(format)));
      if (auto written = write_report_file(files.back(), to_text(rerun_json(rerun.report)) + '\n');
          !written)
        return fail(std::move(written).error());
      continue;
    }
    Result<std::filesystem::path> written = write_document(document, place.folder, name, format);
    if (!written) return fail(std::move(written).error());
    files.push_back(*std::move(written));
  }
  return files;
}

// A rerun of a baseline has sentences and tables, and no figures for a spreadsheet.
Result<Answer> report_rerun(const ReportArguments& arguments, const StoredRerun& rerun,
                            const Place& place) {
  if (std::find(place.formats.begin(), place.formats.end(), ReportFormat::kCsv) !=
      place.formats.end()) {
    return invalid_input(
        "--format: found csv for the rerun of a baseline, want some of html, md, json");
  }
  const Result<std::vector<std::filesystem::path>> files = write_rerun(rerun, place.formats, place);
  if (!files) return fail(files.error());
  Answer answer;
  if (arguments.json) {
    Json json = rerun_json(rerun.report);
    json["files"] = to_json(*files);
    answer.text = to_text(json) + '\n';
    return answer;
  }
  answer.text = lines_of(*files);
  answer.remark = visible_line(headline(rerun.report)) + '\n';
  return answer;
}

Answer json_answer(Json document, const WrittenReport& written) {
  document["files"] = to_json(written.files);
  document["not_drawn"] = written.not_drawn.empty() ? Json(nullptr) : Json(written.not_drawn);
  return to_text(document) + '\n';
}

// `answer` is one line.
Answer text_answer(const std::string& answer, const WrittenReport& written) {
  Answer lines = lines_of(written.files);
  lines.remark = answer + '\n';
  if (!written.not_drawn.empty())
    lines.remark += fmt::format("without pictures: {}\n", one_line(written.not_drawn));
  return lines;
}

Result<Answer> report_optimize(const ReportArguments& arguments, const OptimizeRows& rows,
                               const Place& place) {
  const Result<WrittenReport> written =
      write_optimize_report(rows, place.folder, {.formats = place.formats}, place.clock);
  if (!written) return fail(written.error());
  return arguments.json ? json_answer(optimize_json(rows), *written)
                        : text_answer(visible_line(headline(rows.report)), *written);
}

Result<Answer> report_speculation(const ReportArguments& arguments, const SpeculationRows& rows,
                                  const Place& place) {
  const Result<WrittenReport> written =
      write_speculation_report(rows, place.folder, {.formats = place.formats}, place.clock);
  if (!written) return fail(written.error());
  return arguments.json ? json_answer(speculation_json(rows), *written)
                        : text_answer(visible_line(headline(rows.report)), *written);
}

Result<Answer> report_one(const ReportArguments& arguments, const Place& place) {
  if (arguments.sweep) {
    const Result<std::optional<OptimizeRows>> optimize =
        find_optimize(place.store, *arguments.sweep);
    if (!optimize) return fail_with_context(optimize.error(), "--sweep");
    if (*optimize) return report_optimize(arguments, **optimize, place);
    const Result<std::optional<SpeculationRows>> speculation =
        find_speculation(place.store, *arguments.sweep);
    if (!speculation) return fail_with_context(speculation.error(), "--sweep");
    if (*speculation) return report_speculation(arguments, **speculation, place);
    const Result<std::optional<StoredRerun>> rerun = find_rerun(place.store, *arguments.sweep);
    if (!rerun) return fail_with_context(rerun.error(), "--sweep");
    if (*rerun) return report_rerun(arguments, **rerun, place);
  }
  const Result<SweepRows> sweep = read_sweep(place.store, arguments.sweep);
  if (!sweep && arguments.sweep) return fail_with_context(sweep.error(), "--sweep");
  if (!sweep) return fail(sweep.error());
  const Result<WrittenReport> written =
      write_sweep_report(*sweep, place.folder, {.formats = place.formats}, place.clock);
  if (!written) return fail(written.error());
  return arguments.json ? json_answer(sweep_json(*sweep, unix_ms_of(place.clock)), *written)
                        : text_answer(one_line(headline(*sweep)), *written);
}

// Whether a page was made after its sweep had ended, so that it says all there is to say.
bool is_up_to_date(const std::filesystem::path& page, const StoredSweep& sweep) {
  if (!sweep.ended_unix_ms) return false;
  std::error_code error;
  const auto written = std::filesystem::last_write_time(page, error);
  if (error) return false;
  const auto written_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::file_clock::to_sys(written).time_since_epoch());
  return written_ms.count() > *sweep.ended_unix_ms;
}

// Those whose file is not there yet, or older.
std::vector<ReportFormat> missing_formats(const StoredSweep& sweep, const Place& place) {
  std::vector<ReportFormat> missing;
  for (const ReportFormat format : place.formats) {
    if (!is_up_to_date(place.folder / (to_text(sweep.id) + extension_of(format)), sweep))
      missing.push_back(format);
  }
  return missing;
}

// The page of each sweep that has none yet, or an older one.
Result<std::vector<std::filesystem::path>> write_pages(const StoredSweeps& sweeps,
                                                       std::span<const SweepReading> readings,
                                                       const Place& place) {
  std::vector<std::filesystem::path> files;
  for (std::size_t i = 0; i < sweeps.size(); ++i) {
    if (!readings[i].rows) continue;  // the list says why
    const std::vector<ReportFormat> missing = missing_formats(sweeps.stored(i), place);
    if (missing.empty()) continue;
    const Result<SweepRows> sweep = sweeps.sweep(i);
    if (!sweep) return fail(sweep.error());
    const Result<WrittenReport> written = write_sweep_report(
        *sweep, place.folder, {.formats = missing, .pictures = Pictures::kLeaveOut}, place.clock);
    if (!written) return fail(written.error());
    files.insert(files.end(), written->files.begin(), written->files.end());
  }
  return files;
}

// What is kept beside sweeps and has ended, with its page where that is missing: added to `files`.
class OtherPages {
 public:
  OtherPages(const Place& place, std::vector<std::filesystem::path>& files)
      : place_(place), files_(files) {}

  Result<std::vector<OtherReading>> list() {
    const Result<std::vector<StoredSweep>> all = place_.store.sweeps();
    if (!all) return fail(all.error());
    for (const StoredSweep& stored : *all) {
      if (stored.answer.is_null()) continue;
      if (auto added = add(stored, kind_of(stored.sweep)); !added)
        return fail(std::move(added).error());
    }
    return std::move(readings_);
  }

 private:
  using Files = Result<std::vector<std::filesystem::path>>;

  // Without pictures, and without pages of others, which are written by themselves.
  template <typename Rows>
  auto with_request(Result<WrittenReport> (*write)(const Rows&, const std::filesystem::path&,
                                                   const ReportRequest&, const Clock&)) const {
    return [this, write](const Rows& rows, const std::vector<ReportFormat>& formats) -> Files {
      const Result<WrittenReport> written =
          write(rows, place_.folder,
                {.formats = formats, .pictures = Pictures::kLeaveOut, .writes_linked = false},
                place_.clock);
      if (!written) return fail(written.error());
      return written->files;
    };
  }

  Result<void> add(const StoredSweep& stored, const std::string& kind) {
    if (kind == "optimize") {
      return add(stored, kind, optimize_rows(place_.store, stored),
                 with_request(write_optimize_report));
    }
    if (kind == "speculate") {
      return add(stored, kind, speculation_rows(place_.store, stored),
                 with_request(write_speculation_report));
    }
    if (kind != "rerun") return {};
    const auto write = [this](const StoredRerun& rerun, std::vector<ReportFormat> formats) {
      std::erase(formats, ReportFormat::kCsv);
      return write_rerun(rerun, formats, place_);
    };
    return add(stored, kind, stored_rerun(stored), write);
  }

  // One that cannot be read is listed and has no page.
  template <typename Rows, typename Write>
  Result<void> add(const StoredSweep& stored, const std::string& kind, const Result<Rows>& rows,
                   const Write& write) {
    OtherReading& reading =
        readings_.emplace_back(OtherReading{.id = stored.id,
                                            .kind = kind,
                                            .started_unix_ms = stored.started_unix_ms,
                                            .headline = std::string()});
    if (!rows) {
      reading.headline = fail(rows.error());
      return {};
    }
    reading.model = rows->report.model;
    reading.runner = rows->report.runner;
    reading.headline = headline(rows->report);
    const std::vector<ReportFormat> missing = missing_formats(stored, place_);
    if (missing.empty()) return {};
    const Files written = write(*rows, missing);
    if (!written) return fail(written.error());
    files_.insert(files_.end(), written->begin(), written->end());
    return {};
  }

  const Place& place_;
  std::vector<std::filesystem::path>& files_;
  std::vector<OtherReading> readings_;
};

Result<Answer> report_all(const ReportArguments& arguments, const Place& place) {
  const Result<StoredSweeps> sweeps = StoredSweeps::read(place.store);
  if (!sweeps) return fail(sweeps.error());
  std::vector<SweepReading> readings;
  for (std::size_t i = 0; i < sweeps->size(); ++i)
    readings.push_back({sweeps->stored(i).id, sweeps->answer(i)});
  Result<std::vector<std::filesystem::path>> pages = write_pages(*sweeps, readings, place);
  if (!pages) return fail(std::move(pages).error());
  const Result<std::vector<OtherReading>> others = OtherPages(place, *pages).list();
  if (!others) return fail(others.error());
  std::vector<std::filesystem::path> lists;
  for (const ReportFormat format : place.formats) {
    if (format != ReportFormat::kHtml && format != ReportFormat::kMarkdown) continue;
    const Document list =
        sweep_index(readings, extension_of(format), unix_ms_of(place.clock), *others);
    Result<std::filesystem::path> written = write_document(list, place.folder, "index", format);
    if (!written) return fail(std::move(written).error());
    lists.push_back(*std::move(written));
  }
  Answer answer;
  if (arguments.json) {
    Json document = json_document(kSchemaVersion);
    Json& listed = document["sweeps"] = Json::array();
    for (const SweepReading& reading : readings) {
      listed.push_back(
          {{"sweep", to_text(reading.id)},
           {"started_unix_ms", reading.rows ? Json(reading.rows->started_unix_ms) : Json(nullptr)},
           {"outcome", reading.rows ? Json(to_text(outcome_of(*reading.rows))) : Json(nullptr)},
           {"headline", reading.rows ? Json(headline(*reading.rows)) : Json(nullptr)},
           {"error", reading.rows ? Json(nullptr) : Json(reading.rows.error().message)}});
    }
    Json& beside = document["others"] = Json::array();
    for (const OtherReading& other : *others) {
      beside.push_back(
          {{"id", to_text(other.id)},
           {"kind", other.kind},
           {"started_unix_ms", other.started_unix_ms},
           {"headline", other.headline ? Json(*other.headline) : Json(nullptr)},
           {"error", other.headline ? Json(nullptr) : Json(other.headline.error().message)}});
    }
    document["index"] = to_json(lists);
    document["files"] = to_json(*pages);
    answer.text = to_text(document) + '\n';
    return answer;
  }
  answer.text = lines_of(lists);
  answer.remark =
      fmt::format("{}, {} beside them, {} written\n", count_text(readings.size(), "sweep"),
                  count_text(others->size(), "search, rerun or speculation",
                             "searches, reruns and speculations"),
                  count_text(pages->size(), "page"));
  return answer;
}

}  // namespace

Result<Answer> run_report(const ReportArguments& arguments) {
  if (arguments.all && arguments.sweep)
    return invalid_input("found both --all and --sweep, want one of them");
  Result<std::vector<ReportFormat>> formats = parse_report_formats(arguments.format);
  if (!formats) return fail_with_context(std::move(formats).error(), "--format");
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  const std::filesystem::path folder =
      arguments.output ? std::filesystem::path(*arguments.output) : work / "reports";
  const SystemClock clock;
  const Result<Store> store = Store::open(database_file(work), Access::kRead, clock);
  if (!store) return fail(store.error());
  const Result<FolderLock> at_work = enter_work_folder(work);
  if (!at_work) return fail(at_work.error());
  const Place place{*store, folder, *std::move(formats), clock};
  return arguments.all ? report_all(arguments, place) : report_one(arguments, place);
}

}  // namespace fusesweep

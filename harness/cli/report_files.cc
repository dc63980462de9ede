#include "harness/cli/report_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/new_file.h"
#include "harness/base/text.h"
#include "reports/html_page.h"
#include "reports/markdown_page.h"
#include "reports/optimize_csv.h"
#include "reports/optimize_document.h"
#include "reports/segments_plot.h"
#include "reports/speculation_csv.h"
#include "reports/speculation_document.h"
#include "reports/speculation_plot.h"
#include "reports/sweep_csv.h"
#include "reports/sweep_document.h"
#include "reports/sweep_json.h"
#include "reports/sweep_pictures.h"

namespace fusesweep {
namespace {

constexpr std::pair<std::string_view, ReportFormat> kFormats[] = {{"html", ReportFormat::kHtml},
                                                                  {"md", ReportFormat::kMarkdown},
                                                                  {"csv", ReportFormat::kCsv},
                                                                  {"json", ReportFormat::kJson}};

Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(folder.string()), error.message()));
  return {};
}

std::string text_of(const SweepRows& sweep, ReportFormat format, std::int64_t created_unix_ms,
                    const DrawnPictures& pictures) {
  switch (format) {
    case ReportFormat::kHtml:
      return html_page(sweep_document(sweep, created_unix_ms), pictures.drawn);
    case ReportFormat::kMarkdown:
      return markdown_page(sweep_document(sweep, created_unix_ms));
    case ReportFormat::kCsv:
      return to_csv(sweep_csv(sweep));
    case ReportFormat::kJson:
      return to_text(sweep_json(sweep, created_unix_ms)) + '\n';
  }
  FUSESWEEP_UNREACHABLE();
}

std::string text_of(const OptimizeRows& rows, ReportFormat format, std::int64_t created_unix_ms,
                    const DrawnPictures& pictures) {
  switch (format) {
    case ReportFormat::kHtml:
      return html_page(optimize_document(rows, extension_of(format), created_unix_ms),
                       pictures.drawn);
    case ReportFormat::kMarkdown:
      return markdown_page(optimize_document(rows, extension_of(format), created_unix_ms));
    case ReportFormat::kCsv:
      return to_csv(segments_csv(rows.report));
    case ReportFormat::kJson:
      return to_text(optimize_json(rows)) + '\n';
  }
  FUSESWEEP_UNREACHABLE();
}

std::string text_of(const SpeculationRows& rows, ReportFormat format, std::int64_t created_unix_ms,
                    const DrawnPictures& pictures) {
  switch (format) {
    case ReportFormat::kHtml:
      return html_page(speculation_document(rows, created_unix_ms), pictures.drawn);
    case ReportFormat::kMarkdown:
      return markdown_page(speculation_document(rows, created_unix_ms));
    case ReportFormat::kCsv:
      return to_csv(speculation_csv(rows.report));
    case ReportFormat::kJson:
      return to_text(speculation_json(rows)) + '\n';
  }
  FUSESWEEP_UNREACHABLE();
}

bool wants_pictures(const ReportRequest& request) {
  return request.pictures == Pictures::kDraw &&
         std::find(request.formats.begin(), request.formats.end(), ReportFormat::kHtml) !=
             request.formats.end();
}

// FOLDER/<id>.html and so on, of rows that text_of() knows.
template <typename Rows>
Result<WrittenReport> write_each(const Rows& rows, const std::filesystem::path& folder,
                                 const ReportRequest& request, const Clock& clock,
                                 const DrawnPictures& pictures) {
  WrittenReport written{.not_drawn = pictures.not_drawn};
  for (const ReportFormat format : request.formats) {
    std::filesystem::path path = folder / (to_text(rows.id) + extension_of(format));
    if (auto done = write_new_file(path, text_of(rows, format, unix_ms_of(clock), pictures)); !done)
      return fail(std::move(done).error());
    written.files.push_back(std::move(path));
  }
  return written;
}

}  // namespace

Result<std::vector<ReportFormat>> parse_report_formats(std::string_view text) {
  std::vector<ReportFormat> formats;
  for (const std::string_view asked : split_text(text, ',')) {
    const auto known = std::find_if(std::begin(kFormats), std::end(kFormats),
                                    [&](const auto& format) { return format.first == asked; });
    if (known == std::end(kFormats))
      return invalid_input(fmt::format("found {}, want some of html, md, csv, json", quote(asked)));
    if (std::find(formats.begin(), formats.end(), known->second) == formats.end())
      formats.push_back(known->second);
  }
  return formats;
}

std::string extension_of(ReportFormat format) {
  for (const auto& [name, known] : kFormats) {
    if (known == format) return fmt::format(".{}", name);
  }
  FUSESWEEP_UNREACHABLE();
}

std::string report_lines(const WrittenReport& written) {
  std::string text;
  for (const std::filesystem::path& file : written.files)
    text += fmt::format("report: {}\n", one_line(file.string()));
  if (!written.not_drawn.empty())
    text += fmt::format("report: without pictures: {}\n", one_line(written.not_drawn));
  return text;
}

Result<WrittenReport> write_sweep_report(const SweepRows& sweep,
                                         const std::filesystem::path& folder,
                                         const ReportRequest& request, const Clock& clock) {
  if (auto made = make_folder(folder); !made) return fail(std::move(made).error());
  DrawnPictures pictures;
  if (wants_pictures(request)) pictures = draw_pictures(sweep);
  return write_each(sweep, folder, request, clock, pictures);
}

Result<WrittenReport> write_optimize_report(const OptimizeRows& rows,
                                            const std::filesystem::path& folder,
                                            const ReportRequest& request, const Clock& clock) {
  if (auto made = make_folder(folder); !made) return fail(std::move(made).error());
  DrawnPictures pictures;
  if (wants_pictures(request)) pictures = draw_pictures({segments_plot(rows.report)});
  Result<WrittenReport> written = write_each(rows, folder, request, clock, pictures);
  if (!written || !rows.verification || !request.writes_linked) return written;
  ReportRequest beside{.formats = {}, .pictures = request.pictures};
  for (const ReportFormat format : request.formats) {
    if (format == ReportFormat::kHtml || format == ReportFormat::kMarkdown)
      beside.formats.push_back(format);
  }
  Result<WrittenReport> linked = write_sweep_report(*rows.verification, folder, beside, clock);
  if (!linked) return linked;
  for (std::filesystem::path& file : linked->files) written->files.push_back(std::move(file));
  return written;
}

Result<WrittenReport> write_speculation_report(const SpeculationRows& rows,
                                               const std::filesystem::path& folder,
                                               const ReportRequest& request, const Clock& clock) {
  if (auto made = make_folder(folder); !made) return fail(std::move(made).error());
  DrawnPictures pictures;
  if (wants_pictures(request)) pictures = draw_pictures({speculation_plot(rows.report)});
  return write_each(rows, folder, request, clock, pictures);
}

Result<std::filesystem::path> write_document(const Document& document,
                                             const std::filesystem::path& folder,
                                             std::string_view name, ReportFormat format) {
  if (auto made = make_folder(folder); !made) return fail(std::move(made).error());
  std::filesystem::path path = folder / (std::string(name) + extension_of(format));
  const std::string text =
      format == ReportFormat::kHtml ? html_page(document, {}) : markdown_page(document);
  if (auto done = write_new_file(path, text); !done) return fail(std::move(done).error());
  return path;
}

Result<void> write_report_file(const std::filesystem::path& path, const std::string& text) {
  if (auto made = make_folder(path.parent_path()); !made) return fail(std::move(made).error());
  return write_new_file(path, text);
}

std::int64_t unix_ms_of(const Clock& clock) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.wall_now().time_since_epoch())
      .count();
}

}  // namespace fusesweep

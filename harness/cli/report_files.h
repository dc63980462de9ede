// Reports as files: what `sweep` writes at its end and `report` when it is asked.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/result.h"
#include "reports/document.h"
#include "reports/optimize_rows.h"
#include "reports/speculation_rows.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

enum class ReportFormat { kHtml, kMarkdown, kCsv, kJson };

// "html,md"; the error says what was found and wanted, the caller adds where.
Result<std::vector<ReportFormat>> parse_report_formats(std::string_view text);

std::string extension_of(ReportFormat format);  // ".html"

enum class Pictures { kDraw, kLeaveOut };

struct ReportRequest {
  std::vector<ReportFormat> formats;
  Pictures pictures = Pictures::kDraw;  // of HTML
  bool writes_linked = true;            // pages of others, to which this one leads
};

struct WrittenReport {
  std::vector<std::filesystem::path> files;  // in the order of the formats
  std::string not_drawn;                     // why a page has no pictures; empty: it has them
};

// "report: FILE" for each, and why one has no pictures: what a command says at its end.
std::string report_lines(const WrittenReport& written);

// FOLDER/<id of the sweep>.html and so on; the folder is made. A file appears whole or not at all.
// Errors: what cannot be written. No gnuplot is none: the page then does without pictures.
Result<WrittenReport> write_sweep_report(const SweepRows& sweep,
                                         const std::filesystem::path& folder,
                                         const ReportRequest& request, const Clock& clock);

// The same of a search for the fastest split; its CSV has a row a segment. With a page or Markdown the sweep that
// verified it gets its own, to which they lead: behind the others in `files`.
Result<WrittenReport> write_optimize_report(const OptimizeRows& rows,
                                            const std::filesystem::path& folder,
                                            const ReportRequest& request, const Clock& clock);

// The same of speculative decoding; its CSV has a row a verifier.
Result<WrittenReport> write_speculation_report(const SpeculationRows& rows,
                                               const std::filesystem::path& folder,
                                               const ReportRequest& request, const Clock& clock);

// FOLDER/NAME of a document, in formats that have one: HTML and Markdown.
Result<std::filesystem::path> write_document(const Document& document,
                                             const std::filesystem::path& folder,
                                             std::string_view name, ReportFormat format);

// Any text; the folder is made. The file appears whole or not at all, in place of one that was there.
Result<void> write_report_file(const std::filesystem::path& path, const std::string& text);

std::int64_t unix_ms_of(const Clock& clock);

}  // namespace fusesweep

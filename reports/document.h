// A report before it has a format: a title, what is known at a glance, sections of sentences, facts and
// tables. sweep_document.h makes one, html_page.h and markdown_page.h write it: both say the same.
// Texts are as they came from outside, or shown_text.h's; whoever writes them escapes for the place.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fusesweep {

// How a text is to be seen; words say the same, so that nobody needs the colours.
enum class Tone { kPlain, kGood, kBad, kUnsure, kRecorded, kEmulated };

// A figure and its interval, on the scale that all of its column share.
struct RangeMark {
  double low = 0;
  double middle = 0;
  double high = 0;
  double scale_low = 0;
  double scale_high = 1;
};

struct TableCell {
  std::string text;
  std::optional<double> value;  // to sort by, of a number
  Tone tone = Tone::kPlain;
  std::optional<RangeMark> mark;  // drawn beside the text, where there are pictures
  std::string link;               // a file beside this one; empty: none
};

struct TableColumn {
  std::string title;
  bool is_number = false;
};

struct DocumentTable {
  std::string id;  // "splits": of the page's own making
  std::string caption;
  std::vector<TableColumn> columns;  // the first names the row
  std::vector<std::vector<TableCell>> rows;
  bool is_detail = false;  // long, or for who doubts: folded where that can be
};

struct DocumentFact {
  std::string name;
  std::string value;
};

struct DocumentSection {
  std::string id;
  std::string title;
  std::vector<std::string> sentences;  // a paragraph each
  std::vector<DocumentFact> facts;
  std::vector<DocumentTable> tables;
  std::vector<std::string> pictures;  // names of plots
};

struct DocumentBadge {
  std::string text;
  Tone tone = Tone::kPlain;
};

struct KeyFigure {
  std::string label;
  std::string value;
  std::string unit;
  std::string note;
};

struct Document {
  std::string kind;      // "sweep report"
  std::string subject;   // "nano on cpu"
  std::string headline;  // the answer
  Tone tone = Tone::kPlain;
  std::vector<DocumentBadge> badges;
  std::vector<std::string> lead;  // by how much, how sure
  std::vector<KeyFigure> figures;
  std::vector<DocumentSection> sections;
  std::vector<std::string> footer;
};

}  // namespace fusesweep

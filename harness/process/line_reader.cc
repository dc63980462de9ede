#include "harness/process/line_reader.h"

#include <algorithm>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kKeptLines = 40;
constexpr std::size_t kKeptLineBytes = 4096;
constexpr std::size_t kShownBytes = 300;

}  // namespace

std::optional<std::string> LineReader::next() {
  while (true) {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end == std::string::npos) {
      if (skipping_) {
        buffer_.clear();
        begin_ = 0;
      } else if (begin_ > 0) {
        buffer_.erase(0, begin_);
        begin_ = 0;
      }
      scanned_ = buffer_.size();
      return std::nullopt;
    }
    std::string line = buffer_.substr(begin_, end - begin_);
    begin_ = scanned_ = end + 1;
    if (!skipping_) return line;
    skipping_ = false;
  }
}

void LineReader::skip_line() {
  buffer_.clear();
  begin_ = scanned_ = 0;
  skipping_ = true;
}

void LogTail::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (ended_) lines_.emplace_back();
    if (lines_.size() > kKeptLines) lines_.pop_front();
    std::string& line = lines_.back();
    line += piece.substr(0, kKeptLineBytes - std::min(kKeptLineBytes, line.size()));
    ended_ = end != std::string_view::npos;
    bytes.remove_prefix(ended_ ? end + 1 : bytes.size());
  }
}

std::string LogTail::last_line() const {
  const auto line = std::find_if(lines_.rbegin(), lines_.rend(), [](const std::string& text) {
    return text.find_first_not_of(" \t\r") != std::string::npos;
  });
  return line == lines_.rend() ? std::string() : one_line(line->substr(0, kShownBytes));
}

}  // namespace fusesweep

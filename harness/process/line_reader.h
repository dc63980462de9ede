// Lines out of bytes that arrive in pieces, and the last lines of a log.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace fusesweep {

class LineReader {
 public:
  explicit LineReader(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  void append(std::string_view bytes) { buffer_ += bytes; }

  // The next whole line, without its newline, or nothing yet.
  std::optional<std::string> next();

  // The line that has begun is longer than max_bytes. Nothing more should be appended then, or
  // skip_line called.
  bool too_long() const { return buffer_.size() - begin_ > max_bytes_; }

  // Forgets the line that has begun; the rest of it is passed over when it arrives.
  void skip_line();

  // What arrived of a line that has not ended.
  std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }

 private:
  std::size_t max_bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;    // of the line that is not returned yet
  std::size_t scanned_ = 0;  // up to here there is no newline
  bool skipping_ = false;
};

// The last lines of what a child writes on stderr. Bounded, whatever it writes.
class LogTail {
 public:
  void append(std::string_view bytes);

  // The last line that is not blank, printable and cut to be read; empty where there is none.
  std::string last_line() const;

 private:
  std::deque<std::string> lines_;  // the last one may not have ended
  bool ended_ = true;
};

}  // namespace fusesweep

#include "harness/process/line_child.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace fusesweep {
namespace {

constexpr std::chrono::milliseconds kLookAtMemoryEvery{50};
constexpr std::size_t kReadBytes = 64 << 10;

// What a descriptor that does not block has to give now; nothing at its end and when it is empty.
struct Bytes {
  std::string text;
  bool end = false;
};

Bytes read_some(int fd) {
  std::array<char, kReadBytes> buffer;
  const ssize_t n = read(fd, buffer.data(), buffer.size());
  if (n > 0) return {std::string(buffer.data(), static_cast<std::size_t>(n))};
  const bool later = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return {{}, !later};
}

}  // namespace

LineChild::LineChild(ChildProcess process, std::optional<std::uint64_t> memory_limit_bytes)
    : process_(std::move(process)),
      memory_limit_bytes_(memory_limit_bytes),
      lines_(kMaxLineBytes) {}

Result<LineChild> LineChild::start(const ChildCommand& command) {
  Result<ChildProcess> process = ChildProcess::start(command.arguments, command.folder);
  if (!process) return fail(std::move(process).error());
  return LineChild(*std::move(process), command.memory_limit_bytes);
}

void LineChild::send(std::string_view line) {
  pending_ += line;
  pending_ += '\n';
}

void LineChild::write_pending() {
  const std::ptrdiff_t written =
      write_quietly(process_.input().get(), std::string_view(pending_).substr(written_));
  if (written > 0) written_ += static_cast<std::size_t>(written);
  const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  const bool deaf = written < 0 && !later;  // what it still says may tell why
  if (deaf) process_.input().close();
  if (deaf || written_ == pending_.size()) {
    pending_.clear();
    written_ = 0;
  }
}

void LineChild::read_log() {
  const Bytes bytes = read_some(process_.errors().get());
  log_.append(bytes.text);
  if (bytes.end) process_.errors().close();
}

LineChild::Event LineChild::next(Deadline deadline) {
  auto look_at_memory = std::chrono::steady_clock::now();
  while (true) {
    if (std::optional<std::string> line = lines_.next()) return {Got::kLine, *std::move(line)};
    if (lines_.too_long()) return {Got::kTooLong, std::string(lines_.rest().substr(0, 256))};
    if (pending_.empty() && closing_) process_.input().close();

    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return {Got::kTimeOut, {}};
    auto until = deadline;
    if (memory_limit_bytes_) {
      if (now >= look_at_memory) {
        if (process_.resident_bytes().value_or(0) > *memory_limit_bytes_)
          return {Got::kTooMuchMemory, {}};
        look_at_memory = now + kLookAtMemoryEvery;
      }
      until = std::min(until, look_at_memory);
    }

    std::array<pollfd, 3> ends{
        {{.fd = process_.output().get(), .events = POLLIN},
         {.fd = process_.errors().get(), .events = POLLIN},
         {.fd = pending_.empty() ? -1 : process_.input().get(), .events = POLLOUT}}};
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    constexpr std::int64_t kMostMs = 1 << 30;
    poll(ends.data(), ends.size(), static_cast<int>(std::min<std::int64_t>(wait, kMostMs)));
    if (ends[2].revents != 0) write_pending();
    if (ends[1].revents != 0) read_log();
    if (ends[0].revents != 0) {
      const Bytes bytes = read_some(process_.output().get());
      if (bytes.end) return {Got::kEnd, std::string(lines_.rest())};
      lines_.append(bytes.text);
    }
  }
}

LineChild::Ending LineChild::end(std::chrono::milliseconds grace) {
  process_.input().close();
  Ending ending{.status = process_.end(grace), .words = "was killed"};
  // All of it is gone, so what it said is in the pipe.
  constexpr int kMostReads = 64;
  for (int i = 0; i < kMostReads && process_.errors().get() >= 0; ++i) read_log();
  if (ending.status) ending.words = describe_end(*ending.status);
  if (const std::string word = log_.last_line(); !word.empty())
    ending.words += fmt::format(", last word on stderr: {}", word);
  return ending;
}

}  // namespace fusesweep

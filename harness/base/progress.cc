#include "harness/base/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace fusesweep {
namespace {

constexpr std::chrono::milliseconds kRedrawEvery{200};
constexpr int kColumnsWhenUnknown = 80;

std::string clock_text(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  if (seconds >= 3600)
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

std::string counted(std::uint64_t done, std::uint64_t total) {
  return total > 0 ? fmt::format(" {}/{}", std::min(done, total), total) : std::string();
}

std::optional<std::chrono::nanoseconds> time_left(std::uint64_t done, std::uint64_t total,
                                                  std::chrono::nanoseconds elapsed) {
  if (done == 0 || done >= total) return std::nullopt;
  constexpr double kMostNs = 1e18;  // thirty years; the sum of all stays an int64
  const double per_step_ns = static_cast<double>(elapsed.count()) / static_cast<double>(done);
  const double left_ns = std::min(kMostNs, per_step_ns * static_cast<double>(total - done));
  return std::chrono::nanoseconds(static_cast<std::int64_t>(left_ns));
}

int terminal_columns(int fd) {
  winsize size{};
  const bool known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kColumnsWhenUnknown;
}

}  // namespace

std::string progress_line(const ProgressState& state) {
  const ProgressStep& step = state.step;
  std::string line;
  if (!step.name.empty()) line = step.name + counted(step.done, step.total) + ": ";
  line += state.stage + counted(state.done, state.total);
  if (!state.item.empty()) line += ' ' + state.item;
  line += fmt::format("  elapsed {}", clock_text(state.elapsed));
  const auto left = step.name.empty() ? time_left(state.done, state.total, state.elapsed)
                                      : time_left(step.done, step.total, state.step_elapsed);
  if (left) line += fmt::format("  remaining {}", clock_text(*left + step.later));
  return line;
}

Progress::Draw Progress::on_terminal(std::FILE* stream) {
  const int fd = fileno(stream);
  if (fd < 0 || isatty(fd) == 0) return {};
  return [stream, fd](const ProgressState* state) {
    const std::string line = state != nullptr ? progress_line(*state) : std::string();
    // One column stays free: a full line makes some terminals wrap.
    const auto shown =
        std::string_view(line).substr(0, static_cast<std::size_t>(terminal_columns(fd) - 1));
    std::fputs(fmt::format("\r{}\x1b[K", shown).c_str(), stream);
    std::fflush(stream);
  };
}

Progress::Progress(Draw draw, const Clock& clock)
    : draw_(std::move(draw)), clock_(clock), begun_(clock.steady_now()), step_begun_(begun_) {
  if (!draw_) return;
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      redraw();
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, kRedrawEvery, [] { return false; });
    }
  });
}

Progress::~Progress() {
  if (!draw_) return;
  thread_.request_stop();
  thread_.join();
  draw_(nullptr);
}

void Progress::begin_stage(std::string stage, std::uint64_t total) {
  const std::scoped_lock lock(mutex_);
  state_ = {.stage = std::move(stage), .total = total, .step = std::move(state_.step)};
  done_.store(0, std::memory_order_relaxed);
  begun_ = clock_.steady_now();
}

void Progress::set_step(ProgressStep step) {
  const std::scoped_lock lock(mutex_);
  if (step.total != state_.step.total) step_begun_ = clock_.steady_now();
  state_.step = std::move(step);
}

void Progress::set_item(std::string item) {
  const std::scoped_lock lock(mutex_);
  state_.item = std::move(item);
}

void Progress::redraw() {
  if (!draw_) return;
  const std::scoped_lock drawing(drawing_);
  ProgressState state;
  {
    const std::scoped_lock lock(mutex_);
    state = state_;
    state.done = done_.load(std::memory_order_relaxed);
    state.elapsed = clock_.steady_now() - begun_;
    state.step_elapsed = clock_.steady_now() - step_begun_;
  }
  if (!state.stage.empty()) draw_(&state);
}

}  // namespace fusesweep

#include "runners/stack/stack_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "harness/base/fp16.h"
#include "harness/base/text.h"
#include "runners/model/npy.h"
#include "runners/stack/run_counters.h"

namespace fusesweep {
namespace {

constexpr std::size_t kEmbed = 0;  // in the list of timed groups, before the session's own
constexpr std::size_t kHost = 1;
constexpr std::size_t kHostGroups = 2;
constexpr int kMaxTimedCalls = 10'000'000;

std::size_t size_of(int n) { return static_cast<std::size_t>(n); }

std::span<const std::uint16_t> halves(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const std::uint16_t*>(bytes.data()), bytes.size() / 2};
}

// "0_16.npy", "head.npy", "head_0_100032.npy".
std::string file_name(const std::string& group) {
  std::string name;
  for (const char c : group) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (name.ends_with('_')) name.pop_back();
  return name + ".npy";
}

// A call with inputs of no meaning, for first calls and for timing a group by itself.
void fill_with_pattern(std::span<std::uint16_t> x) {
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = float_to_fp16((static_cast<float>(i * 37 % 64) - 31.5F) / 32);
}

}  // namespace

StackSession::StackSession(const Stack& stack, StackSetup setup)
    : contract_(stack.contract), setup_(std::move(setup)) {}

Result<Opened> StackSession::open(const Stack& stack, StackSetup setup, Progress& progress) {
  const int warmup_calls = setup.options.warmup_calls;
  std::unique_ptr<StackSession> session(new StackSession(stack, std::move(setup)));
  Opened opened;
  const std::int64_t begin = session->now();
  if (auto loaded = session->load(stack, opened.groups, progress); !loaded)
    return fail(std::move(loaded).error());
  opened.load_ns = session->now() - begin;
  for (std::size_t group = 0; group < session->groups_.size(); ++group) {
    const std::int64_t called = session->now();
    if (auto done = session->call_alone(group); !done) return fail(std::move(done).error());
    opened.groups[group].activation_ns = session->now() - called;
    for (int i = 0; i < warmup_calls; ++i) {
      if (auto done = session->call_alone(group); !done) return fail(std::move(done).error());
    }
  }
  opened.session = std::move(session);
  return opened;
}

std::int64_t StackSession::now() const { return clock_.steady_now().time_since_epoch().count(); }

Result<StackSession::Shard> StackSession::load_shard(const StackedShard& shard) const {
  Result<LoadedShard> loaded = setup_.load(shard);
  if (!loaded) return fail(std::move(loaded).error());
  const Result<PortPlan> ports =
      plan_ports(loaded->ports, shard.kind, contract_, one_line(shard.package.string()));
  if (!ports) return fail(ports.error());
  return Shard{*ports, std::move(loaded->executor)};
}

Result<void> StackSession::load(const Stack& stack, std::vector<GroupLoad>& loads,
                                Progress& progress) {
  if (stack.shards.empty()) return invalid_input("found no shard, want at least one");
  progress.begin_stage("loading shards", stack.shards.size());
  int context = 0;
  for (const StackedShard& shard : stack.shards) {
    const bool is_head = std::holds_alternative<HeadSlice>(shard.kind);
    const std::string name = is_head ? "head" : to_text(std::get<Segment>(shard.kind));
    progress.set_item(name);
    const std::int64_t begin = now();
    Result<Shard> loaded = load_shard(shard);
    if (!loaded) return fail(std::move(loaded).error());
    const std::int64_t load_ns = now() - begin;
    const PortPlan& ports = loaded->ports;
    const int tokens = groups_.empty() ? ports.tokens : tokens_of_call();
    if (ports.tokens != tokens || (!is_head && context != 0 && ports.context != context)) {
      return invalid_input(fmt::format(
          "{}: found {} tokens a call and {} positions, want {} and {} as in the first",
          one_line(shard.package.string()), ports.tokens, ports.context, tokens, context));
    }
    if (!is_head) context = ports.context;
    if (groups_.empty() || groups_.back().name != name) {
      groups_.push_back({.name = name});
      loads.push_back({.group = name, .load_ns = 0});
    }
    *loads.back().load_ns += load_ns;
    if (is_head) column_.resize(std::max(column_.size(), ports.rows));
    groups_.back().shards.push_back(*std::move(loaded));
    progress.advance();
  }
  const int tokens = tokens_of_call();
  host_.emplace(contract_, tokens, context);
  x_.resize(size_of(contract_.d_model) * size_of(tokens));
  if (stack.embedding.empty()) return {};
  Result<MappedFile> table = MappedFile::open(stack.embedding);
  if (!table) return fail(std::move(table).error());
  const std::uint64_t bytes = 2 * static_cast<std::uint64_t>(contract_.vocab_size) *
                              static_cast<std::uint64_t>(contract_.d_model);
  if (table->bytes().size() != bytes) {
    return invalid_input(fmt::format("{}: found {} bytes, want {}",
                                     one_line(stack.embedding.string()), table->bytes().size(),
                                     bytes));
  }
  embedding_ = *std::move(table);
  return {};
}

Result<void> StackSession::reset() {
  ended_.reset();
  holds_tokens_ = false;
  for (Group& group : groups_) {
    for (Shard& shard : group.shards) {
      if (auto done = shard.executor->reset(); !done)
        return fail_with_context(std::move(done).error(), group.name);
    }
  }
  return {};
}

Result<void> StackSession::check_ids(std::span<const int> ids) const {
  if (!embedding_) return invalid_input("found ids, want a manifest, which has the embeddings");
  if (ids.empty()) return invalid_input("found no ids, want at least one");
  for (const int id : ids) {
    if (id < 0 || id >= contract_.vocab_size)
      return invalid_input(
          fmt::format("found the id {}, want 0 to {}", id, contract_.vocab_size - 1));
  }
  return {};
}

// The slice form writes the whole call's rows, padding too.
Result<void> StackSession::check_room(std::size_t positions) const {
  std::size_t needed = positions;
  for (const Group& group : groups_) {
    const PortPlan& ports = group.shards.front().ports;
    if (!ports.is_head && ports.kv_form == KvForm::kSlice)
      needed = std::max(needed, positions - 1 + size_of(ports.tokens));
  }
  if (needed <= size_of(host_->context())) return {};
  return invalid_input(
      fmt::format("found {} positions, want at most {} of the cache", needed, host_->context()));
}

// x is fp16 [d_model, tokens].
Result<void> StackSession::call_group(std::size_t index, std::span<const std::uint16_t> x) {
  Group& group = groups_[index];
  for (Shard& shard : group.shards) {
    std::memcpy(shard.executor->port(shard.ports.input()).data(), x.data(), x.size_bytes());
    if (auto done = shard.executor->run(); !done)
      return fail_with_context(std::move(done).error(), group.name);
  }
  wait_injected(group.name);
  return {};
}

int StackSession::tokens_of_call() const { return groups_.front().shards.front().ports.tokens; }

void StackSession::wait_injected(const std::string& group) const {
  const auto inject = setup_.options.inject_ns.find(group);
  if (inject == setup_.options.inject_ns.end()) return;
  const std::int64_t end = now() + inject->second;
  while (now() < end) {
  }
}

std::span<const std::uint16_t> StackSession::hidden_of(std::size_t group) {
  return halves(groups_[group].shards.front().executor->port("hidden"));
}

void StackSession::feed_alone(std::size_t group) {
  fill_with_pattern(x_);
  if (groups_[group].shards.front().ports.is_head) return;
  host_->prepare({.position = 0, .count = 1});
  for (Shard& shard : groups_[group].shards) host_->feed(*shard.executor, shard.ports.kv_form);
}

Result<void> StackSession::call_alone(std::size_t group) {
  feed_alone(group);
  return call_group(group, x_);
}

Result<std::vector<std::int64_t>> StackSession::time(const TimeRequest& request) {
  const auto group = std::find_if(groups_.begin(), groups_.end(),
                                  [&](const Group& g) { return g.name == request.group; });
  if (group == groups_.end()) {
    std::string names;
    for (const Group& known : groups_) names += (names.empty() ? "" : ", ") + known.name;
    return invalid_input(
        fmt::format("group: found {}, want one of {}", quote(request.group), names));
  }
  if (request.calls < 1 || request.calls > kMaxTimedCalls) {
    return invalid_input(
        fmt::format("calls: found {}, want 1 to {}", request.calls, kMaxTimedCalls));
  }
  const auto index = static_cast<std::size_t>(group - groups_.begin());
  // What calls alone have written is at position 0, and is written again. Clearing the caches would bring
  // them nearer to the processor than a decode finds them.
  if (holds_tokens_) {
    if (auto done = reset(); !done) return fail(std::move(done).error());
  }
  std::vector<std::int64_t> calls_ns;
  calls_ns.reserve(size_of(request.calls));
  // The inputs stay; what is timed is the group's work.
  feed_alone(index);
  for (int i = 0; i < setup_.options.warmup_calls; ++i) {
    if (auto done = call_group(index, x_); !done) return fail(std::move(done).error());
  }
  for (int i = 0; i < request.calls; ++i) {
    const std::int64_t begin = now();
    if (auto done = call_group(index, x_); !done) return fail(std::move(done).error());
    calls_ns.push_back(now() - begin);
  }
  return calls_ns;
}

Result<int> StackSession::step(std::span<const int> ids, int position,
                               std::span<std::int64_t> group_ns) {
  std::int64_t before = now();
  const auto lap = [&](std::size_t group) {
    const std::int64_t after = now();
    group_ns[group] += after - before;
    before = after;
  };
  const std::size_t tokens = size_of(host_->tokens());
  const std::size_t d_model = size_of(contract_.d_model);
  const std::span<const std::uint16_t> table = halves(embedding_->bytes());
  for (std::size_t t = 0; t < tokens; ++t) {
    const std::uint16_t* row = &table[size_of(ids[std::min(t, ids.size() - 1)]) * d_model];
    for (std::size_t i = 0; i < d_model; ++i) x_[i * tokens + t] = row[i];
  }
  wait_injected("embed");
  lap(kEmbed);

  host_->prepare({.position = position, .count = static_cast<int>(ids.size())});
  for (Group& group : groups_) {
    for (Shard& shard : group.shards) {
      if (!shard.ports.is_head) host_->feed(*shard.executor, shard.ports.kv_form);
    }
  }
  wait_injected("host");
  lap(kHost);

  std::span<const std::uint16_t> x = x_;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (auto done = call_group(i, x); !done) return fail(std::move(done).error());
    if (!groups_[i].shards.front().ports.is_head) x = hidden_of(i);
    lap(kHostGroups + i);
  }

  // Of the last token, over all slices; the first of equals.
  int best = 0;
  std::uint16_t best_logit = 0;
  int first_id = 0;
  const std::size_t last = ids.size() - 1;
  for (Shard& slice : groups_.back().shards) {
    std::span<const std::uint16_t> logits = halves(slice.executor->port("logits"));
    if (tokens > 1) {
      for (std::size_t row = 0; row < slice.ports.rows; ++row)
        column_[row] = logits[row * tokens + last];
      logits = std::span(column_).first(slice.ports.rows);
    }
    const int id = greedy_id(logits);
    const std::uint16_t pair[] = {best_logit, logits[size_of(id)]};
    if (first_id == 0 || greedy_id(pair) == 1) {
      best = first_id + id;
      best_logit = logits[size_of(id)];
    }
    first_id += static_cast<int>(slice.ports.rows);
  }
  lap(kHost);
  return best;
}

Result<int> StackSession::prefill(std::span<const int> prompt, DecodeResult& result) {
  if (auto done = reset(); !done) return fail(std::move(done).error());
  holds_tokens_ = true;
  const RunCounters before = setup_.counters();
  const std::int64_t begin = now();
  const std::size_t tokens = size_of(host_->tokens());
  result.prefill_group_ns.resize(result.groups.size());
  int next = 0;
  for (std::size_t at = 0; at < prompt.size(); at += tokens) {
    const Result<int> id = step(prompt.subspan(at, std::min(tokens, prompt.size() - at)),
                                static_cast<int>(at), result.prefill_group_ns);
    if (!id) return id;
    next = *id;
  }
  result.prefill_ns = now() - begin;
  result.ids.push_back(next);
  result.prefill_counters = counted_between(before, setup_.counters());
  return next;
}

Result<DecodeResult> StackSession::decode(const DecodeRequest& request) {
  const bool goes_on = request.prompt.empty() && ended_;
  if (!goes_on) {
    if (auto known = check_ids(request.prompt); !known) return fail(std::move(known).error());
  }
  if (!groups_.back().shards.front().ports.is_head)
    return invalid_input("found shards without a head, want a manifest");
  if (request.decode_tokens < 0)
    return invalid_input(
        fmt::format("decode_tokens: found {}, want 0 or more", request.decode_tokens));
  const std::size_t steps = size_of(request.decode_tokens);
  Ended at = goes_on ? *ended_ : Ended{.position = static_cast<int>(request.prompt.size())};
  if (auto room = check_room(size_of(at.position) + steps); !room)
    return fail(std::move(room).error());
  DecodeResult result;
  result.groups = {"embed", "host"};
  for (const Group& group : groups_) result.groups.push_back(group.name);
  result.ids.reserve(steps + 1);
  result.token_ns.reserve(steps);
  result.group_ns.assign(steps, std::vector<std::int64_t>(result.groups.size()));
  if (!goes_on) {
    const Result<int> first = prefill(request.prompt, result);
    if (!first) return fail(first.error());
    at.id = *first;
  }

  ended_.reset();
  const RunCounters before = setup_.counters();
  for (std::size_t i = 0; i < steps; ++i) {
    if (setup_.options.stop_at_eos && at.id == contract_.eos_token_id) break;
    const std::int64_t token_begin = now();
    const Result<int> id = step({&at.id, 1}, at.position++, result.group_ns[i]);
    if (!id) return fail(id.error());
    at.id = *id;
    result.ids.push_back(at.id);
    result.token_ns.push_back(now() - token_begin);
  }
  result.group_ns.resize(result.token_ns.size());
  result.decode_counters = counted_between(before, setup_.counters());
  ended_ = at;
  return result;
}

Result<std::vector<GroupOutput>> StackSession::run(const RunRequest& request) {
  const std::size_t d_model = size_of(contract_.d_model);
  std::vector<float> values;  // [n, d_model]
  if (!request.ids.empty()) {
    if (auto known = check_ids(request.ids); !known) return fail(std::move(known).error());
    const std::span<const std::uint16_t> table = halves(embedding_->bytes());
    for (const int id : request.ids) {
      for (const std::uint16_t half : table.subspan(size_of(id) * d_model, d_model))
        values.push_back(fp16_to_float(half));
    }
  } else {
    Result<NpyArray> array = read_npy(request.hidden);
    if (!array) return fail(std::move(array).error());
    if (array->shape.size() != 2 || array->shape[0] == 0 || array->shape[1] != d_model) {
      return invalid_input(fmt::format("{}: found [{}], want [n,{}]",
                                       one_line(request.hidden.string()),
                                       fmt::join(array->shape, ","), d_model));
    }
    values = std::move(array->values);
  }
  const std::size_t n = values.size() / d_model;
  const bool head_only = groups_.front().shards.front().ports.is_head;
  if (!head_only) {
    if (auto room = check_room(n); !room) return fail(std::move(room).error());
  }
  if (auto done = reset(); !done) return fail(std::move(done).error());
  holds_tokens_ = true;
  std::vector<std::vector<float>> outputs(groups_.size());
  const std::size_t tokens = size_of(host_->tokens());
  for (std::size_t at = 0; at < n; at += tokens) {
    const std::size_t count = std::min(tokens, n - at);
    for (std::size_t t = 0; t < tokens; ++t) {
      const float* row = &values[(at + std::min(t, count - 1)) * d_model];
      for (std::size_t i = 0; i < d_model; ++i) x_[i * tokens + t] = float_to_fp16(row[i]);
    }
    if (!head_only)
      host_->prepare({.position = static_cast<int>(at), .count = static_cast<int>(count)});
    std::span<const std::uint16_t> x = x_;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (Shard& shard : groups_[g].shards) {
        if (!shard.ports.is_head) host_->feed(*shard.executor, shard.ports.kv_form);
      }
      if (auto done = call_group(g, x); !done) return fail(std::move(done).error());
      const bool is_head = groups_[g].shards.front().ports.is_head;
      for (std::size_t t = 0; t < count; ++t) {
        for (Shard& shard : groups_[g].shards) {
          const auto out = halves(shard.executor->port(shard.ports.output()));
          for (std::size_t row = 0; row < shard.ports.rows; ++row)
            outputs[g].push_back(fp16_to_float(out[row * tokens + t]));
        }
      }
      if (!is_head) x = hidden_of(g);
    }
  }
  std::vector<GroupOutput> written;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const std::filesystem::path file = request.folder / file_name(groups_[g].name);
    if (auto done = write_npy(file, {n, outputs[g].size() / n}, outputs[g]); !done)
      return fail(std::move(done).error());
    PlacementSum ran;
    for (const Shard& shard : groups_[g].shards) shard.executor->add_run(ran);
    std::optional<Placement> placement;
    if (!ran.is_empty()) placement = ran.placement(PlacementEvidence::kRun);
    written.push_back({.group = groups_[g].name,
                       .file = file,
                       .recorded = std::nullopt,
                       .placement = std::move(placement)});
  }
  return written;
}

}  // namespace fusesweep

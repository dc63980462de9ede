#include "runners/stack/stack_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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

// Adds the time since the last lap to the column of a group.
class StackSession::Laps {
 public:
  Laps(const StackSession& session, Times group_ns)
      : session_(session), group_ns_(group_ns), before_(session.now()) {}
  void end(std::size_t group) {
    const std::int64_t after = session_.now();
    group_ns_[group] += after - before_;
    before_ = after;
  }

 private:
  const StackSession& session_;
  Times group_ns_;
  std::int64_t before_;
};

StackSession::StackSession(const Stack& stack, StackSetup setup)
    : contract_(stack.contract), setup_(std::move(setup)) {}

Result<Opened> StackSession::open(const Stack& stack, StackSetup setup, Progress& progress) {
  std::unique_ptr<StackSession> session(new StackSession(stack, std::move(setup)));
  Opened opened;
  const std::int64_t begin = session->now();
  if (auto loaded = session->load(stack, opened.groups, progress); !loaded)
    return fail(std::move(loaded).error());
  opened.load_ns = session->now() - begin;
  if (auto called = session->call_first(session->main_, opened.groups); !called)
    return fail(std::move(called).error());
  if (session->verifier_) {
    if (auto called = session->call_first(*session->verifier_, opened.groups); !called)
      return fail(std::move(called).error());
  }
  opened.session = std::move(session);
  return opened;
}

std::int64_t StackSession::now() const { return clock_.steady_now().time_since_epoch().count(); }

Result<StackSession::Shard> StackSession::load_shard(const StackedShard& shard,
                                                     const ShardExecutor* states_of) const {
  Result<LoadedShard> loaded = setup_.load(shard, states_of);
  if (!loaded) return fail(std::move(loaded).error());
  const Result<PortPlan> ports =
      plan_ports(loaded->ports, shard.kind, contract_, one_line(shard.package.string()));
  if (!ports) return fail(ports.error());
  return Shard{*ports, std::move(loaded->executor)};
}

Result<void> StackSession::load(const Stack& stack, std::vector<GroupLoad>& loads,
                                Progress& progress) {
  if (stack.shards.empty()) return invalid_input("found no shard, want at least one");
  progress.begin_stage("loading shards", stack.shards.size() + stack.verifier.size());
  if (auto loaded = load_shards(stack.shards, main_, loads, progress); !loaded) return loaded;
  if (!stack.verifier.empty()) {
    verifier_.emplace();
    if (auto loaded = load_shards(stack.verifier, *verifier_, loads, progress); !loaded)
      return loaded;
    const auto is_same = [](const Group& a, const Group& b) { return a.name == b.name; };
    if (main_.tokens() != 1 || verifier_->tokens() < kLeastVerifiedTokens ||
        verifier_->tokens() > kMostVerifiedTokens ||
        main_.host->context() != verifier_->host->context() ||
        !std::equal(main_.groups.begin(), main_.groups.end(), verifier_->groups.begin(),
                    verifier_->groups.end(), is_same)) {
      return invalid_input(fmt::format(
          "speculative_verifier: found {} groups of {} tokens a call and {} positions, want {} to "
          "{} "
          "tokens, and else the {} groups and {} positions of the shards that take 1",
          verifier_->groups.size(), verifier_->tokens(), verifier_->host->context(),
          kLeastVerifiedTokens, kMostVerifiedTokens, main_.groups.size(), main_.host->context()));
    }
  }
  return load_embedding(stack.embedding);
}

Result<void> StackSession::load_shards(const std::vector<StackedShard>& shards, LoadedStack& stack,
                                       std::vector<GroupLoad>& loads, Progress& progress) {
  std::vector<Group>& groups = stack.groups;
  int context = 0;
  for (const StackedShard& shard : shards) {
    const bool is_head = std::holds_alternative<HeadSlice>(shard.kind);
    const std::string name = is_head ? "head" : to_text(std::get<Segment>(shard.kind));
    progress.set_item(name);
    // Segments of a verifier have the caches of those that take one token a call.
    const ShardExecutor* states_of = nullptr;
    if (&stack != &main_ && !is_head) {
      const auto same = std::find_if(main_.groups.begin(), main_.groups.end(),
                                     [&](const Group& group) { return group.name == name; });
      if (same == main_.groups.end()) {
        return invalid_input(
            fmt::format("{}: found a verifier's shard of {}, want the segments of the others",
                        one_line(shard.package.string()), name));
      }
      states_of = same->shards.front().executor.get();
    }
    const std::int64_t begin = now();
    Result<Shard> loaded = load_shard(shard, states_of);
    if (!loaded) return fail(std::move(loaded).error());
    const std::int64_t load_ns = now() - begin;
    const int tokens =
        groups.empty() ? loaded->ports.tokens : groups.front().shards.front().ports.tokens;
    if (loaded->ports.tokens != tokens ||
        (!is_head && context != 0 && loaded->ports.context != context)) {
      return invalid_input(
          fmt::format("{}: found {} tokens a call and {} positions, want {} and {} as in the first",
                      one_line(shard.package.string()), loaded->ports.tokens, loaded->ports.context,
                      tokens, context));
    }
    if (!is_head) context = loaded->ports.context;
    if (groups.empty() || groups.back().name != name) groups.push_back({.name = name});
    if (loads.size() < groups.size()) loads.push_back({.group = name, .load_ns = 0});
    *loads[groups.size() - 1].load_ns += load_ns;
    if (is_head) column_.resize(std::max(column_.size(), loaded->ports.rows));
    groups.back().shards.push_back(*std::move(loaded));
    progress.advance();
  }
  const int tokens = groups.front().shards.front().ports.tokens;
  stack.host.emplace(contract_, tokens, context);
  stack.x.resize(size_of(contract_.d_model) * size_of(tokens));
  return {};
}

Result<void> StackSession::load_embedding(const std::filesystem::path& path) {
  if (path.empty()) return {};
  Result<MappedFile> table = MappedFile::open(path);
  if (!table) return fail(std::move(table).error());
  const std::uint64_t bytes = 2 * static_cast<std::uint64_t>(contract_.vocab_size) *
                              static_cast<std::uint64_t>(contract_.d_model);
  if (table->bytes().size() != bytes) {
    return invalid_input(fmt::format("{}: found {} bytes, want {}", one_line(path.string()),
                                     table->bytes().size(), bytes));
  }
  embedding_ = *std::move(table);
  return {};
}

Result<void> StackSession::call_first(LoadedStack& stack, std::vector<GroupLoad>& loads) {
  for (std::size_t i = 0; i < stack.groups.size(); ++i) {
    const std::int64_t called = now();
    if (auto done = call_alone(stack, stack.groups[i]); !done) return done;
    loads[i].activation_ns = loads[i].activation_ns.value_or(0) + (now() - called);
    for (int call = 0; call < setup_.options.warmup_calls; ++call) {
      if (auto done = call_alone(stack, stack.groups[i]); !done) return done;
    }
  }
  return {};
}

Result<void> StackSession::reset() {
  ended_.reset();
  holds_tokens_ = false;
  for (LoadedStack* stack : {&main_, verifier()}) {
    if (stack == nullptr) continue;
    for (Group& group : stack->groups) {
      for (Shard& shard : group.shards) {
        if (auto done = shard.executor->reset(); !done)
          return fail_with_context(std::move(done).error(), group.name);
      }
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

bool StackSession::LoadedStack::has_room(int position, std::size_t count) const {
  const Shard& shard = groups.front().shards.front();
  const bool is_slice = !shard.ports.is_head && shard.ports.kv_form == KvForm::kSlice;
  const std::size_t written = is_slice ? size_of(shard.ports.tokens) : count;
  return size_of(position) + written <= size_of(host->context());
}

Result<void> StackSession::check_room(std::size_t positions) const {
  if (main_.has_room(static_cast<int>(positions) - 1, 1)) return {};
  const Shard& shard = main_.groups.front().shards.front();
  const std::size_t padding =
      shard.ports.kv_form == KvForm::kSlice ? size_of(shard.ports.tokens) - 1 : 0;
  return invalid_input(fmt::format("found {} positions, want at most {} of the cache",
                                   positions + padding, main_.host->context()));
}

Result<void> StackSession::check_speculation(const DecodeRequest& request) const {
  if (!request.speculation) return {};
  const auto& [ngrams, recorded, guard] = *request.speculation;
  if (ngrams.min < 1 || ngrams.max < ngrams.min || ngrams.max > kMostNgram) {
    return invalid_input(fmt::format("speculation: found n-grams of {} to {}, want 1 to {}",
                                     ngrams.min, ngrams.max, kMostNgram));
  }
  const int tokens = verifier_ ? verifier_->tokens() : main_.tokens();
  if (tokens < kLeastVerifiedTokens || tokens > kMostVerifiedTokens) {
    return invalid_input(
        fmt::format("speculation: found shards of {} tokens a call, want {} to {}, or a manifest "
                    "with a speculative_verifier",
                    tokens, kLeastVerifiedTokens, kMostVerifiedTokens));
  }
  if (recorded && !recorded->empty()) {
    if (auto known = check_ids(*recorded); !known)
      return fail_with_context(known.error(), "speculation");
  }
  if (guard && !verifier_)
    return invalid_input("speculation: found a guard, want shards that take 1 token, to decide");
  return {};
}

// x is fp16 [d_model, tokens].
Result<void> StackSession::call_group(Group& group, std::span<const std::uint16_t> x) {
  for (Shard& shard : group.shards) {
    std::memcpy(shard.executor->port(shard.ports.input()).data(), x.data(), x.size_bytes());
    if (auto done = shard.executor->run(); !done)
      return fail_with_context(std::move(done).error(), group.name);
  }
  wait_injected(group.name);
  return {};
}

void StackSession::wait_injected(const std::string& group) const {
  const auto inject = setup_.options.inject_ns.find(group);
  if (inject == setup_.options.inject_ns.end()) return;
  const std::int64_t end = now() + inject->second;
  while (now() < end) {
  }
}

void StackSession::feed_alone(LoadedStack& stack, Group& group) {
  fill_with_pattern(stack.x);
  if (group.shards.front().ports.is_head) return;
  stack.host->prepare({.position = 0, .count = 1});
  for (Shard& shard : group.shards) stack.host->feed(*shard.executor, shard.ports.kv_form);
}

Result<void> StackSession::call_alone(LoadedStack& stack, Group& group) {
  feed_alone(stack, group);
  return call_group(group, stack.x);
}

Result<std::vector<std::int64_t>> StackSession::time(const TimeRequest& request) {
  const auto group = std::find_if(main_.groups.begin(), main_.groups.end(),
                                  [&](const Group& g) { return g.name == request.group; });
  if (group == main_.groups.end()) {
    std::string names;
    for (const Group& known : main_.groups) names += (names.empty() ? "" : ", ") + known.name;
    return invalid_input(
        fmt::format("group: found {}, want one of {}", quote(request.group), names));
  }
  if (request.calls < 1 || request.calls > kMaxTimedCalls) {
    return invalid_input(
        fmt::format("calls: found {}, want 1 to {}", request.calls, kMaxTimedCalls));
  }
  // What calls alone have written is at position 0, and is written again. Clearing the caches would bring
  // them nearer to the processor than a decode finds them.
  if (holds_tokens_) {
    if (auto done = reset(); !done) return fail(std::move(done).error());
  }
  std::vector<std::int64_t> calls_ns;
  calls_ns.reserve(size_of(request.calls));
  // The inputs stay; what is timed is the group's work.
  feed_alone(main_, *group);
  for (int i = 0; i < setup_.options.warmup_calls; ++i) {
    if (auto done = call_group(*group, main_.x); !done) return fail(std::move(done).error());
  }
  for (int i = 0; i < request.calls; ++i) {
    const std::int64_t begin = now();
    if (auto done = call_group(*group, main_.x); !done) return fail(std::move(done).error());
    calls_ns.push_back(now() - begin);
  }
  return calls_ns;
}

Result<void> StackSession::call(LoadedStack& stack, std::span<const int> ids, int position,
                                Times group_ns) {
  Laps laps(*this, group_ns);
  const std::size_t tokens = size_of(stack.tokens());
  const std::size_t d_model = size_of(contract_.d_model);
  const std::span<const std::uint16_t> table = halves(embedding_->bytes());
  for (std::size_t t = 0; t < tokens; ++t) {
    const std::uint16_t* row = &table[size_of(ids[std::min(t, ids.size() - 1)]) * d_model];
    for (std::size_t i = 0; i < d_model; ++i) stack.x[i * tokens + t] = row[i];
  }
  wait_injected("embed");
  laps.end(kEmbed);

  stack.host->prepare({.position = position, .count = static_cast<int>(ids.size())});
  for (Group& group : stack.groups) {
    for (Shard& shard : group.shards) {
      if (!shard.ports.is_head) stack.host->feed(*shard.executor, shard.ports.kv_form);
    }
  }
  wait_injected("host");
  laps.end(kHost);

  std::span<const std::uint16_t> x = stack.x;
  for (std::size_t i = 0; i < stack.groups.size(); ++i) {
    Group& group = stack.groups[i];
    if (auto done = call_group(group, x); !done) return done;
    if (!group.shards.front().ports.is_head)
      x = halves(group.shards.front().executor->port("hidden"));
    laps.end(kHostGroups + i);
  }
  return {};
}

std::span<const std::uint16_t> StackSession::logits_of(LoadedStack& stack, Shard& slice,
                                                       std::size_t token) {
  const std::span<const std::uint16_t> logits = halves(slice.executor->port("logits"));
  const std::size_t tokens = size_of(stack.tokens());
  if (tokens == 1) return logits;
  for (std::size_t row = 0; row < slice.ports.rows; ++row)
    column_[row] = logits[row * tokens + token];
  return std::span(column_).first(slice.ports.rows);
}

// Over all slices; the first of equals.
int StackSession::choose(LoadedStack& stack, std::size_t token, Times group_ns) {
  Laps laps(*this, group_ns);
  int best = 0;
  std::uint16_t best_logit = 0;
  int first_id = 0;
  for (Shard& slice : stack.groups.back().shards) {
    const std::span<const std::uint16_t> logits = logits_of(stack, slice, token);
    const int id = greedy_id(logits);
    const std::uint16_t pair[] = {best_logit, logits[size_of(id)]};
    if (first_id == 0 || greedy_id(pair) == 1) {
      best = first_id + id;
      best_logit = logits[size_of(id)];
    }
    first_id += static_cast<int>(slice.ports.rows);
  }
  laps.end(kHost);
  return best;
}

double StackSession::margin_of(LoadedStack& stack, std::size_t token) {
  double best = -HUGE_VAL;
  double second = -HUGE_VAL;
  for (Shard& slice : stack.groups.back().shards) {
    for (const std::uint16_t half : logits_of(stack, slice, token)) {
      const double logit = fp16_to_float(half);
      second = std::max(second, std::min(best, logit));
      best = std::max(best, logit);
    }
  }
  return best - second;
}

Result<int> StackSession::prefill(std::span<const int> prompt, DecodeResult& result) {
  if (auto done = reset(); !done) return fail(std::move(done).error());
  holds_tokens_ = true;
  const RunCounters before = setup_.counters();
  const std::int64_t begin = now();
  result.prefill_group_ns.resize(result.groups.size());
  int next = 0;
  for (std::size_t at = 0; at < prompt.size();) {
    const auto position = static_cast<int>(at);
    const std::size_t left = prompt.size() - at;
    const bool is_many =
        verifier_ && left > 1 &&
        verifier_->has_room(position, std::min(left, size_of(verifier_->tokens())));
    LoadedStack& stack = is_many ? *verifier_ : main_;
    const std::size_t count = std::min(left, size_of(stack.tokens()));
    if (auto done = call(stack, prompt.subspan(at, count), position, result.prefill_group_ns);
        !done)
      return fail(std::move(done).error());
    at += count;
    if (at == prompt.size()) next = choose(stack, count - 1, result.prefill_group_ns);
  }
  result.prefill_ns = now() - begin;
  result.ids.push_back(next);
  result.prefill_counters = counted_between(before, setup_.counters());
  return next;
}

Result<void> StackSession::greedy_step(const Ended& at, Times group_ns) {
  if (auto done = call(main_, {&at.id, 1}, at.position, group_ns); !done) return done;
  given_.assign({choose(main_, 0, group_ns)});
  return {};
}

Draft StackSession::draft_for(const Speculation& speculation, std::size_t most) const {
  if (!speculation.recorded) return propose(text_, speculation.ngrams, most);
  const std::span<const int> recorded = *speculation.recorded;
  const std::size_t known = std::min(recorded.size(), text_.size() - prompt_size_);
  const auto next = recorded.subspan(known, std::min(most, recorded.size() - known));
  return {.ids = {next.begin(), next.end()}};
}

// What the caches hold of a position that is rejected is never seen: every mask hides positions that
// lie after a call's own, and the calls that reach this one write it first.
Result<void> StackSession::verify(const Draft& draft, const Ended& at, std::optional<double> guard,
                                  SpeculativePass& done, Times group_ns) {
  LoadedStack& stack = verifier_ ? *verifier_ : main_;
  std::vector<int> ids = {at.id};
  ids.insert(ids.end(), draft.ids.begin(), draft.ids.end());
  if (auto called = call(stack, ids, at.position, group_ns); !called) return called;
  given_.clear();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    int id = choose(stack, i, group_ns);
    if (guard && margin_of(stack, i) < *guard) {
      const int position = at.position + static_cast<int>(i);
      if (auto called = call(main_, {&ids[i], 1}, position, group_ns); !called) return called;
      id = choose(main_, 0, group_ns);
      ++done.guard_calls;
    }
    given_.push_back(id);
    if (i == draft.ids.size() || id != draft.ids[i]) break;
    ++done.accepted;
  }
  return {};
}

Result<SpeculativePass> StackSession::pass(const Speculation& speculation, const Ended& at,
                                           std::size_t most, Times group_ns) {
  SpeculativePass done;
  const LoadedStack& stack = verifier_ ? *verifier_ : main_;
  const int tokens = stack.tokens();
  done.is_fallback = at.position + tokens > stack.host->context();
  Draft draft;
  if (!done.is_fallback) {
    Laps laps(*this, group_ns);
    draft = draft_for(speculation, std::min(size_of(tokens), most) - 1);
    laps.end(group_ns.size() - 1);
  }
  done.proposed = static_cast<int>(draft.ids.size());
  done.ngram = draft.ngram;
  const Result<void> called = draft.ids.empty()
                                  ? greedy_step(at, group_ns)
                                  : verify(draft, at, speculation.guard, done, group_ns);
  if (!called) return fail(called.error());
  return done;
}

Result<DecodeResult> StackSession::decode(const DecodeRequest& request) {
  const bool goes_on = request.prompt.empty() && ended_;
  if (!goes_on) {
    if (auto known = check_ids(request.prompt); !known) return fail(std::move(known).error());
  }
  if (!main_.groups.back().shards.front().ports.is_head)
    return invalid_input("found shards without a head, want a manifest");
  if (request.decode_tokens < 0)
    return invalid_input(
        fmt::format("decode_tokens: found {}, want 0 or more", request.decode_tokens));
  if (auto fits = check_speculation(request); !fits) return fail(std::move(fits).error());
  const std::size_t tokens = size_of(request.decode_tokens);
  Ended at = goes_on ? *ended_ : Ended{.position = static_cast<int>(request.prompt.size())};
  if (auto room = check_room(size_of(at.position) + tokens); !room)
    return fail(std::move(room).error());
  DecodeResult result;
  result.groups = {"embed", "host"};
  for (const Group& group : main_.groups) result.groups.push_back(group.name);
  if (request.speculation) result.groups.emplace_back("draft");
  result.ids.reserve(tokens + 1);
  result.token_ns.reserve(tokens);
  result.group_ns.assign(tokens, std::vector<std::int64_t>(result.groups.size()));
  if (!goes_on) {
    const Result<int> first = prefill(request.prompt, result);
    if (!first) return fail(first.error());
    at.id = *first;
    text_ = request.prompt;
    prompt_size_ = text_.size();
    text_.push_back(at.id);
  }

  ended_.reset();
  const RunCounters before = setup_.counters();
  const auto is_end = [&](int id) {
    return setup_.options.stop_at_eos && id == contract_.eos_token_id;
  };
  for (std::size_t left = tokens; left > 0 && !is_end(at.id);) {
    const std::int64_t begin = now();
    std::vector<std::int64_t>& group_ns = result.group_ns[result.token_ns.size()];
    if (request.speculation) {
      Result<SpeculativePass> passed = pass(*request.speculation, at, left, group_ns);
      if (!passed) return fail(std::move(passed).error());
      const auto end = std::find_if(given_.begin(), given_.end(), is_end);
      if (end != given_.end()) given_.erase(end + 1, given_.end());
      passed->accepted = static_cast<int>(given_.size()) - 1;
      result.passes.push_back(*passed);
    } else if (auto stepped = greedy_step(at, group_ns); !stepped) {
      return fail(std::move(stepped).error());
    }
    result.ids.insert(result.ids.end(), given_.begin(), given_.end());
    text_.insert(text_.end(), given_.begin(), given_.end());
    at.id = given_.back();
    at.position += static_cast<int>(given_.size());
    left -= given_.size();
    result.token_ns.push_back(now() - begin);
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
  const bool head_only = main_.groups.front().shards.front().ports.is_head;
  if (!head_only) {
    if (auto room = check_room(n); !room) return fail(std::move(room).error());
  }
  if (auto done = reset(); !done) return fail(std::move(done).error());
  holds_tokens_ = true;
  std::vector<std::vector<float>> outputs(main_.groups.size());
  const std::size_t tokens = size_of(main_.host->tokens());
  for (std::size_t at = 0; at < n; at += tokens) {
    const std::size_t count = std::min(tokens, n - at);
    for (std::size_t t = 0; t < tokens; ++t) {
      const float* row = &values[(at + std::min(t, count - 1)) * d_model];
      for (std::size_t i = 0; i < d_model; ++i) main_.x[i * tokens + t] = float_to_fp16(row[i]);
    }
    if (!head_only)
      main_.host->prepare({.position = static_cast<int>(at), .count = static_cast<int>(count)});
    std::span<const std::uint16_t> x = main_.x;
    for (std::size_t g = 0; g < main_.groups.size(); ++g) {
      for (Shard& shard : main_.groups[g].shards) {
        if (!shard.ports.is_head) main_.host->feed(*shard.executor, shard.ports.kv_form);
      }
      if (auto done = call_group(main_.groups[g], x); !done) return fail(std::move(done).error());
      const bool is_head = main_.groups[g].shards.front().ports.is_head;
      for (std::size_t t = 0; t < count; ++t) {
        for (Shard& shard : main_.groups[g].shards) {
          const auto out = halves(shard.executor->port(shard.ports.output()));
          for (std::size_t row = 0; row < shard.ports.rows; ++row)
            outputs[g].push_back(fp16_to_float(out[row * tokens + t]));
        }
      }
      if (!is_head) x = halves(main_.groups[g].shards.front().executor->port("hidden"));
    }
  }
  std::vector<GroupOutput> written;
  for (std::size_t g = 0; g < main_.groups.size(); ++g) {
    const std::filesystem::path file = request.folder / file_name(main_.groups[g].name);
    if (auto done = write_npy(file, {n, outputs[g].size() / n}, outputs[g]); !done)
      return fail(std::move(done).error());
    PlacementSum ran;
    for (const Shard& shard : main_.groups[g].shards) shard.executor->add_run(ran);
    std::optional<Placement> placement;
    if (!ran.is_empty()) placement = ran.placement(PlacementEvidence::kRun);
    written.push_back({.group = main_.groups[g].name,
                       .file = file,
                       .recorded = std::nullopt,
                       .placement = std::move(placement)});
  }
  return written;
}

}  // namespace fusesweep

// What a sweep's answer says of what somebody expected. A pure function of both.
//
// "Confirmed" and "refuted" are said only of what the sweep shows: of a difference in tok/s or ms per token when
// the simultaneous 99.9 % intervals against the control leave no doubt (the control's is 0; two that do not
// overlap differ), of other times, and of a figure against a number, when Student's t interval at 99.9 % over
// at least 6 blocks does. Everything else is undecided, with the reason. What others recorded decides
// nothing about speed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/hypothesis.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

enum class Judged { kConfirmed, kRefuted, kUndecided };

std::string_view to_text(Judged judged);  // "confirmed", "refuted", "undecided"

struct Judgement {
  Judged judged = Judged::kUndecided;
  std::string reason;  // has names and reasons from outside: to be escaped where it is written
};

Judgement judge(const Hypothesis& hypothesis, const SweepRows& sweep);

struct JudgedHypothesis {
  Hypothesis hypothesis;
  Judgement judgement;
};

std::vector<JudgedHypothesis> judge_all(std::span<const Hypothesis> hypotheses,
                                        const SweepRows& sweep);

// What contradicts what was meant, a sentence each without its full stop: refuted hypotheses, shards that answered
// otherwise than length alone explains, splits that are out without anybody having expected it, dirt.
std::vector<std::string> surprises_of(std::span<const JudgedHypothesis> judged,
                                      const SweepRows& sweep);

}  // namespace fusesweep

// `fusesweep journal`: what is to be found out, written down before it is measured; afterwards, what came of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// As they were typed.
struct JournalBeginArguments {
  std::string name;
  std::optional<std::string> intent;
  std::vector<std::string> hypotheses;
  std::optional<std::string> setup;
  std::optional<std::string> stop_rule;
  std::optional<std::string> file;
  std::optional<std::string> work;
  bool json = false;
};

struct JournalEndArguments {
  std::string name;
  std::optional<std::string> sweep;
  std::optional<std::string> lesson;
  std::optional<std::string> next;
  std::optional<std::string> work;
  bool json = false;
};

struct JournalListArguments {
  std::optional<std::string> work;
  bool json = false;
};

struct JournalShowArguments {
  std::string name;
  std::optional<std::string> work;
  bool json = false;
};

Result<Answer> run_journal_begin(const JournalBeginArguments& arguments,
                                 const Invocation& invocation);
Result<Answer> run_journal_end(const JournalEndArguments& arguments, const Invocation& invocation);
Result<Answer> run_journal_list(const JournalListArguments& arguments);
Result<Answer> run_journal_show(const JournalShowArguments& arguments);

}  // namespace fusesweep

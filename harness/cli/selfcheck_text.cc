#include "harness/cli/selfcheck_text.h"

#include <fmt/format.h>

#include <optional>

#include "reports/shown_text.h"

namespace fusesweep {
namespace {

std::string percent(const std::optional<double>& share) {
  return share ? share_text(*share) : std::string("-");
}

std::string delay(double injected_rel) {
  return injected_rel > 0 ? fmt::format("+{:.2f} %", 100 * injected_rel) : std::string("none");
}

std::string share_of(const TrialRate& rate) {
  return rate.trials > 0 ? fmt::format("{:.0f} %", 100.0 * rate.count / rate.trials)
                         : std::string("-");
}

// "4 of 200 (0.5 to 5.0 %)"
std::string with_bounds(const TrialRate& rate) {
  return fmt::format("{} of {} ({:.1f} to {:.1f} %)", rate.count, rate.trials, 100 * rate.low,
                     100 * rate.high);
}

std::string banks_of(const SelfcheckFigures& figures) {
  std::string text = fmt::format("{:<14} {:>6} {:>8} {:>9} {:>9} {:>8} {:>8}\n", "bank", "blocks",
                                 "s/block", "noise", "levels", "drift", "steal");
  for (const SelfcheckBank& bank : figures.banks) {
    text += fmt::format("{:<14} {:>6} {:>8.2f} {:>9} {:>9} {:>8} {:>8}\n", bank.condition,
                        bank.blocks, bank.block_s, percent(bank.cell_sd), percent(bank.block_sd),
                        percent(bank.drift_rel), percent(bank.steal_rel));
  }
  return text +
         "noise: standard deviation of a process about its block; levels: that of the blocks\n";
}

std::string trials_of(const SelfcheckFigures& figures) {
  std::string text =
      fmt::format("{:<14} {:<5} {:>4} {:>6} {:>8}  {:<25} {:>10} {:>12} {:>6} {:>9}\n", "trials",
                  "", "s", "blocks", "delay", "slower (bounds, 95 %)", "equivalent", "inconclusive",
                  "dirty", "would see");
  for (const SelfcheckTrials& trials : figures.trials) {
    text += fmt::format("{:<14} {:<5} {:>4.0f} {:>6.1f} {:>8}  {:<25} {:>10} {:>12} {:>6} {:>9}\n",
                        trials.condition, trials.is_physical ? "run" : "cut", trials.seconds,
                        trials.blocks, delay(trials.injected_rel), with_bounds(trials.slower),
                        share_of(trials.equivalent), share_of(trials.inconclusive),
                        share_of(trials.dirty), percent(trials.smallest_detectable_rel));
  }
  return text;
}

std::string reruns_of(const SelfcheckFigures& figures) {
  if (figures.reruns.empty()) return {};
  std::string text =
      fmt::format("{:<20} {:>4} {:>6} {:>8}  {:<25} {:<27} {:>6}\n", "reruns", "s", "blocks",
                  "delay", "regressions", "only the delayed group", "dirty");
  for (const SelfcheckReruns& reruns : figures.reruns) {
    text += fmt::format(
        "{:<20} {:>4.0f} {:>6.1f} {:>8}  {:<25} {:<27} {:>6}\n", reruns.condition, reruns.seconds,
        reruns.blocks, delay(reruns.injected_rel), with_bounds(reruns.regressions),
        reruns.injected_rel > 0 ? with_bounds(reruns.right_group) : "-", share_of(reruns.dirty));
  }
  return text + '\n';
}

std::string wolf_of(const SelfcheckFigures& figures) {
  std::string text;
  for (const SelfcheckTrials& trials : figures.trials) {
    if (trials.injected_rel > 0) continue;
    TrialRate wolf = trials.faster;
    wolf.count += trials.slower.count;
    text += fmt::format("cried wolf between equal arms, {}, {} trials of {:.0f} s: {} of {}\n",
                        trials.condition, trials.is_physical ? "run" : "cut", trials.seconds,
                        wolf.count, wolf.trials);
  }
  return text;
}

std::string smallest_of(const SelfcheckFigures& figures) {
  std::string text;
  for (const SelfcheckSmallest& smallest : figures.smallest) {
    text += fmt::format(
        "smallest delay found in 95 % of trials of {:.0f} s, {}: {}\n", smallest.seconds,
        smallest.condition,
        smallest.injected_rel ? percent(smallest.injected_rel) : std::string("above 50 %"));
  }
  return text;
}

}  // namespace

std::string selfcheck_table(const SelfcheckFigures& figures) {
  return banks_of(figures) + '\n' + trials_of(figures) +
         "cut: from the bank, and so with blocks in common; run: measured as trials of their "
         "own\n\n" +
         reruns_of(figures) + wolf_of(figures) + smallest_of(figures);
}

}  // namespace fusesweep

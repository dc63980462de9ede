#include <cstdio>

#include "harness/plan/sweep_plan.h"
#include "topologies/family.h"

int main() {
  fusesweep::SplitSet splits;
  if (!splits.add(*fusesweep::parse_family("all", 32))) return 1;
  const fusesweep::SweepPlan plan = fusesweep::plan_sweep(splits, {});
  std::printf("%s splits of 32 layers, %zu segments\n", plan.split_count.str().c_str(),
              plan.shards.size());
  return 0;
}

// Runs ML Programs one operation after the other, in the plainest way there is: every tensor is a
// list of floats, rounded to fp16 after each operation whose type is fp16. It shares nothing with
// the code that builds or executes shards but the program itself, and stands for whoever else reads
// our packages.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runners/mlprogram/package.h"

namespace fusesweep {

struct Tensor {
  std::vector<std::uint64_t> shape;
  std::vector<float> values;
};

class ProgramInterpreter {
 public:
  // The package must outlive the interpreter. States are zero.
  explicit ProgramInterpreter(const Package& package);

  // REQUIRES: every input of the program, by its shape. Gives its outputs; states are kept.
  std::map<std::string, Tensor> run(std::map<std::string, Tensor> inputs);

 private:
  void run_operation(const Operation& operation, std::map<std::string, Tensor>& scope);
  Tensor constant(const Value& value) const;

  const Package& package_;
  std::map<std::string, Tensor> states_;
  std::map<std::string, Tensor> constants_;
};

}  // namespace fusesweep

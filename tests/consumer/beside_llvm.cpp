// A program that has an LLVM of its own, and uses it before and after Moment uses its.
#include <llvm-c/Core.h>
#include <iostream>
#include <mc/mc.hpp>

static void print_module(const char* name) {
  LLVMModuleRef module = LLVMModuleCreateWithName(name);
  LLVMAddFunction(module, "f", LLVMFunctionType(LLVMDoubleType(), nullptr, 0, 0));
  char* text = LLVMPrintModuleToString(module);
  std::cout << text;
  LLVMDisposeMessage(text);
  LLVMDisposeModule(module);
}

int main() {
  print_module("before");
  auto f = mc::compile("x ~ normal(0, 1); E[exp(x)]");
  std::cout << f.estimate({.samples = 100'000, .backend = mc::Backend::llvm}) << '\n';
  try {
    (void)mc::compile("E[exp(x]");
  } catch (const mc::SyntaxError& error) {  // an exception comes across with its type
    std::cout << error.diagnostics().size() << " error\n";
  }
  print_module("after");
}

// LLVM's side of the process: one ORC session that links all kernels, and code generators to borrow. Each of
// the two is set up on first use, as machine code that comes from the disk is only linked; the session is
// alive as long as anything that it linked.
#pragma once

#include <llvm/ExecutionEngine/Orc/Core.h>
#include <llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/Support/MemoryBuffer.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/llvm/codegen.hpp"

namespace mc::jit {

class Session : public std::enable_shared_from_this<Session> {
 public:
  /// The process's one. Throws Error where LLVM cannot be set up, and tries again at the next call.
  static std::shared_ptr<Session> get();

  /// A code generator serves one compile at a time, so there come to be as many as there were compiles at
  /// once. One that is not given back, as its compile failed half-way, is simply gone.
  std::unique_ptr<CodeGenerator> borrow();
  void give_back(std::unique_ptr<CodeGenerator> generator);

  /// An object file in executable memory, until this is destroyed.
  class Linked {
   public:
    Linked(std::shared_ptr<Session> session, llvm::orc::JITDylib& library)
        : session_(std::move(session)), library_(library) {}
    ~Linked();
    Linked(const Linked&) = delete;
    Linked& operator=(const Linked&) = delete;
    void* address() const { return address_; }
    std::size_t bytes() const { return bytes_; }  ///< of the symbol, where gdb is shown it

   private:
    friend class Session;
    std::shared_ptr<Session> session_;
    llvm::orc::JITDylib& library_;
    void* address_ = nullptr;
    std::size_t bytes_ = 0;
    bool stays_ = false;
  };
  /// Shown to gdb, it stays where it is until the process ends: LLVM could not tell gdb that it has gone.
  std::unique_ptr<Linked> link(std::unique_ptr<llvm::MemoryBuffer> object, const std::string& symbol,
                               bool show = false);

 private:
  Session();
  void tell_gdb();

  std::unique_ptr<llvm::orc::ExecutionSession> orc_;
  std::unique_ptr<llvm::orc::ObjectLinkingLayer> linker_;
  llvm::orc::JITDylib* runtime_ = nullptr;  ///< what generated code may call
  std::atomic<unsigned> links_ = 0;
  std::once_flag telling_gdb_;
  std::mutex mutex_;  ///< of builder_ and idle_
  std::optional<llvm::orc::JITTargetMachineBuilder> builder_;
  std::vector<std::unique_ptr<CodeGenerator>> idle_;
};

}  // namespace mc::jit

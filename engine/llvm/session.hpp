// LLVM's side of the process: one ORC session that links all kernels, and target machines to lend. Set up on first use,
// alive as long as anything that it linked.
#pragma once

#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Target/TargetMachine.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace mc::jit {

class Session : public std::enable_shared_from_this<Session> {
 public:
  /// The process's one. Throws Error, and again at the next call, where LLVM cannot be set up.
  static std::shared_ptr<Session> get();

  /// A target machine serves one compile at a time; it goes back to the session when the loan ends.
  class Loan {
   public:
    Loan(Session& session, std::unique_ptr<llvm::TargetMachine> machine) : session_(session), machine_(std::move(machine)) {}
    ~Loan();
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    llvm::TargetMachine& operator*() const { return *machine_; }
    llvm::TargetMachine* operator->() const { return machine_.get(); }

   private:
    Session& session_;
    std::unique_ptr<llvm::TargetMachine> machine_;
  };
  Loan borrow_machine();

  /// An object file in executable memory until this is destroyed.
  class Linked {
   public:
    Linked(std::shared_ptr<Session> session, llvm::orc::JITDylib& library)
        : session_(std::move(session)), library_(library) {}
    ~Linked();
    Linked(const Linked&) = delete;
    Linked& operator=(const Linked&) = delete;
    void* address() const { return address_; }

   private:
    friend class Session;
    std::shared_ptr<Session> session_;
    llvm::orc::JITDylib& library_;
    void* address_ = nullptr;
  };
  std::unique_ptr<Linked> link(std::unique_ptr<llvm::MemoryBuffer> object, const char* symbol);

 private:
  Session();

  llvm::orc::JITTargetMachineBuilder builder_;
  std::unique_ptr<llvm::orc::LLJIT> jit_;
  llvm::orc::JITDylib* runtime_ = nullptr;  ///< what generated code may call
  std::atomic<unsigned> links_ = 0;
  std::mutex mutex_;  ///< of machines_
  std::vector<std::unique_ptr<llvm::TargetMachine>> machines_;
};

}  // namespace mc::jit

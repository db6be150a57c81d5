// What the fuzz targets do with one input, so that the ordinary tests can do it too. What is returned is what
// is wrong: empty, unless there is a finding.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace mc::fuzz {

/// The bytes are a text: lexed, parsed, checked, compiled and, if it is a program, run on a few samples; what
/// is wrong with it is printed. Nothing of that may crash, hang, leak or take more than the limits allow.
std::string parser_finding(std::span<const std::uint8_t> bytes);

/// The bytes grow a program, which interpreter and machine code of every width run: bits may not differ.
std::string program_finding(std::span<const std::uint8_t> bytes);

}  // namespace mc::fuzz

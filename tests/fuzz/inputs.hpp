// What the fuzz targets do with one input, so that the ordinary tests can do it too. What is returned is what
// is wrong: empty, unless there is a finding.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <mc/mc.hpp>

namespace mc::fuzz {

/// The bytes are a text: lexed, parsed, checked, compiled and, if it is a program, run on a few samples; what
/// is wrong with it is printed. Nothing of that may crash, hang, leak or take more than the limits allow.
std::string parser_finding(std::span<const std::uint8_t> bytes);

/// The bytes grow a program, which interpreter and machine code of every width run: bits may not differ.
std::string program_finding(std::span<const std::uint8_t> bytes);

/// The bytes are a file of an array: as .npy, and as text in columns, whose first line says which. Numbers
/// that are read stand in the file, and are read again from what is written of them.
std::string array_finding(std::span<const std::uint8_t> bytes);

/// The bytes are a partial result as they stand, and before a checksum that fits: what is read is written and
/// read again, and merged.
std::string partial_finding(std::span<const std::uint8_t> bytes);

/// Of an error that the library throws: it has a diagnostic, and prints as text.
std::string wrong_with(const Error& error);

}  // namespace mc::fuzz

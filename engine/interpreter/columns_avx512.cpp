// The loops over columns for avx512.
#include "engine/interpreter/columns.inl"

const mc::interpreter::Handler* mc::interpreter::avx512_handlers() { return kHandlers; }

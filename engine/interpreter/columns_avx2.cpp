// The loops over columns for avx2.
#include "engine/interpreter/columns.inl"

const mc::interpreter::Handler* mc::interpreter::avx2_handlers() { return kHandlers; }

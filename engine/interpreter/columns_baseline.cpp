// The loops over columns for baseline.
#include "engine/interpreter/columns.inl"

const mc::interpreter::Handler* mc::interpreter::baseline_handlers() { return kHandlers; }

/* What holds for every parser and every input. Shared by the fuzzer and the property test. */
#ifndef KJ_TEST_PARSE_CHECK_H
#define KJ_TEST_PARSE_CHECK_H

#include "parse/parse.h"

/* Runs the parser with the options that the bits of `choice` pick, in an arena of its own, and looks at all it made.
   NULL when all is well, else what is not. A capped arena is well. */
const char *parse_check(const struct kj_parser *parser, unsigned choice, kj_str input);

#endif

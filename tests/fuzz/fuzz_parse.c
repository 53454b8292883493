/* All parsers: the first byte of the input picks the parser, the next two its options, the rest is the text. */
#include "parse_check.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n;
	const struct kj_parser *parsers = kj_parsers(&n);
	if (size < 3)
		return 0;
	const struct kj_parser *parser = &parsers[data[0] % n];
	unsigned choice = data[1] | (unsigned)data[2] << 8;
	const char *problem = parse_check(parser, choice, (kj_str){(const char *)data + 3, size - 3});
	if (problem) {
		fprintf(stderr, "%.*s: %s\n", KJ_FMT(parser->name), problem);
		abort();
	}
	return 0;
}

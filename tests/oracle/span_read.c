/* Prints for each line of standard input what kj_num_span and kj_num_duration make of it: "microseconds|- seconds|-". */
#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	char line[4096];
	while (fgets(line, sizeof line, stdin)) {
		kj_str text = {line, strcspn(line, "\n")};
		uint64_t span;
		int64_t seconds;
		if (kj_num_span(text, &span))
			printf("%" PRIu64, span);
		else
			putchar('-');
		if (kj_num_duration(text, &seconds))
			printf(" %" PRId64 "\n", seconds);
		else
			puts(" -");
	}
	return 0;
}
